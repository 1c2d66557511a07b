"""The bars of a chart in each of its styles: candles, hollow candles, bars with ticks, a line, an area, bricks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QBrush, QColor, QLinearGradient, QPainter

from crs_desktop import theme
from crs_desktop.charts.candles import CandleBoxes, candle_boxes
from crs_desktop.charts.canvas import Canvas, RectBatch, Rects
from crs_desktop.charts.lines import line_points, paint_line, strip_in_view
from crs_desktop.charts.pane_area import PaneArea
from crs_desktop.charts.viewport import Viewport
from crs_desktop.viewmodels.chart_style import BarKind
from crs_desktop.viewmodels.series import BarSeries, Columns
from crs_desktop.viewmodels.value_column import Strip, ValueColumn

LEAST_HOLLOW = 4
"""A body narrower than this, in device pixels, is filled: a frame would leave nothing inside."""
LEAST_TICKS = 3
BRICK_SHARE = 0.94
SHADE_TOP, SHADE_BOTTOM = 80, 8
"""Alpha of the area under a line at the top and the bottom of the pane."""
FAR = 1 << 20


class BarPainter:
    """Paints the bars that are closed, or the newest."""

    def __init__(self) -> None:
        self._batch = RectBatch()

    def paint(
        self, canvas: Canvas, area: PaneArea, columns: Columns, series: BarSeries, kind: BarKind, *, live: bool
    ) -> None:
        """Paint bars from columns; the painter must be clipped to the price pane."""
        cut = min(max((series.stop - 1 - columns.first) // columns.size, 0), len(columns))
        shown = columns.part(cut, len(columns)) if live else columns.part(0, cut)
        painter, ratio = canvas.painter, canvas.ratio
        share = BRICK_SHARE if kind is BarKind.RENKO else 0.72
        boxes = candle_boxes(shown, area.view, ratio, 0, 0, share)
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        if kind is BarKind.HOLLOW:
            rising = _against_before(columns)[cut:] if live else _against_before(columns)[:cut]
            self._hollow(painter, boxes, rising[shown.low <= shown.high], max(1, round(ratio)))
        elif kind is BarKind.OHLC:
            self._ticks(painter, boxes, shown, area.view, ratio)
        else:
            for mask, color in ((boxes.rising, theme.color("up")), (~boxes.rising, theme.color("down"))):
                self._batch.draw(painter, np.concatenate((boxes.wicks[mask], boxes.bodies[mask])), color)
        painter.restore()

    def _hollow(self, painter: QPainter, boxes: CandleBoxes, rising: NDArray[np.bool_], thin: int) -> None:
        """Bodies of candles that closed above their open are frames; the colour says how they closed against before."""
        bodies, wicks = boxes.bodies, boxes.wicks
        wide = (bodies[:, 2] - bodies[:, 0] + 1 >= LEAST_HOLLOW * thin) & (bodies[:, 3] - bodies[:, 1] >= 2 * thin)
        framed = boxes.rising & wide
        parts = np.concatenate((_frames(bodies[framed], thin), bodies[~framed], _stubs(wicks, bodies)))
        tones = np.concatenate((np.tile(rising[framed], 4), rising[~framed], np.tile(rising, 2)))
        there = parts[:, 1] <= parts[:, 3]
        self._batch.draw(painter, parts[there & tones], theme.color("up"))
        self._batch.draw(painter, parts[there & ~tones], theme.color("down"))

    def _ticks(self, painter: QPainter, boxes: CandleBoxes, columns: Columns, view: Viewport, ratio: float) -> None:
        """Upright lines with the open at the left and the close at the right."""
        bodies, wicks, thin = boxes.bodies, boxes.wicks, max(1, round(ratio))
        parts, tones = [wicks], [boxes.rising]
        if len(bodies) and bodies[0, 2] - bodies[0, 0] + 1 >= LEAST_TICKS * thin:
            place = columns.low <= columns.high
            for values, first, last in (
                (columns.open[place], bodies[:, 0], wicks[:, 2]),
                (columns.close[place], wicks[:, 0], bodies[:, 2]),
            ):
                y = np.clip(np.rint(view.ys(values) * ratio), -(1 << 20), 1 << 20).astype(np.int32)
                y = np.clip(y, wicks[:, 1], np.maximum(wicks[:, 3] - thin + 1, wicks[:, 1]))
                parts.append(np.column_stack((first, y, last, y + thin - 1)))
                tones.append(boxes.rising)
        every, rising = np.concatenate(parts), np.concatenate(tones)
        self._batch.draw(painter, every[rising], theme.color("up"))
        self._batch.draw(painter, every[~rising], theme.color("down"))


class ClosePainter:
    """Paints a line through the closes, with or without a tinted area under it."""

    def __init__(self) -> None:
        self._batch = RectBatch()

    def paint(self, canvas: Canvas, area: PaneArea, closes: ValueColumn, *, filled: bool, live: bool) -> None:
        """Paint what is closed, or the way from there to the newest close; what is closed stands on its `ground`."""
        strip = strip_in_view(closes, area.view, canvas.ratio, live=live)
        if not len(strip):
            return
        if filled and live:
            self._fill(canvas, area, strip)
        paint_line(canvas, area, strip, theme.color("accent"), 1.5)
        if live:
            self._end(canvas, area, strip)

    def ground(self, canvas: Canvas, area: PaneArea, closes: ValueColumn) -> None:
        """Tint the pane under what is closed: shade all of it, then cover what is above the line.

        Before the grid, and opaque: to blend half a million pixels would cost more than all the rest.
        """
        ratio = canvas.ratio
        tall = area.height / (SHADE_TOP - SHADE_BOTTOM)
        for step in range(SHADE_TOP - SHADE_BOTTOM):
            canvas.box(0, area.top + step * tall, area.width, tall, _shade(SHADE_TOP - step))
        columns = np.arange(round(area.width * ratio) + 1)
        tops = np.full(len(columns), area.bottom)
        strip = strip_in_view(closes, area.view, ratio, live=False)
        if len(strip):
            x, y = line_points(strip, area)
            inside = (columns >= x[0] * ratio) & (columns <= x[-1] * ratio)
            tops[inside] = np.nan_to_num(_at(columns[inside] / ratio, x, y), nan=area.bottom)
        bottom = np.clip(np.rint(tops * ratio), -FAR, FAR).astype(np.int32) - 1
        top = np.full(len(columns), round(area.top * ratio), np.int32)
        covers = np.column_stack((columns, top, columns, bottom)).astype(np.int32)
        canvas.painter.save()
        canvas.painter.scale(1 / ratio, 1 / ratio)
        self._batch.draw(canvas.painter, covers[bottom >= top], theme.color("surface"))
        canvas.painter.restore()

    def _fill(self, canvas: Canvas, area: PaneArea, strip: Strip) -> None:
        """Tint the few device pixel columns between the last closed bar and the newest."""
        ratio = canvas.ratio
        x, y = line_points(strip, area)
        columns = np.arange(int(np.floor(max(x[0], 0.0) * ratio)) + 1, int(min(x[-1], area.width) * ratio) + 1)
        if not len(columns):
            return
        tops = _at(columns / ratio, x, y)
        there = np.isfinite(tops)
        left, top = columns[there].astype(np.int32), np.clip(np.rint(tops[there] * ratio), -FAR, FAR)
        bottom = np.full(len(left), round(area.bottom * ratio) - 1, np.int32)
        boxes = np.column_stack((left, top.astype(np.int32), left, bottom))
        canvas.painter.save()
        canvas.painter.scale(1 / ratio, 1 / ratio)
        self._batch.draw(canvas.painter, boxes, _gradient(area, ratio))
        canvas.painter.restore()

    def _end(self, canvas: Canvas, area: PaneArea, strip: Strip) -> None:
        x, y = line_points(strip.part(len(strip) - 1, len(strip)), area)
        if np.isfinite(y[-1]):
            at = float(x[-1]), float(y[-1])
            canvas.polygon(
                [(at[0] - 4, at[1]), (at[0], at[1] - 4), (at[0] + 4, at[1]), (at[0], at[1] + 4)],
                theme.color("accent"),
                theme.color("surface"),
            )


def _gradient(area: PaneArea, ratio: float) -> QBrush:
    gradient = QLinearGradient(QPointF(0, area.top * ratio), QPointF(0, area.bottom * ratio))
    for place, alpha in ((0, SHADE_TOP), (1, SHADE_BOTTOM)):
        tone = QColor(theme.color("accent"))
        tone.setAlpha(alpha)
        gradient.setColorAt(place, tone)
    return QBrush(gradient)


def _shade(alpha: int) -> QColor:
    """Return the accent over the surface, opaque."""
    accent, surface = theme.color("accent"), theme.color("surface")
    pairs = zip(accent.getRgb()[:3], surface.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(under + (over - under) * alpha / 255) for over, under in pairs))


def _at(places: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the height of a line at pixels, NaN where it has a gap."""
    there = np.isfinite(y)
    if there.all():
        found: NDArray[np.float64] = np.interp(places, x, y)
        return found
    right = np.clip(np.searchsorted(x, places), 1, len(x) - 1) if len(x) > 1 else np.zeros(len(places), np.int64)
    open_ = ~(there[right] & there[right - 1]) if len(x) > 1 else ~there[right]
    if not there.any():
        return np.full(len(places), np.nan)
    found = np.interp(places, x[there], y[there])
    found[open_] = np.nan
    return found


def _against_before(columns: Columns) -> NDArray[np.bool_]:
    """Return which candles close at or above the close before; where there is none, above their own open."""
    before = np.empty(len(columns))
    if len(columns):
        before[0] = np.nan
        before[1:] = columns.close[:-1]
    unknown = np.isnan(before)
    before[unknown] = columns.open[unknown]
    rising: NDArray[np.bool_] = columns.close >= before
    return rising


def _frames(bodies: Rects, thin: int) -> Rects:
    """Return the four sides of boxes, all upper sides first."""
    left, top, right, bottom = bodies.T
    return np.concatenate(
        (
            np.column_stack((left, top, right, top + thin - 1)),
            np.column_stack((left, bottom - thin + 1, right, bottom)),
            np.column_stack((left, top + thin, left + thin - 1, bottom - thin)),
            np.column_stack((right - thin + 1, top + thin, right, bottom - thin)),
        )
    )


def _stubs(wicks: Rects, bodies: Rects) -> Rects:
    """Return what of the wicks is above the bodies, then what is below."""
    above, below = wicks.copy(), wicks.copy()
    above[:, 3] = np.minimum(wicks[:, 3], bodies[:, 1] - 1)
    below[:, 1] = np.maximum(wicks[:, 1], bodies[:, 3] + 1)
    return np.concatenate((above, below))
