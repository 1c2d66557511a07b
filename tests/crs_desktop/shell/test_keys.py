"""Which keys go to hotkeys and which stay with the widget that has the keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QListWidget, QPlainTextEdit, QPushButton, QTabBar
from pytestqt.qtbot import QtBot

from crs_desktop.shell.keys import keeps
from crs_desktop.widgets.decimal_field import DecimalField
from crs_desktop.widgets.key import key_text

pytestmark = pytest.mark.gui

NONE, SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
KEYPAD = Qt.KeyboardModifier.KeypadModifier


@pytest.mark.parametrize(
    ("key", "held", "text"),
    [
        (Qt.Key.Key_B, NONE, "B"),
        (Qt.Key.Key_X, CTRL | SHIFT, "Ctrl+Shift+X"),
        (Qt.Key.Key_F1, NONE, "F1"),
        (Qt.Key.Key_Space, NONE, "Space"),
        (Qt.Key.Key_PageUp, NONE, "PgUp"),
        (Qt.Key.Key_Equal, NONE, "+"),
        (Qt.Key.Key_Plus, SHIFT, "Shift++"),
        (Qt.Key.Key_Plus, KEYPAD, "+"),
        (Qt.Key.Key_Minus, NONE, "-"),
        (Qt.Key.Key_Underscore, SHIFT, "Shift+-"),
        (Qt.Key.Key_Comma, CTRL, "Ctrl+,"),
        (Qt.Key.Key_T, ALT, "Alt+T"),
        (Qt.Key.Key_Shift, SHIFT, ""),
        (Qt.Key.Key_Control, CTRL, ""),
    ],
)
def test_a_key_event_is_written_as_actions_write_it(key: Qt.Key, held: Qt.KeyboardModifier, text: str) -> None:
    assert key_text(QKeyEvent(QEvent.Type.KeyPress, key, held)) == text


def test_a_text_field_keeps_what_types_moves_and_edits(qtbot: QtBot) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)

    assert all(keeps(field, key) for key in ("B", "7", "Space", "Up", "Shift+B", "Ctrl+X", "Ctrl+Z"))
    assert not any(keeps(field, key) for key in ("F1", "Ctrl+K", "Ctrl+Shift+X"))


def test_a_number_field_leaves_letters_to_hotkeys(qtbot: QtBot) -> None:
    field = DecimalField("Size")
    qtbot.addWidget(field)

    assert all(keeps(field, key) for key in ("1", ".", "Up", "Home", "Ctrl+C", "Ctrl+V"))
    assert not any(keeps(field, key) for key in ("B", "S", "L", "X", "F1"))


def test_cancel_all_and_undo_reach_the_orders_from_a_field_whose_figure_is_selected(qtbot: QtBot) -> None:
    field = DecimalField("Value")
    qtbot.addWidget(field)
    field.setText("100")
    field.selectAll()

    assert not any(keeps(field, key) for key in ("Ctrl+X", "Ctrl+Z", "Ctrl+Shift+X"))


def test_a_text_that_cannot_be_edited_keeps_nothing(qtbot: QtBot) -> None:
    text = QPlainTextEdit()
    qtbot.addWidget(text)
    text.setReadOnly(True)

    assert not keeps(text, "B")


@pytest.mark.parametrize(
    ("kind", "kept", "free"),
    [(QListWidget, "Down", "B"), (QPushButton, "Space", "B"), (QComboBox, "Up", "B"), (QTabBar, "Left", "B")],
)
def test_lists_buttons_and_tabs_keep_the_keys_they_live_by(qtbot: QtBot, kind: type, kept: str, free: str) -> None:
    widget = kind()
    qtbot.addWidget(widget)

    assert keeps(widget, kept)
    assert not keeps(widget, free)


def test_a_widget_may_claim_keys(qtbot: QtBot) -> None:
    widget = QLabel()
    qtbot.addWidget(widget)
    widget.setProperty("ownKeys", "Left Right")

    assert keeps(widget, "Left")
    assert not keeps(widget, "Up")
    assert not keeps(None, "Up")
