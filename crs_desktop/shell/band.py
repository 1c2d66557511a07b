"""The band that says whose money and whose prices these are; colour and words, never colour alone."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from crs_desktop import theme
from crs_desktop.i18n import tr

HEIGHT = 3

_TOOLTIPS = {
    "PAPER": "Paper account: no real money moves.",
    "SIMULATED": "Prices come from a seeded simulation on this computer.",
    "REPLAY": "Prices are a recording, played with its true timing.",
}


class Band(QWidget):
    """Two stripes, 3 px: the account's colour on the left, the data's on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.account, self.data = "paper", "simulated"
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName(tr("Account and data band"))

    def show_origin(self, account: str, data: str) -> None:
        """Take the tones (`paper`, `live`, `simulated`, `replay`) of both halves."""
        self.account, self.data = account, data
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the fixed height."""
        return QSize(0, HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the two halves."""
        painter = QPainter(self)
        half = self.width() // 2
        painter.fillRect(0, 0, half, HEIGHT, theme.color(self.account))
        painter.fillRect(half, 0, self.width() - half, HEIGHT, theme.color(self.data))
        painter.end()


class OriginLabels(QWidget):
    """The same in words: `PAPER` and `SIMULATED`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(12)
        self._account, self._data = QLabel(), QLabel()
        for label in (self._account, self._data):
            theme.set_font(label, "small")
            row.addWidget(label)

    def show_origin(self, account: str, data: str) -> None:
        """Show the two names; each word is written in the colour of its half of the band."""
        for label, word in ((self._account, account), (self._data, data)):
            label.setText(f"● {word}")
            theme.set_tone(label, word.lower())
            label.setToolTip(tr(_TOOLTIPS.get(word, "")))
            label.setAccessibleName(word)
