"""A bar that fills as a limit is used up; its figures stand beside it in words."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from crs_desktop import theme

HEIGHT = 6


class HeadroomBar(QWidget):
    """Shows a share from 0 to 1, or nothing at all for a rule that is off."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.share: float | None = None
        self.tone = "muted"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_share(self, share: float | None, tone: str) -> None:
        """Fill the bar so far, in the colour of a meaning."""
        if (share, tone) != (self.share, self.tone):
            self.share, self.tone = share, tone
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A line of text high, so that it stands in the middle of one."""
        return QSize(120, theme.current().px(16))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the trough and what is used of it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        height = theme.current().px(HEIGHT)
        box = QRectF(0, (self.height() - height) / 2, self.width(), height)
        painter.setBrush(theme.color("border"))
        painter.drawRoundedRect(box, height / 2, height / 2)
        if self.share:
            box.setWidth(max(float(height), min(1.0, self.share) * self.width()))
            painter.setBrush(theme.color(self.tone))
            painter.drawRoundedRect(box, height / 2, height / 2)
