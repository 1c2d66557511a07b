"""A label of one line that ends with an ellipsis where there is no room, and says all of it when hovered."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QStyle, QStyleOption

from crs_desktop import theme
from crs_desktop.theme.font import FontRole


class ElidedLabel(QLabel):
    """Plain text, never markup; takes the room that it gets."""

    def __init__(self, text: str = "", *, role: FontRole = "body", tone: str = "text") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        theme.set_font(self, role)
        theme.set_tone(self, tone)

    @property
    def shown(self) -> str:
        """What there is room for."""
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width())

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Need no room at all."""
        return QSize(1, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Write what there is room for."""
        shown = self.shown
        self.setToolTip("" if shown == self.text() else self.text())
        painter = QPainter(self)
        option = QStyleOption()
        option.initFrom(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        place = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        self.style().drawItemText(
            painter, self.contentsRect(), place, self.palette(), True, shown, self.foregroundRole()
        )
