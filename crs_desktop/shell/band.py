"""The band that says whose money and whose prices these are; colour and words, never colour alone.

For the paper account it is two thin stripes; for an account on a server it is a red line with words that cannot be
overlooked: which account, on which server, and whether the money is real.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.server.venue import ShownVenue
from crs_desktop.widgets.tip import plain_tip

HEIGHT = 3
LIVE_HEIGHT = 20
"""With words, px at 100 % text."""
EDGE = 12

_TOOLTIPS = {
    "PAPER": "Paper account: no real money moves.",
    "SIMULATED": "Prices come from a seeded simulation on this computer.",
    "REPLAY": "Prices are a recording, played with its true timing.",
    "LIVE": "An account on a server: orders go there at once.",
    "SERVER": "Prices come from the server.",
}
RECORDED = "Prices are your own recording, played with its true timing. The account is a new one for this replay."
EXCHANGE = "Live prices of {name}, a public exchange. Orders stay on this computer."
TONES = frozenset({"paper", "live", "simulated", "replay"})


class Band(QWidget):
    """The account's colour on the left, the data's on the right; words on red for an account on a server."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.account, self.data = "paper", "simulated"
        self.words, self.money = "", ""
        self.setAccessibleName(tr("Account and data band"))
        theme.set_font(self, "strong")
        self._fit()

    def show_origin(self, account: str, data: str, venue: ShownVenue | None = None) -> None:
        """Take the tones (`paper`, `live`, …) of both halves, and the words of a server's account."""
        self.account, self.data = tone_of(account), tone_of(data)
        live = venue is not None and venue.is_live
        self.words, self.money = (spoken(venue.band), spoken(venue.money)) if venue is not None and live else ("", "")
        self.setAccessibleDescription(f"{self.words} {self.money}".strip() or f"{account} · {data}")
        self._fit()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Return the fixed height."""
        return QSize(0, self.height())

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Grow with the text."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and hasattr(self, "words"):
            self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(max(LIVE_HEIGHT, theme.current().px(LIVE_HEIGHT)) if self.words else HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the two halves, or the words."""
        painter = QPainter(self)
        if self.words:
            self._paint_words(painter)
            painter.end()
            return
        half = self.width() // 2
        painter.fillRect(0, 0, half, HEIGHT, theme.color(self.account))
        painter.fillRect(half, 0, self.width() - half, HEIGHT, theme.color(self.data))
        painter.end()

    def _paint_words(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), theme.color("error_fill"))
        painter.setPen(theme.color("on_fill"))
        metrics = self.fontMetrics()
        money = metrics.horizontalAdvance(self.money)
        room = QRect(EDGE, 0, self.width() - 2 * EDGE, self.height())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), self.money)
        left = metrics.elidedText(self.words, Qt.TextElideMode.ElideMiddle, room.width() - money - 2 * EDGE)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), left)


def tone_of(word: str) -> str:
    """Return the tone of an origin's word; a server's prices and those of a public exchange have tones of their own."""
    first = word.lower().partition(" ")[0]
    if first in TONES:
        return first
    return "accent" if word == "SERVER" else "good"


class OriginLabels(QWidget):
    """The same in words: `PAPER` and `SIMULATED`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(12)
        self._account, self._data = QLabel(), QLabel()
        for label in (self._account, self._data):
            label.setTextFormat(Qt.TextFormat.PlainText)
            theme.set_font(label, "small")
            row.addWidget(label)

    def show_origin(self, account: str, data: str) -> None:
        """Show the two names; each word is written in the colour of its half of the band."""
        for label, word in ((self._account, account), (self._data, data)):
            label.setText(f"● {word}")
            theme.set_tone(label, tone_of(word))
            known = _TOOLTIPS.get(word) or (RECORDED if word.startswith("REPLAY ") else None)
            label.setToolTip(tr(known) if known is not None else plain_tip(tr(EXCHANGE, name=word)))
            label.setAccessibleName(word)
