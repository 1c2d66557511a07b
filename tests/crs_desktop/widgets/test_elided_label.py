"""A label without room ends in an ellipsis, with all of it where the mouse rests."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from crs_desktop.widgets.elided_label import ElidedLabel

pytestmark = pytest.mark.gui


def test_what_has_no_room_ends_in_an_ellipsis_and_is_told_when_hovered(qtbot: QtBot) -> None:
    label = ElidedLabel("BTC/USDT · Coinbase Exchange")
    qtbot.addWidget(label)
    label.resize(label.sizeHint().width() + 8, 24)
    label.show()
    label.grab()
    whole = label.shown, label.toolTip()
    label.resize(90, 24)
    label.grab()

    assert whole == (label.text(), "")
    assert label.shown.endswith("…")
    assert label.text().startswith(label.shown[:-1])
    assert label.toolTip() == label.text()
