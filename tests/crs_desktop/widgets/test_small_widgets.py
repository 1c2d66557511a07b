"""The kill button needs a full second; notices replace each other; toasts stay few."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from crs_desktop.widgets.hold_button import HoldButton
from crs_desktop.widgets.notice import Notice
from crs_desktop.widgets.toast import MOST, Toasts

pytestmark = pytest.mark.gui


def test_a_short_press_does_nothing(qtbot: QtBot) -> None:
    button = HoldButton("KILL")
    qtbot.addWidget(button)
    heard: list[bool] = []
    button.held.connect(lambda: heard.append(True))

    qtbot.mousePress(button, Qt.MouseButton.LeftButton)
    qtbot.wait(100)
    assert 0 < button.progress < 1
    button.grab()
    qtbot.mouseRelease(button, Qt.MouseButton.LeftButton)

    assert heard == []
    assert button.progress == 0


def test_holding_by_mouse_or_by_enter_for_a_second_acts(qtbot: QtBot) -> None:
    button = HoldButton("KILL")
    qtbot.addWidget(button)

    with qtbot.waitSignal(button.held, timeout=3000):
        qtbot.mousePress(button, Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(button, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(button.held, timeout=3000):
        qtbot.keyPress(button, Qt.Key.Key_Return)
    qtbot.keyRelease(button, Qt.Key.Key_Return)


def test_a_notice_says_the_newest_and_its_button_acts(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    notice = Notice(holder)
    done: list[str] = []
    notice.say("first", ("Old", lambda: done.append("old")))

    notice.say("second", ("Retry", lambda: done.append("retry")), can_close=False)
    notice._buttons[0].click()

    assert notice.text == "second"
    assert done == ["retry"]


def test_toasts_stay_few_and_in_the_corner(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 600)
    window.show()
    toasts = Toasts(window)
    for i in range(MOST + 3):
        toasts.say(f"title {i}", "text")
    window.resize(900, 700)

    assert len(toasts.shown) == MOST
    assert all(each.geometry().right() < 900 and each.geometry().bottom() < 700 for each in toasts.shown)
    toasts.shown[0].leave()
    toasts.clear()
    assert toasts.shown == ()
