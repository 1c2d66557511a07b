"""A line across the window for what must not be missed: a sentence, up to two actions, a way to dismiss it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from crs_desktop import theme
from crs_desktop.i18n import tr


class Notice(QFrame):
    """Hidden until something has to be said; the newest sentence replaces the one before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "notice")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 4, 8, 4)
        self._row.setSpacing(8)
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        theme.set_tone(self._text, "warn")
        self._row.addWidget(self._text, 1)
        self._buttons: list[QPushButton] = []
        self._close = QToolButton()
        self._close.setProperty("kind", "ghost")
        self._close.setIcon(theme.icon("x"))
        self._close.setAccessibleName(tr("Dismiss"))
        self._close.clicked.connect(self.hide)
        self._row.addWidget(self._close)
        self.hide()

    @property
    def text(self) -> str:
        """What it says now."""
        return self._text.text()

    def say(
        self, text: str, *actions: tuple[str, Callable[[], object]], tone: str = "warn", can_close: bool = True
    ) -> None:
        """Show a sentence with its actions (title, what it does)."""
        self._text.setText(text)
        self.setAccessibleName(text)
        theme.set_tone(self._text, tone)
        for button in self._buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self._buttons = []
        for title, act in actions:
            button = QPushButton(title)
            button.clicked.connect(lambda _=False, do=act: do())
            self._row.insertWidget(self._row.count() - 1, button)
            self._buttons.append(button)
        self._close.setVisible(can_close)
        self.show()
