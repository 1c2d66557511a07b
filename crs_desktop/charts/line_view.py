"""A curve over time with a filled area, on the same axes as the candles.

Drawn with at most a low and a high per pixel column, so that its cost does not grow with the curve.
"""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from crs_desktop import theme
from crs_desktop.charts.axes import paint_grid, paint_price_axis, paint_time_axis
from crs_desktop.charts.canvas import Canvas, text_width
from crs_desktop.charts.crosshair import Part, paint_crosshair, paint_crosshair_tags, paint_parts
from crs_desktop.charts.frame import Frame
from crs_desktop.charts.labels import CENTRE, PADDING, AxisLabel, ink_on, paint_labels, place_labels
from crs_desktop.charts.scale import NumberGrid, calendar_ticks, instant_text, number_ticks
from crs_desktop.charts.viewport import Viewport
from crs_desktop.i18n import tr

NANOS = 1_000_000_000
Points = NDArray[np.float64]


def thinned(x: Points, y: Points, columns: int) -> tuple[Points, Points]:
    """Return first, lowest, highest and last point of every pixel column, in order; `x` ascends from 0 to `columns`."""
    if len(x) <= 4 * columns:
        return x, y
    place = np.floor(x).astype(np.int64)
    begins = np.flatnonzero(np.diff(place, prepend=place[0] - 1))
    ends = np.append(begins[1:], len(x)) - 1
    lows, highs = np.minimum.reduceat(y, begins), np.maximum.reduceat(y, begins)
    return np.repeat(x[begins], 4), np.column_stack((y[begins], lows, highs, y[ends])).ravel()


class LineView(QWidget):
    """Shows instants (ns) against values; `show_curve` takes new ones."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = NumberGrid(2, 100)
        self.times: NDArray[np.int64] = np.empty(0, np.int64)
        self.values: Points = np.empty(0)
        self.sentence = ""
        self.legend: list[Part] = []
        self.hover: tuple[float, float] | None = None
        self.view = Viewport()
        self.frame = Frame(100, 100, 60, 24)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(160, 90)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Prefer a wide pane."""
        return QSize(600, 200)

    def show_curve(self, times: NDArray[np.int64], values: Points, legend: list[Part], sentence: str) -> None:
        """Show a curve, or a sentence where there is none."""
        self.times, self.values, self.legend, self.sentence = times, values, legend, sentence
        self.setAccessibleDescription(sentence or " ".join(text for text, _ in legend))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint everything: a few hundred points at most."""
        painter = QPainter(self)
        canvas = Canvas(painter, self.devicePixelRatioF())
        canvas.box(0, 0, self.width(), self.height(), theme.color("surface"))
        if self.sentence or len(self.times) < 2:
            self._paint_sentence(painter)
        else:
            painter.setFont(theme.font("small"))
            self._lay_out()
            self._paint_curve(canvas)
        if self.hasFocus():
            edge = 2 * canvas.hair
            painter.setPen(QPen(theme.color("focus"), edge))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(edge / 2, edge / 2, -edge / 2, -edge / 2))
        painter.end()

    def _lay_out(self) -> None:
        low, high = float(self.values.min()), float(self.values.max())
        room = max((high - low) * 0.12, abs(high) * 0.0005, 0.01)
        width = text_width(theme.font("small"), self._grid.text(high + room)) + 2 * PADDING + 2
        line = round(24 * max(theme.current().font_scale, 1.0))
        self.frame = Frame(self.width(), self.height(), ceil(width / 8) * 8, line)
        view = self.view
        view.width, view.height = self.frame.plot_width, self.frame.price_height
        legend = 24.0 / max(view.height - 24.0, 24.0) * (high - low + 2 * room)
        view.low, view.high = low - room, high + room + legend
        span = max(int(self.times[-1] - self.times[0]), NANOS)
        view.left, view.bar_px = 0.0, (view.width - 8) * NANOS / span  # a "bar" is a second since the first point

    def _paint_curve(self, canvas: Canvas) -> None:
        frame, view, painter = self.frame, self.view, canvas.painter
        since = int(self.times[0])
        until = since + round(view.bars * NANOS)
        prices = number_ticks(view.low, view.high, view.height, 32.0, self._grid)
        ticks = calendar_ticks(since, until, 84.0 / view.bar_px, lambda at: (at - since) / NANOS, 84.0 / view.bar_px)
        paint_grid(canvas, frame, view, prices, ticks)
        rising = self.values[-1] >= self.values[0]
        color = theme.color("up" if rising else "down")
        start = view.y(float(self.values[0]))
        canvas.dashed(0, start, frame.plot_width, start, theme.color("text_faint"), 3.0)
        x = (self.times - since) / NANOS * view.bar_px
        x, values = thinned(x, self.values, ceil(frame.plot_width))
        y = (view.high - values) * view.height / (view.high - view.low)
        self._paint_line(painter, x, y, color)
        paint_time_axis(canvas, frame, view, ticks)
        last = float(self.values[-1])
        fill = theme.color("up_fill" if rising else "down_fill")
        label = AxisLabel(view.y(last), (self._grid.text(last),), fill, ink_on(fill), None, 3)
        places = place_labels([label], float(painter.fontMetrics().height()), frame.price_height)
        paint_price_axis(canvas, frame, view, prices, places)
        paint_labels(canvas, [label], places, frame.plot_width + 1, frame.axis_width - 1)
        paint_parts(canvas, 8, 6, self.legend, frame.plot_width - 8)
        self._paint_pointer(canvas)

    def _paint_line(self, painter: QPainter, x: Points, y: Points, color: QColor) -> None:
        frame = self.frame
        line = QPolygonF([QPointF(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)])
        area = QPolygonF(line)
        area.append(QPointF(float(x[-1]), frame.price_height))
        area.append(QPointF(float(x[0]), frame.price_height))
        gradient = QLinearGradient(0, 0, 0, frame.price_height)
        strong, faint = QColor(color), QColor(color)
        strong.setAlpha(70)
        faint.setAlpha(6)
        gradient.setColorAt(0, strong)
        gradient.setColorAt(1, faint)
        painter.save()
        painter.setClipRect(QRectF(0, 0, frame.plot_width, frame.price_height))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(gradient)
        painter.drawPolygon(area)
        painter.setPen(QPen(color, 1.5))
        painter.drawPolyline(line)
        painter.restore()

    def _paint_pointer(self, canvas: Canvas) -> None:
        if self.hover is None or self.hover[0] >= self.frame.plot_width or self.hover[1] >= self.frame.time_top:
            return
        since = int(self.times[0])
        wanted = since + round(self.view.bar(self.hover[0]) * NANOS)
        index = min(max(int(np.searchsorted(self.times, wanted, side="right")) - 1, 0), len(self.times) - 1)
        value, at = float(self.values[index]), int(self.times[index])
        x, y = self.view.x((at - since) / NANOS), self.view.y(value)
        paint_crosshair(canvas, self.frame, x, y)
        canvas.polygon([(x - 4, y), (x, y - 4), (x + 4, y), (x, y + 4)], theme.color("text"), theme.color("surface"))
        paint_crosshair_tags(canvas, self.frame, x, y, self._grid.text(value), instant_text(at, NANOS))

    def _paint_sentence(self, painter: QPainter) -> None:
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text_muted"))
        area = QRectF(24, 0, max(self.width() - 48, 1), self.height())
        painter.drawText(area, CENTRE | Qt.TextFlag.TextWordWrap.value, self.sentence or tr("Nothing to show yet."))

    def event(self, event: QEvent) -> bool:
        """Follow the pointer and the focus."""
        kind = event.type()
        if isinstance(event, QMouseEvent) and kind == QEvent.Type.MouseMove:
            self.hover = (event.position().x(), event.position().y())
            self.update()
        elif kind == QEvent.Type.Leave:
            self.hover = None
            self.update()
        elif kind in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().event(event)
