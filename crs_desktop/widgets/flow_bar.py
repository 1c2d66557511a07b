"""A bar that says who pushes: volume bought against volume sold, and how many prints a second."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from crs_desktop import theme
from crs_desktop.widgets.tip import plain_tip

HEIGHT, BAR, EDGE = 20, 3, 8


class FlowBar(QWidget):
    """Paints what it is told; both volumes are written, so that colour is not alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share, self._texts = 0.5, ("", "", "")
        self.setFixedHeight(theme.current().px(HEIGHT))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """One line of small text."""
        return QSize(200, theme.current().px(HEIGHT))

    def show_flow(self, share: float, bought: str, speed: str, sold: str, told: str) -> None:
        """Show the bought share (0 to 1) and three texts; `told` is all of it for a screen reader."""
        self._share, self._texts = share, (bought, speed, sold)
        self.setAccessibleDescription(told)
        self.setToolTip(plain_tip(told))
        self.setFixedHeight(theme.current().px(HEIGHT))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the texts above the bar."""
        painter = QPainter(self)
        width = self.width() - 2 * EDGE
        bar = QRect(EDGE, self.height() - BAR - 1, width, BAR)
        split = round(width * self._share)
        painter.fillRect(QRect(bar.left(), bar.top(), split, BAR), theme.color("up"))
        painter.fillRect(QRect(bar.left() + split, bar.top(), width - split, BAR), theme.color("down"))
        text = QRect(EDGE, 0, width, self.height() - BAR - 1)
        painter.setFont(theme.font("small"))
        middle = Qt.AlignmentFlag.AlignVCenter
        for tone, align, words in zip(
            ("up_text", "text_muted", "down_text"),
            (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight),
            self._texts,
            strict=True,
        ):
            painter.setPen(theme.color(tone))
            painter.drawText(text, middle | align, words)
        painter.end()
