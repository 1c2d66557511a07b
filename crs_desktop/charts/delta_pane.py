"""Cumulative delta in a pane under the prices, as a line or as candles; estimates are grey and dashed, or hollow."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from math import ceil, floor, log10

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QPen

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas, RectBatch, Rects
from crs_desktop.charts.crosshair import Part
from crs_desktop.charts.flow_text import scaled_text, signed_text, since_text, tone_of
from crs_desktop.charts.labels import AxisLabel
from crs_desktop.charts.lines import draw_segments, line_points, paint_level, paint_line, strip_in_view
from crs_desktop.charts.pane_area import PaneArea
from crs_desktop.charts.scale import PriceTick
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.flow.delta import CumulativeDelta, DeltaColumns
from crs_desktop.viewmodels.flow.style import DeltaKind
from engine.domain.pair import TradingPair

LEAST_CANDLE = 4.0
"""Narrower bars are drawn as a line, px."""
SPACING = 34.0
FAR = 1 << 20
Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


class DeltaPane:
    """Draws a `CumulativeDelta`."""

    key = "cumulative delta"
    exact = False

    def __init__(
        self, model: CumulativeDelta, kind: DeltaKind, pair: Callable[[], TradingPair], again: Callable[[], object]
    ) -> None:
        """`again` asks for another frame soon."""
        self.model, self.kind = model, kind
        self._pair, self._again = pair, again
        self._window = (0, 0)
        self._fine = 0.0
        """What differs on the axis, lots."""
        self._batch = RectBatch()

    @property
    def title(self) -> str:
        """Return what it is called."""
        return tr("Cumulative delta {base}", base=self._pair().base.code)

    @property
    def version(self) -> Hashable:
        """Changes with what is closed."""
        return self.kind, id(self.model.exact), self.model.exact.version

    def extremes(self, first: int, stop: int, size: int) -> tuple[float, float] | None:
        """Bring the sums up to date; return the least and greatest in view."""
        model = self.model
        model.sync()
        if model.pending:
            self._again()
        self._window = (first, stop)
        # a bar more at each side: lines run out of the view to them
        found = [column.strip(first - size, stop + size, size).extremes() for column in (model.exact, model.estimated)]
        reaches = [each for each in found if each is not None]
        if reaches and size == 1 and self.kind is DeltaKind.CANDLES:
            part = model.columns(first, stop)
            reaches.append((float(np.nanmin(part.low)), float(np.nanmax(part.high))))
        if not reaches:
            return None
        return min(low for low, _ in reaches), max(high for _, high in reaches)

    def paint(self, canvas: Canvas, area: PaneArea, live: bool) -> None:
        """Paint the closed bars, or the newest."""
        if not live:
            paint_level(canvas, area, 0.0, theme.color("border_strong"))
        if self.kind is DeltaKind.CANDLES and area.view.bar_px >= LEAST_CANDLE:
            self._candles(canvas, area, live)
            return
        _dashed_line(canvas, area, self.model, live)
        strip = strip_in_view(self.model.exact, area.view, canvas.ratio, live=live)
        paint_line(canvas, area, strip, theme.color("accent"), 1.5)

    def axis(self, area: PaneArea) -> Sequence[PriceTick]:
        """Write round quantities."""
        step = _step(area)
        if not step:
            return ()
        numbers = range(ceil(area.low / step), floor(area.high / step) + 1)
        pair = self._pair()
        return [PriceTick(each * step, scaled_text(pair, each * step, step)) for each in numbers]

    def legend(self, index: int) -> Sequence[Part]:
        """Tell the sum at a bar, the bar's own delta, and whether it is an estimate."""
        parts: list[Part] = [(self.title, "text_faint")]
        row, pair = self.model.row(index), self._pair()
        if row is not None:
            parts += [
                (signed_text(pair, row.close), tone_of(row.close)),
                (tr("bar"), "text_faint"), (signed_text(pair, row.delta), tone_of(row.delta)),
            ]  # fmt: skip
            if not row.exact:
                parts.append((tr("estimated from the bar's direction"), "warn"))
        return [*parts, (since_text(self.model.since), "text_faint")]

    def labels(self, area: PaneArea) -> Sequence[AxisLabel]:
        """Mark the newest sum on the axis."""
        row = self.model.row(self.model.exact.stop - 1)
        if row is None:
            return ()
        y = area.y(row.close)
        tone = theme.color("accent" if row.exact else "text_faint")
        self._fine = _step(area) / 10
        return (AxisLabel(y, (self.value_text(row.close),), theme.color("raised"), tone, tone),)

    def value_text(self, value: float) -> str:
        """Return a quantity in a few characters, fine enough for the scale that was last shown."""
        return scaled_text(self._pair(), value, self._fine)

    def _candles(self, canvas: Canvas, area: PaneArea, live: bool) -> None:
        newest = self.model.exact.stop - 1
        first, stop = self._window
        shown = self.model.columns(newest, newest + 1) if live else self.model.columns(first, min(stop, newest))
        bodies, wicks, there = _boxes(shown, area, canvas.ratio)
        rising, exact = (shown.close >= shown.open)[there], shown.exact[there]
        frames = _frames(bodies, max(1, round(canvas.ratio)))
        painter = canvas.painter
        painter.save()
        painter.scale(1 / canvas.ratio, 1 / canvas.ratio)
        for tone, mask in (("up", rising), ("down", ~rising)):
            parts = np.concatenate((bodies[mask & exact], *(each[mask & (each[:, 1] <= each[:, 3])] for each in wicks)))
            self._batch.draw(painter, parts, theme.color(tone))
            self._batch.draw(painter, frames[np.tile(mask & ~exact, 4)], theme.color(tone))
        painter.restore()


def _boxes(columns: DeltaColumns, area: PaneArea, ratio: float) -> tuple[Rects, NDArray[np.int32], Ints]:
    """Return bodies and wicks in device pixels, wicks without what the bodies cover, and which slots have them."""
    there = np.flatnonzero(np.isfinite(columns.close))
    pitch = area.view.bar_px * ratio
    thin = max(1, round(ratio))
    wide = max(int(pitch * 0.72), thin)
    wide += (wide - thin) % 2
    edge = (columns.first - area.view.left + there) * pitch
    left = np.floor(edge + (pitch - wide) / 2 + 0.5)
    opened, high, low, close = (
        np.rint(area.ys(each[there]) * ratio) for each in (columns.open, columns.high, columns.low, columns.close)
    )
    top = np.minimum(opened, close)
    bottom = np.maximum(np.maximum(opened, close), top + thin - 1)
    bodies = _rects(left, top, left + wide - 1, bottom)
    wick = left + (wide - thin) // 2
    above = _rects(wick, high, wick + thin - 1, top - 1)
    below = _rects(wick, bottom + 1, wick + thin - 1, low)
    return bodies, np.stack((above, below)), there


def _rects(left: Floats, top: Floats, right: Floats, bottom: Floats) -> Rects:
    return np.clip(np.column_stack((left, top, right, bottom)), -FAR, FAR).astype(np.int32)


def _frames(bodies: Rects, thin: int) -> Rects:
    """Return the four sides of boxes, all upper sides first; a flat box is one side four times."""
    left, top, right, bottom = bodies.T
    return np.concatenate(
        (
            np.column_stack((left, top, right, np.minimum(top + thin - 1, bottom))),
            np.column_stack((left, np.maximum(bottom - thin + 1, top), right, bottom)),
            np.column_stack((left, top, left + thin - 1, bottom)),
            np.column_stack((right - thin + 1, top, right, bottom)),
        )
    )


def _dashed_line(canvas: Canvas, area: PaneArea, model: CumulativeDelta, live: bool) -> None:
    """Draw the estimate: dashes are left out of a thin line, which a dashed pen would take long for."""
    strip = strip_in_view(model.estimated, area.view, canvas.ratio, live=live)
    if not len(strip):
        return
    x, y = line_points(strip, area)
    segments = np.column_stack((x[:-1], y[:-1], x[1:], y[1:]))
    canvas.painter.setPen(QPen(theme.color("text_faint"), 1.0))
    if strip.size == 1 and area.view.bar_px >= LEAST_CANDLE:
        pen = QPen(theme.color("text_faint"), 1.0, Qt.PenStyle.DashLine)
        canvas.painter.setPen(pen)
    draw_segments(canvas.painter, segments)


def _step(area: PaneArea) -> float:
    """Return how far apart round values are on the axis, lots."""
    least = (area.high - area.low) * SPACING / max(area.height, 1.0)
    if not least > 0:
        return 0.0
    power = 10.0 ** floor(log10(least))
    return float(next(nice * power for nice in (1, 2, 5, 10) if nice * power >= least))
