"""Kept pictures of what alerts look like: from frame to frame little but their place changes."""

from __future__ import annotations

from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.labels import CENTRE, LEFT

CROSS = "\u00d7"
KEPT = 128
"""Pictures that are kept before all are let go."""


class Pictures:
    """Paints lines and tags of alerts, each only once for each look."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], QPixmap] = {}

    def line(self, canvas: Canvas, y: float, width: float, tone: str, *, lit: bool) -> None:
        """Paint a level dashed line from the left edge."""
        key = ("line", width, tone, lit, canvas.ratio, theme.current())
        found = self._kept.get(key)
        if found is None:
            found, own = self._blank(canvas, width, canvas.hair)
            own.dashed(0.0, 0.0, width, 0.0, theme.color(tone), 6.0 if lit else 3.0)
            self._keep(key, own, found)
        canvas.painter.drawPixmap(QPointF(0.0, canvas.snap(y)), found)

    def tag(self, canvas: Canvas, right: float, top: float, text: str, tone: str, *, lit: bool, cross: bool) -> QRectF:
        """Paint a tag with a bell that ends at `right`; return its place."""
        key = ("tag", text, tone, lit, cross, canvas.ratio, theme.current())
        found = self._kept.get(key)
        if found is None:
            found = self._made(canvas, key, text, tone, lit=lit, cross=cross)
        size = found.deviceIndependentSize()
        left, upper = canvas.snap(right - size.width()), canvas.snap(top)
        canvas.painter.drawPixmap(QPointF(left, upper), found)
        return QRectF(left, upper, size.width(), size.height())

    def _made(
        self, canvas: Canvas, key: tuple[object, ...], text: str, tone: str, *, lit: bool, cross: bool
    ) -> QPixmap:
        height = tag_height(canvas)
        icon = height - 4.0
        wide = icon + (canvas.text_width(text) + 6.0 if text else 0.0) + 8.0 + (height if cross else 0.0)
        found, own = self._blank(canvas, wide, height)
        fill = theme.color("selected" if lit else "raised")
        own.tag(QRectF(0.0, 0.0, found.width() / canvas.ratio, height), fill, theme.color(tone))
        bell = theme.pixmap("bell", tone, round(icon - 2), canvas.ratio)
        own.painter.drawPixmap(QPointF(own.snap(4.0), own.snap(3.0)), bell)
        if text:
            own.text(icon + 6.0, 0.0, wide, height, text, theme.color("text"), LEFT)
        if cross:
            own.text(wide - height, 0.0, height, height, CROSS, theme.color("text_muted"), CENTRE)
        self._keep(key, own, found)
        return found

    def _blank(self, canvas: Canvas, width: float, height: float) -> tuple[QPixmap, Canvas]:
        picture = QPixmap(ceil(width * canvas.ratio), ceil(height * canvas.ratio))
        picture.setDevicePixelRatio(canvas.ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setFont(canvas.painter.font())
        return picture, Canvas(painter, canvas.ratio)

    def _keep(self, key: tuple[object, ...], own: Canvas, picture: QPixmap) -> None:
        own.painter.end()
        if len(self._kept) >= KEPT:
            self._kept.clear()
        self._kept[key] = picture


def tag_height(canvas: Canvas) -> float:
    """Return the height of a tag."""
    return float(canvas.painter.fontMetrics().height()) + 4.0
