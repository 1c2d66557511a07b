"""Curves as lines, steps, dots and histograms, at most two points per device pixel column.

A `Strip` holds one value per bar, or the least and the greatest of each group when bars are narrower than a device
pixel; all of that range is drawn, so a spike is never lost. Where values are NaN there is a gap, not a line across.
"""

from __future__ import annotations

from math import ceil, floor
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from shiboken6 import Shiboken

from crs_desktop.charts.canvas import Canvas, RectBatch, Rects
from crs_desktop.charts.pane_area import PaneArea
from crs_desktop.charts.viewport import Viewport
from crs_desktop.viewmodels.value_column import Strip

Floats = NDArray[np.float64]
FAR = 1 << 20
"""Coordinates are clamped to this: Qt's boxes are 32-bit."""
DENSE = 2.0
"""Where bars are narrower than this, px, lines are thin: a wide pen costs several times more, and hides the form."""
_batch = RectBatch()


class Stripped(Protocol):
    """Something that can be asked for a strip: a `ValueColumn`."""

    @property
    def stop(self) -> int:
        """One past the index of the newest value."""
        ...

    def strip(self, first: int, stop: int, size: int) -> Strip:
        """Return groups of `size` values that cover the indices."""
        ...


def strip_in_view(column: Stripped, view: Viewport, ratio: float, *, live: bool | None = None) -> Strip:
    """Return what of a column is on screen, with a neighbour at each side so that lines run to the edges.

    `live` False leaves the newest value's group out, True returns only it and the one before it; None returns all.
    """
    size = view.size(ratio)
    strip = column.strip(floor(view.left) - size, ceil(view.right) + size, size)
    if live is None:
        return strip
    cut = min(max((column.stop - 1 - strip.first) // size, 0), len(strip))
    return strip.part(max(cut - 1, 0), len(strip)) if live else strip.part(0, cut)


def line_points(strip: Strip, area: PaneArea) -> tuple[Floats, Floats]:
    """Return the points of a line, logical px; NaN where it is broken. Groups give two: least and greatest."""
    x = middles(strip, area)
    low, high = area.ys(strip.low), area.ys(strip.high)
    if strip.size == 1:
        return x, low
    middle = low + high
    rises = np.diff(middle, prepend=middle[:1]) < 0  # the pixel goes up the screen: least value first
    points = np.empty((len(x), 2))
    points[:, 0], points[:, 1] = np.where(rises, low, high), np.where(rises, high, low)
    return np.repeat(x, 2), points.ravel()


def middles(strip: Strip, area: PaneArea) -> Floats:
    """Return the pixels across at which values stand."""
    pitch = strip.size * area.view.bar_px
    return area.view.x(strip.first) + (np.arange(len(strip), dtype=np.float64) + 0.5) * pitch


def paint_line(canvas: Canvas, area: PaneArea, strip: Strip, color: QColor, width: float = 1.5) -> None:
    """Draw a smooth line through the values."""
    x, y = line_points(strip, area)
    dense = strip.size > 1 or area.view.bar_px < DENSE
    pen = QPen(color, min(width, 1.0) if dense else width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap if width <= 1 else Qt.PenCapStyle.SquareCap)
    painter = canvas.painter
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(pen)
    draw_segments(painter, np.column_stack((x[:-1], y[:-1], x[1:], y[1:])))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_steps(canvas: Canvas, area: PaneArea, strip: Strip, color: QColor, width: float = 1.0) -> None:
    """Draw each value level across its bar, joined by upright lines; groups as their range."""
    if strip.size > 1:
        paint_line(canvas, area, strip, color, width)
        return
    pitch = area.view.bar_px
    left = area.view.x(strip.first) + np.arange(len(strip)) * pitch
    y = area.ys(strip.low)
    level = np.column_stack((left, y, left + pitch, y))
    upright = np.column_stack((left[1:], y[:-1], left[1:], y[1:]))
    pen = QPen(color, width)
    pen.setCapStyle(Qt.PenCapStyle.SquareCap)
    canvas.painter.setPen(pen)
    draw_segments(canvas.painter, np.concatenate((level, upright)))


def paint_dots(canvas: Canvas, area: PaneArea, strip: Strip, color: QColor, size: float = 3.0) -> None:
    """Draw a dot at each value, two at each group's least and greatest; those in dense views are smaller."""
    ratio = canvas.ratio
    side = max(1, round(min(size, max(strip.size * area.view.bar_px, 1.0)) * ratio))
    middle = middles(strip, area) * ratio
    ends = (strip.low,) if strip.size == 1 else (strip.low, strip.high)
    for values in ends:
        y = area.ys(values) * ratio
        there = np.isfinite(y)
        left, top = _pixels(middle[there] - side / 2), _pixels(y[there] - side / 2)
        _boxes(canvas, np.column_stack((left, top, left + side - 1, top + side - 1)), color)


def paint_histogram(
    canvas: Canvas, area: PaneArea, strip: Strip, up: QColor, down: QColor, base: float = 0.0, share: float = 0.72
) -> None:
    """Draw columns from `base` to each value, in one colour above it and another below."""
    ratio, pitch = canvas.ratio, strip.size * area.view.bar_px * canvas.ratio
    edge = area.view.x(strip.first) * ratio + np.arange(len(strip)) * pitch
    if pitch < 3.0:
        left = _pixels(np.floor(edge))
        right = np.maximum(_pixels(np.floor(edge + pitch)) - 1, left)
    else:
        wide = max(1, int(pitch * share))
        left = _pixels(np.floor(edge + (pitch - wide) / 2 + 0.5))
        right = left + wide - 1
    ground = round(area.y(base) * ratio)
    for values, color, above in ((strip.high, up, True), (strip.low, down, False)):
        there = np.flatnonzero((values > base) if above else (values < base))
        tip = _pixels(np.rint(area.ys(values[there]) * ratio))
        top, bottom = np.minimum(tip, ground), np.maximum(tip, ground) - 1
        boxes = np.column_stack((left[there], top, right[there], np.maximum(bottom, top)))
        _boxes(canvas, boxes, color)


def paint_between(canvas: Canvas, area: PaneArea, one: Strip, other: Strip, color: QColor) -> None:
    """Fill between two columns wherever both have values."""
    x = middles(one, area)
    y1, y2 = area.ys(one.high), area.ys(other.low)
    there = np.isfinite(y1) & np.isfinite(y2)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], there.view(np.int8), [0]))))
    canvas.painter.setPen(Qt.PenStyle.NoPen)
    canvas.painter.setBrush(color)
    for begin, end in edges.reshape(-1, 2).tolist():
        there_x = x[begin:end].tolist()
        points = [QPointF(a, b) for a, b in zip(there_x, y1[begin:end].tolist(), strict=True)]
        points += [QPointF(a, b) for a, b in zip(there_x[::-1], y2[begin:end][::-1].tolist(), strict=True)]
        canvas.painter.drawPolygon(QPolygonF(points))


def paint_level(canvas: Canvas, area: PaneArea, value: float, color: QColor) -> None:
    """Draw a dashed guide across the pane."""
    y = area.y(value)
    if area.top <= y < area.bottom:
        canvas.dashed(0, y, area.width, y, color, 3.0)


def draw_segments(painter: QPainter, segments: Floats) -> None:
    """Draw lines given as rows x1, y1, x2, y2 with the painter's pen, in one call; rows with a NaN are left out."""
    there = np.isfinite(segments).all(axis=1)
    kept = np.ascontiguousarray(np.clip(segments[there] if not there.all() else segments, -FAR, FAR))
    if len(kept):
        painter.drawLines(cast(QLineF, Shiboken.wrapInstance(kept.ctypes.data, QLineF)), len(kept))


def _pixels(values: Floats) -> NDArray[np.int32]:
    clipped: NDArray[np.int32] = np.clip(values, -FAR, FAR).astype(np.int32)
    return clipped


def _boxes(canvas: Canvas, boxes: Rects, color: QColor) -> None:
    painter = canvas.painter
    painter.save()
    painter.scale(1 / canvas.ratio, 1 / canvas.ratio)
    _batch.draw(painter, boxes, color)
    painter.restore()
