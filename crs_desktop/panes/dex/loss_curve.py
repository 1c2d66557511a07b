"""The curve of impermanent loss over price changes: how much less than holding, from a quarter of the price to four."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from crs_desktop import theme
from crs_desktop.charts.canvas import MIDDLE, RIGHT, Canvas, text_width
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.dex.form import percent_text

MARKS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Prices below which the axis says something, as parts of the price then."""
FOOT, EDGE = 18, 8
LEAST = 0.02
"""The curve's axis reaches at least so far down."""


class LossCurve(QWidget):
    """Paints (price as a part of what it was, loss) and where the price is taken to be."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: Sequence[tuple[float, float]] = ()
        self._ratio = 1.0
        self.setMinimumSize(QSize(240, theme.current().px(130)))
        self.setAccessibleName(tr("Impermanent loss over price changes"))

    def show_curve(self, points: Sequence[tuple[float, float]], ratio: float) -> None:
        """Show another curve."""
        if (points, ratio) != (self._points, self._ratio):
            self._points, self._ratio = points, ratio
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint axis, curve and mark."""
        painter = QPainter(self)
        painter.setFont(theme.font("small"))
        canvas = Canvas(painter, self.devicePixelRatioF())
        canvas.box(0, 0, self.width(), self.height(), theme.color("surface"))
        if self._points:
            self._paint(canvas)
        painter.end()

    def _paint(self, canvas: Canvas) -> None:
        points = self._points
        deepest = min(min(loss for _, loss in points), -LEAST) * 1.1
        left = text_width(theme.font("small"), percent_text(deepest, 1)) + 2 * EDGE
        width, height = self.width() - left - EDGE, self.height() - FOOT - EDGE
        first, last = log(points[0][0]), log(points[-1][0])

        def x(ratio: float) -> float:
            return left + width * (log(ratio) - first) / (last - first)

        def y(loss: float) -> float:
            return EDGE + height * loss / deepest

        muted, grid = theme.color("text_muted"), theme.color("grid")
        for part in (0.0, 0.5, 1.0):
            canvas.horizontal(y(deepest * part), left, left + width, grid)
            canvas.text(0, y(deepest * part) - 8, left - EDGE, 16, percent_text(deepest * part, 1), muted, RIGHT)
        for mark in MARKS:
            canvas.vertical(x(mark), EDGE, EDGE + height, grid)
            canvas.text(x(mark) - 30, EDGE + height + 2, 60, 16, f"{mark:g} \N{MULTIPLICATION SIGN}", muted, MIDDLE)
        painter = canvas.painter
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(theme.color("down"), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([QPointF(x(ratio), y(loss)) for ratio, loss in points]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if points[0][0] <= self._ratio <= points[-1][0]:
            canvas.dashed(x(self._ratio), EDGE, x(self._ratio), EDGE + height, theme.color("accent"), 3.0)
