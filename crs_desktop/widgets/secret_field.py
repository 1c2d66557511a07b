"""A field for a password: hidden until asked to show, warns of Caps Lock, offers nothing to autofill or undo."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from crs_desktop.i18n import tr

HINTS = (
    Qt.InputMethodHint.ImhSensitiveData
    | Qt.InputMethodHint.ImhNoPredictiveText
    | Qt.InputMethodHint.ImhNoAutoUppercase
    | Qt.InputMethodHint.ImhHiddenText
)
LONGEST = 256
"""Characters: longer than a password that a server takes, so that it can be said that it is too long."""


class SecretLine(QLineEdit):
    """The line itself; `caps` says whether letters come out as if Caps Lock were on."""

    caps = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.setMaxLength(LONGEST)
        self.setInputMethodHints(HINTS)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setEchoMode(QLineEdit.EchoMode.Password)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Look at the letter: capitals without Shift, or small ones with it, come of Caps Lock."""
        text = event.text()
        if len(text) == 1 and text.isalpha() and text.lower() != text.upper():
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.caps.emit(text.isupper() != shifted)
        elif event.key() == Qt.Key.Key_CapsLock:
            self.caps.emit(False)  # it has just been changed; the next letter tells
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Warn no more."""
        super().focusOutEvent(event)
        self.caps.emit(False)


class SecretField(QWidget):
    """The line with its button to show what is typed."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.line = SecretLine()
        self.line.setAccessibleName(name)
        self._name = name
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.toggle = QToolButton()
        self.toggle.setCheckable(True)
        self.toggle.toggled.connect(self._show)
        row.addWidget(self.line, 1)
        row.addWidget(self.toggle)
        self.setFocusProxy(self.line)
        self._show(False)

    def wipe(self) -> None:
        """Forget what was typed, its undo history too, and hide again."""
        self.line.setText("")  # unlike `clear`, this cannot be undone
        self.toggle.setChecked(False)

    def _show(self, shown: bool) -> None:
        self.line.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        self.toggle.setText(tr("Hide") if shown else tr("Show"))
        self.toggle.setAccessibleName(
            tr("Hide {name}", name=self._name) if shown else tr("Show {name}", name=self._name)
        )
