"""Hotkeys: from a key event to an action, silent while the user types.

One event filter that follows the focus instead of one QShortcut per action: rebinding is a change of a
dictionary, and the rules about text fields, lists and buttons stand in one place.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from crs_desktop.actions import EDITING_KEYS, ActionBook, is_plain
from crs_desktop.widgets.key import key_text

OWN_KEYS = "ownKeys"
"""Property of a widget that wants plain keys for itself: their names with spaces between, or `all`."""

_TEXT = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox)
_FIGURES = frozenset({*"0123456789.,+-", "Shift++", "Shift+-", "Backspace", "Del"})
"""Keys that mean something in a field for a number; its letters are free for hotkeys."""
_ORDERS = frozenset({"Ctrl+X", "Ctrl+Z"})
"""Cancel and undo mean orders in a field for a number, even while the figure is selected: it is after every B or S."""
_MOVES = frozenset({"Up", "Down", "PgUp", "PgDown", "Home", "End", "Left", "Right"})


def keeps(widget: QWidget | None, key: str) -> bool:
    """Whether the widget with the focus wants this key for itself."""
    if widget is None:
        return False
    own = widget.property(OWN_KEYS)
    if own and (own == "all" or key in str(own).split()):
        return True
    if getattr(widget, "takes_letters", True) is False and len(key) == 1 and key.isalpha():
        return False  # a field for numbers: letters are hotkeys there too
    if getattr(widget, "takes_letters", True) is False:
        return key in _FIGURES or key in _MOVES or (key in EDITING_KEYS and key not in _ORDERS)
    if isinstance(widget, _TEXT) and not (isinstance(widget, QPlainTextEdit | QTextEdit) and widget.isReadOnly()):
        return is_plain(key) or key in EDITING_KEYS
    if isinstance(widget, QAbstractItemView):
        return key in _MOVES
    if isinstance(widget, QAbstractButton):
        return key == "Space"
    if isinstance(widget, QComboBox):
        return key in _MOVES or key == "Space" or (widget.isEditable() and is_plain(key))
    return isinstance(widget, QTabBar) and key in _MOVES


class KeyRouter(QObject):
    """Sends keys of one window to its actions; listens at the widget with the focus and at the window only."""

    def __init__(self, window: QWidget, book: ActionBook, app: QApplication) -> None:
        super().__init__(window)
        self._window = window
        self._book = book
        self._app = app
        self._focus: QWidget | None = None
        window.installEventFilter(self)
        app.focusChanged.connect(self._follow)
        self._follow(None, app.focusWidget())

    def close(self) -> None:
        """Hear no more keys."""
        self._app.focusChanged.disconnect(self._follow)
        self._window.removeEventFilter(self)
        self._follow(None, None)

    def _follow(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._focus is not None and isValid(self._focus):
            self._focus.removeEventFilter(self)
        inside = new is not None and new is not self._window and new.window() is self._window
        self._focus = new if inside else None
        if self._focus is not None:
            self._focus.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Take a key press that means an action."""
        kind = event.type()
        if kind not in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride) or not isinstance(watched, QWidget):
            return False
        if not isinstance(event, QKeyEvent):
            return False
        if QApplication.activePopupWidget() is not None or QApplication.activeModalWidget() is not None:
            return False
        focus = self._window.focusWidget()
        key = key_text(event)
        action = self._book.action_for(key) if key else None
        if action is None or keeps(focus, key) or not self._book.is_enabled(action.id):
            return False
        if kind == QEvent.Type.ShortcutOverride:
            event.accept()
            return False
        if event.isAutoRepeat() and not _repeats(action.id):
            return True
        self._book.trigger(action.id)
        return True


def _repeats(action_id: str) -> bool:
    return action_id.startswith(("ticket.size", "ticket.price", "view.next", "view.previous", "market.step"))
