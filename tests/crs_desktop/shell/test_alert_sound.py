"""The sound of alerts: which player, once for many, a beep where there is none; the bell that counts."""

from __future__ import annotations

import wave
from array import array
from importlib.resources import as_file, files

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from crs_desktop import theme
from crs_desktop.actions import ActionBook
from crs_desktop.shell.bell import FLASHES, Bell
from crs_desktop.shell.sound import APART_S, AlertSound, command

pytestmark = pytest.mark.gui


@pytest.mark.parametrize(
    ("platform", "there", "found"),
    [
        ("linux", {"aplay", "pw-play", "paplay"}, ("/bin/pw-play", ())),
        ("linux", {"aplay", "paplay"}, ("/bin/paplay", ())),
        ("linux", {"aplay"}, ("/bin/aplay", ("-q",))),
        ("linux", {"afplay"}, None),
        ("darwin", {"afplay", "aplay"}, ("/bin/afplay", ())),
        ("win32", {"aplay"}, None),
    ],
)
def test_each_system_plays_with_what_it_has(platform: str, there: set[str], found: object) -> None:
    assert command(platform, lambda name: f"/bin/{name}" if name in there else "") == found


def test_alerts_that_come_together_sound_once() -> None:
    now, played = [100.0], list[float]()
    bell = AlertSound(lambda: played.append(now[0]) or True, lambda: now[0])  # type: ignore[func-returns-value]
    rung = []
    for step in (0.0, 0.1, 0.5, APART_S, 0.1):
        now[0] += step
        rung.append(bell.ring())

    assert rung == [True, False, False, True, False]
    assert len(played) == 2


def test_a_system_without_a_player_beeps(monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    beeps: list[bool] = []
    monkeypatch.setattr(QApplication, "beep", lambda: beeps.append(True))

    AlertSound(lambda: False).ring()

    assert beeps == [True]


def test_the_sound_is_short_not_silent_and_ends_without_a_click() -> None:
    with as_file(files("resources") / "sounds" / "alert.wav") as path, wave.open(str(path)) as file:
        samples = array("h", file.readframes(file.getnframes()))
        seconds = file.getnframes() / file.getframerate()

    assert seconds < 1.5
    assert 10_000 < max(abs(each) for each in samples) < 32_767
    assert abs(samples[0]) < 500
    assert abs(samples[-1]) < 500


def test_the_bell_counts_flashes_for_a_moment_and_asks_for_the_list(qtbot: QtBot) -> None:
    book, shown = ActionBook(), list[str]()
    book.bind("alert.list", lambda: shown.append("list"))
    book.provide("desk")
    bell = Bell(book)
    qtbot.addWidget(bell)
    bell.show_count(3)
    halves = []
    for _ in range(FLASHES):
        halves.append(bell.lit)
        bell._flash()
    bell.click()

    assert halves == [True, False] * (FLASHES // 2)
    assert bell.lit
    assert not bell._timer.isActive()
    assert bell.accessibleName() == "3 alerts told, not looked at yet"
    assert shown == ["list"]
    bell.show_count(0)
    assert not bell.lit
    assert theme.contrast(theme.current().alert, theme.current().window) >= 4.5
