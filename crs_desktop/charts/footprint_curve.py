"""Footprints in place of candles: what takers sold and bought at each price of a bar, its delta and volume beneath.

How they are drawn is in `footprint_brush`. Bars of which no print is known stay candles. Below `LEAST_PX` all bars do,
and the legend says so.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.crosshair import Part
from crs_desktop.charts.flow_text import lots_text, price_text, signed_text, since_text, tone_of
from crs_desktop.charts.footprint_brush import FootprintBrush, FootprintWords, row_px
from crs_desktop.charts.footprint_face import Face, face_of
from crs_desktop.charts.labels import AxisLabel
from crs_desktop.charts.pane_area import PaneArea
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.flow.footprints import Footprints, Known
from crs_desktop.viewmodels.flow.style import FlowStyle
from engine.domain.pair import TradingPair
from engine.market.footprint import Cells, grouped, poc_row
from engine.market.volume_profile import round_group

if TYPE_CHECKING:
    from crs_desktop.charts.chart_view import ChartView

LEAST_PX = 40.0
"""Narrower bars are candles."""
WIDEST_PX = 220.0
SUMS_PX = 30.0
"""Room for delta and volume under a bar."""
MOST_ROWS = 400
MOST_FACES = 400


class FootprintCurve:
    """Draws the footprints of a chart."""

    key = "footprint"

    def __init__(self, chart: ChartView, model: Footprints) -> None:
        self._chart, self.model = chart, model
        self.style = FlowStyle()
        self._window = (0, 0)
        self._words = FootprintWords()
        self._faces: dict[int, tuple[Cells, Face]] = {}
        self._faces_of: tuple[int, TradingPair] = (0, chart.model.pair)

    @property
    def covers(self) -> bool:
        """Whether bars are wide enough, so that footprints stand in place of candles."""
        return self._chart.view.bar_px >= LEAST_PX

    @property
    def group(self) -> int:
        """Height of a row now, in ticks: the chosen one, or the least that leaves room for a line of text."""
        view = self._chart.view
        return self._fitting(view.high - view.low, view.height)

    @property
    def version(self) -> Hashable:
        """Changes with the height of rows."""
        return self.group, self.model.since

    def extremes(self, first: int, stop: int, _size: int) -> tuple[float, float] | None:
        """Note what is in view; return how far whole rows reach, and the sums beneath them."""
        self._window = (first, stop)
        if not self.covers:
            return None
        found = self._chart.model.series.columns(first, stop, 1).extremes()
        if found is None:
            return None
        view = self._chart.view
        group = self._fitting(found[1] - found[0], max(view.height - view.top_px - SUMS_PX, SUMS_PX))
        low, high = (each // group * group for each in found)
        sums = (found[1] - found[0] + group) * SUMS_PX / max(view.height - view.top_px - SUMS_PX, SUMS_PX)
        return (low, high + group + sums) if view.inverted else (low - sums, high + group)

    def paint(self, canvas: Canvas, area: PaneArea, live: bool) -> None:
        """Paint the closed bars, or the newest."""
        if not self.covers:
            return
        series, pair = self._chart.model.series, self._chart.model.pair
        newest, (first, stop) = series.stop - 1, self._window
        group = self.group
        brush = FootprintBrush(canvas, area, pair, self._words)
        for index in (newest,) if live else range(max(first, series.first), min(stop, newest)):
            row = series.row(index)
            if row is None:
                continue
            cells = self.model.cells(index)
            if cells is None:
                brush.candle(index, row)
            else:
                brush.bar(index, row, self._face(index, cells, group), whole=cells.total == row.volume)
        brush.finish()

    def legend(self, index: int) -> Sequence[Part]:
        """Tell the sums of a bar, and what is known."""
        parts: list[Part] = [(tr("Footprint"), "text_faint")]
        pair, cells = self._chart.model.pair, self.model.cells(index)
        if not self.covers:
            return [*parts, (tr("zoom in until there is room for numbers"), "text_muted")]
        parts += [(tr("row"), "text_faint"), (price_text(pair, self.group), "text_muted")]
        if cells is None:
            return [*parts, (tr("no prints of this bar"), "text_muted"), (since_text(self.model.since), "text_faint")]
        rows = grouped(cells, self.group)
        parts += [
            ("Δ", "text_faint"), (signed_text(pair, rows.delta), tone_of(rows.delta)),
            ("Σ", "text_faint"), (lots_text(pair, rows.total), "text_muted"),
            (tr("POC"), "text_faint"), (price_text(pair, float(rows.price[poc_row(rows.volume)])), "warn"),
        ]  # fmt: skip
        if self.model.known(index) is Known.PART:
            parts.append((tr("part of the bar only"), "warn"))
        return [*parts, *self._pointed(rows), (since_text(self.model.since), "text_faint")]

    def labels(self, area: PaneArea) -> Sequence[AxisLabel]:
        """Return nothing: the last price stands there."""
        return ()

    def _pointed(self, rows: Cells) -> list[Part]:
        """Tell the row under the crosshair."""
        hover, pair = self._chart.hover, self._chart.model.pair
        if hover is None or hover[1] >= self._chart.frame.price_height:
            return []
        price = int(self._chart.view.price(hover[1]) // self.group) * self.group
        at = int(np.searchsorted(rows.price, price))
        if at >= len(rows.price) or rows.price[at] != price:
            return []
        sold, bought = int(rows.sold[at]), int(rows.bought[at])
        text = f"{lots_text(pair, sold)} × {lots_text(pair, bought)}"  # noqa: RUF001 - sold times bought, as is usual
        return [(tr("here"), "text_faint"), (text, tone_of(bought - sold))]

    def _fitting(self, reach: float, height: float) -> int:
        """Return the height of rows where prices reach over so many ticks on so many px."""
        reach = max(reach, 1.0)
        if self.style.cells:
            return max(self.style.cells, round_group(reach / MOST_ROWS))
        return round_group(reach * row_px() / max(height, 1.0))

    def _face(self, index: int, cells: Cells, group: int) -> Face:
        """Return the face of a bar; those whose cells did not change are kept."""
        key = (group, self._chart.model.pair)
        if key != self._faces_of or len(self._faces) > MOST_FACES:
            self._faces_of = key
            self._faces.clear()
        kept = self._faces.get(index)
        if kept is None or kept[0] is not cells:
            kept = self._faces[index] = cells, face_of(cells, *key)
        return kept[1]
