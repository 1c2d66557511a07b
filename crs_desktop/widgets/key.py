"""A key event as the text that actions use."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

_MODIFIER_KEYS = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)


def key_text(event: QKeyEvent) -> str:
    """Return the key of an event as actions write it, "" for a modifier alone.

    `=` counts as `+` and `_` as Shift+`-`, so that one pair of keys changes the size on every layout.
    """
    key, held = event.key(), event.modifiers()
    if key in _MODIFIER_KEYS or key in (0, Qt.Key.Key_unknown):
        return ""
    shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
    if key == Qt.Key.Key_Equal:
        key = Qt.Key.Key_Plus
    elif key == Qt.Key.Key_Underscore:
        key = Qt.Key.Key_Minus
    if held & Qt.KeyboardModifier.KeypadModifier and key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
        shift = False
    name = QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)
    names = [
        text
        for text, there in (
            ("Ctrl", bool(held & Qt.KeyboardModifier.ControlModifier)),
            ("Alt", bool(held & Qt.KeyboardModifier.AltModifier)),
            ("Shift", shift),
            ("Meta", bool(held & Qt.KeyboardModifier.MetaModifier)),
        )
        if there
    ]
    return "+".join([*names, name])
