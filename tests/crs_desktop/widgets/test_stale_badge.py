"""The badge of age: at the pace of the pulse, in its corner, gone with what it stands on."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from crs_desktop.pulse import Attention, Pulse
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from crs_desktop.widgets.stale_badge import StaleBadge

pytestmark = pytest.mark.gui


class Timer:
    def start(self, interval_ms: int) -> None:
        """Somebody else beats."""

    def stop(self) -> None:
        """Likewise."""


@pytest.fixture
def pulse() -> Pulse:
    made = Pulse(Timer())
    made.set_attention(Attention.UNFOCUSED)
    return made


def test_it_shows_and_hides_with_what_is_said_and_keeps_its_corner(qtbot: QtBot, pulse: Pulse) -> None:
    host, said = QWidget(), [NOTHING]
    qtbot.addWidget(host)
    host.resize(300, 100)
    host.show()
    badge = StaleBadge(host, lambda: said[0], pulse, right=10, top=4)
    pulse.beat()
    quiet = badge.isHidden()

    said[0] = say("stale {age}", age="4.2 s")
    pulse.beat()
    host.resize(400, 100)
    shown = badge.text(), badge.geometry().right() + 1, badge.y()
    said[0] = NOTHING
    pulse.beat()

    assert quiet
    assert shown == ("stale 4.2 s", 390, 4)
    assert badge.isHidden()


def test_a_badge_that_left_is_asked_no_more(qtbot: QtBot, pulse: Pulse) -> None:
    asked = 0

    def badge_of() -> Sentence:
        nonlocal asked
        asked += 1
        return NOTHING

    host = QWidget()
    qtbot.addWidget(host)
    host.show()
    badge = StaleBadge(host, badge_of, pulse, right=0, top=0)
    pulse.beat()
    before = asked

    badge.leave()
    badge.leave()
    pulse.beat()

    assert before > 0
    assert asked == before
