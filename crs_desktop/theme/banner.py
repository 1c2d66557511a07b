"""A sentence across the top of something painted: why it is hatched. Wraps, and covers what is under it."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter

from crs_desktop.theme.font import font
from crs_desktop.theme.look import color, current

PADDING = 8
LINES = 4
"""A longer sentence is cut: it is in the tip of the status bar in full."""


def paint_banner(painter: QPainter, area: QRect, text: str, tone: str = "warn") -> QRect:
    """Paint a sentence at the top of `area`, as high as it needs to be; return where it is."""
    painter.save()
    painter.setFont(font("body"))
    pad, metrics = current().px(PADDING), painter.fontMetrics()
    flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap)
    width = max(1, area.width() - 2 * pad - 3)
    room = QRect(0, 0, width, metrics.lineSpacing() * LINES)
    height = min(metrics.boundingRect(room, flags, text).height(), room.height()) + pad
    box = QRect(area.left(), area.top(), area.width(), min(height, area.height()))
    painter.fillRect(box, color("raised"))
    painter.fillRect(QRect(box.left(), box.top(), 3, box.height()), color(tone))
    painter.fillRect(QRect(box.left(), box.bottom(), box.width(), 1), color("border_strong"))
    painter.setPen(color(tone))
    painter.setClipRect(box)
    painter.drawText(box.adjusted(pad + 3, 0, -pad, 0), flags, text)
    painter.restore()
    return box
