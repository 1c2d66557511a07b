"""Any arrangement of docks comes back as it was, and what cannot be read changes nothing."""

from __future__ import annotations

import random

import pytest
from PySide6.QtWidgets import QMainWindow, QTabBar
from pytestqt.qtbot import QtBot

from crs_desktop.actions import ActionBook
from crs_desktop.app import QtTimer, application
from crs_desktop.pulse import Attention, Pulse
from crs_desktop.shell.docks import Docks
from crs_desktop.window import PLACES, MainWindow

pytestmark = pytest.mark.gui


def make(qtbot: QtBot) -> MainWindow:
    application()
    window = MainWindow(ActionBook(), Pulse(QtTimer()), "test")
    qtbot.addWidget(window, before_close_func=lambda each: each.let_close())
    with qtbot.waitExposed(window):
        window.show()
    return window


def shape(window: MainWindow) -> dict[str, tuple[bool, bool]]:
    return {dock.objectName(): (dock.isHidden(), dock.isFloating()) for dock in window.docks.all_docks()}


def shuffle(window: MainWindow, dice: random.Random) -> None:
    for dock in window.docks.all_docks():
        choice = dice.randrange(5)
        if choice == 0:
            dock.hide()
        elif choice == 1:
            dock.setFloating(True)
            dock.setGeometry(dice.randrange(800), dice.randrange(500), 300, 200)
        elif choice == 2:
            dock.raise_()


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_random_arrangements_come_back(qtbot: QtBot) -> None:
    dice = random.Random(7)  # noqa: S311 - repeatable, not secret
    first, second = make(qtbot), make(qtbot)

    for _ in range(40):
        first.docks.arrange()
        shuffle(first, dice)
        saved, seen = first.docks.save(), shape(first)

        assert second.docks.restore(saved)
        assert shape(second) == seen
    for window in (first, second):
        window.pulse.set_attention(Attention.HIDDEN)


@pytest.mark.parametrize("text", ["", "not base64 at all", "AAAA", "ü"])
def test_an_arrangement_that_cannot_be_read_changes_nothing(qtbot: QtBot, text: str) -> None:
    window = make(qtbot)
    before = shape(window)

    assert window.docks.restore(text) is False
    assert shape(window) == before
    window.pulse.set_attention(Attention.HIDDEN)


def test_a_broken_pane_says_so_in_its_place(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr("sys.excepthook", lambda *args: told.append(args[1]))
    window = make(qtbot)
    host = window.docks.hosts["book"]

    def broken() -> object:
        raise RuntimeError("torn")

    host.provide(broken)  # type: ignore[arg-type]
    window.pulse.set_attention(Attention.HIDDEN)

    assert host.pane is None
    assert str(told[0]) == "torn"


def test_an_arrangement_of_an_earlier_version_puts_a_new_pane_behind_its_tab(qtbot: QtBot) -> None:
    application()
    holders = [QMainWindow(), QMainWindow()]
    earlier = tuple(place for place in PLACES if place.name not in ("ladder", "heatmap"))
    before, after = Docks(holders[0], earlier), Docks(holders[1], PLACES)
    for holder in holders:
        qtbot.addWidget(holder)
        holder.resize(1600, 900)
        holder.show()

    assert after.restore(before.save())

    behind = holders[1].tabifiedDockWidgets(after.dock("ticket"))
    assert behind == [after.dock("ladder")]
    assert after.dock("heatmap") in holders[1].tabifiedDockWidgets(after.dock("positions"))


def test_the_names_of_tabs_are_whole_in_a_narrow_window_and_stand_apart_in_a_wide_one(qtbot: QtBot) -> None:
    window = make(qtbot)

    def tabs(width: int) -> tuple[int, bool]:
        window.resize(width, 720)
        qtbot.wait(50)
        bar = max(window.findChildren(QTabBar), key=lambda each: each.count())
        room = [
            bar.fontMetrics().horizontalAdvance(bar.tabText(i)) <= bar.tabRect(i).width() for i in range(bar.count())
        ]
        return bar.tabRect(0).width(), all(room)

    wide, narrow, again = tabs(1600), tabs(1280), tabs(1600)

    assert (wide[1], narrow[1]) == (True, True)
    assert narrow[0] < wide[0] == again[0]
