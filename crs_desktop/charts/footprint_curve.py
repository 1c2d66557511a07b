"""Footprints in place of candles: what takers sold and bought at each price of a bar, its delta and volume beneath.

Each row says `sold x bought`, its ground grows with its volume and takes the colour of its delta; where one side is
three times the other, compared diagonally, its number is lit; the row with the most volume has a frame. Bars of which
no print is known stay candles. Below `LEAST_PX` all bars do, and the legend says so.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.crosshair import Part
from crs_desktop.charts.flow_text import cell_texts, lots_text, price_text, signed_text, since_text, tone_of
from crs_desktop.charts.labels import AxisLabel
from crs_desktop.charts.pane_area import PaneArea
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.flow.footprints import Footprints, Known
from crs_desktop.viewmodels.flow.style import FlowStyle
from crs_desktop.viewmodels.series import Row
from engine.market.footprint import Cells, grouped, imbalances, poc_row
from engine.market.volume_profile import round_group

if TYPE_CHECKING:
    from crs_desktop.charts.chart_view import ChartView

LEAST_PX = 40.0
"""Narrower bars are candles."""
WIDEST_PX = 220.0
CANDLE_PX = 5.0
"""Width of the thin candle at the left of a footprint."""
MARGIN = 3.0
SUMS_PX = 30.0
"""Room for delta and volume under a bar."""
MOST_ROWS = 400
RIGHT = (Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter).value
LEFT = (Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter).value
CENTRE = Qt.AlignmentFlag.AlignCenter.value


class FootprintCurve:
    """Draws the footprints of a chart."""

    key = "footprint"

    def __init__(self, chart: ChartView, model: Footprints) -> None:
        self._chart, self.model = chart, model
        self.style = FlowStyle()
        self.group = 1
        """Height of a row now, in ticks."""
        self._window = (0, 0)

    @property
    def covers(self) -> bool:
        """Whether bars are wide enough, so that footprints stand in place of candles."""
        return self._chart.view.bar_px >= LEAST_PX

    @property
    def version(self) -> Hashable:
        """Changes with the height of rows."""
        return self.group, self.model.since

    def extremes(self, first: int, stop: int, _size: int) -> tuple[float, float] | None:
        """Note what is in view; return how far whole rows reach, and the sums beneath them."""
        self._window = (first, stop)
        if not self.covers:
            return None
        group = self.group = self._wanted()
        found = self._chart.model.series.columns(first, stop, 1).extremes()
        if found is None:
            return None
        low, high = (each // group * group for each in found)
        view = self._chart.view
        sums = (found[1] - found[0] + group) * SUMS_PX / max(view.height - view.top_px - SUMS_PX, SUMS_PX)
        return (low, high + group + sums) if view.inverted else (low - sums, high + group)

    def paint(self, canvas: Canvas, area: PaneArea, live: bool) -> None:
        """Paint the closed bars, or the newest."""
        if not self.covers:
            return
        canvas.painter.setFont(theme.font("small"))
        series = self._chart.model.series
        newest = series.stop - 1
        first, stop = self._window
        for index in (newest,) if live else range(max(first, series.first), min(stop, newest)):
            row = series.row(index)
            if row is None:
                continue
            cells = self.model.cells(index)
            if cells is None:
                _paint_candle(canvas, area, index, row, area.view.bar_px * 0.36)
            else:
                self._paint_bar(canvas, area, index, row, cells)

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

    def _wanted(self) -> int:
        """Return a height of rows: the chosen one, or the least that leaves room for a line of text."""
        view = self._chart.view
        reach = max(view.high - view.low, 1.0)
        if self.style.cells:
            return max(self.style.cells, round_group(reach / MOST_ROWS))
        return round_group(reach * _line() / max(view.height, 1.0))

    def _paint_bar(self, canvas: Canvas, area: PaneArea, index: int, row: Row, cells: Cells) -> None:
        rows = grouped(cells, self.group)
        left, right = area.x(index) + MARGIN, area.x(index + 1) - MARGIN
        _paint_candle(canvas, area, index, row, CANDLE_PX, left)
        left += CANDLE_PX + 2
        volume = rows.volume
        sellers, buyers = imbalances(rows, self.group)
        poc, most = poc_row(volume), float(volume.max())
        texts = self._texts(canvas, rows, right - left)
        for number in range(len(rows.price)):
            one, other = area.y(float(rows.price[number])), area.y(float(rows.price[number] + self.group))
            top, bottom = min(one, other), max(one, other)
            if bottom < area.top or top > area.bottom:
                continue
            delta = int(rows.bought[number] - rows.sold[number])
            strength = 24 + round(96 * float(volume[number]) / most)
            tone = "up" if delta > 0 else "down" if delta < 0 else "text_faint"
            canvas.box(left, top, right - left, bottom - top - canvas.hair, theme.color(tone, strength))
            if texts is not None and bottom - top >= _line() - 2:
                lit = bool(sellers[number]), bool(buyers[number])
                _paint_row(canvas, texts[number], QRectF(left, top, right - left, bottom - top), lit)
            if number == poc:
                _frame(canvas, QRectF(left, top, right - left, bottom - top - canvas.hair))
        self._paint_sums(canvas, area, rows, QRectF(left, 0, right - left, 0), whole=cells.total == row.volume)

    def _texts(self, canvas: Canvas, rows: Cells, width: float) -> list[tuple[str, str]] | None:
        """Return both numbers of each row, or its delta alone, or None, whatever there is room for."""
        pair = self._chart.model.pair
        texts = cell_texts(pair, [*rows.sold.tolist(), *rows.bought.tolist()])
        both = list(zip(texts[: len(rows.price)], texts[len(rows.price) :], strict=True))
        if all(max(canvas.text_width(one), canvas.text_width(other)) <= width / 2 - 7 for one, other in both):
            return both
        deltas = [("", each) for each in cell_texts(pair, (rows.bought - rows.sold).tolist(), signed=True)]
        return deltas if all(canvas.text_width(text) <= width - 4 for _, text in deltas) else None

    def _paint_sums(self, canvas: Canvas, area: PaneArea, rows: Cells, box: QRectF, *, whole: bool) -> None:
        """Write delta and volume under the lowest row; of a bar known in part, that there was more."""
        pair, line = self._chart.model.pair, float(canvas.painter.fontMetrics().height())
        ends = area.y(float(rows.price[0])), area.y(float(rows.price[-1] + self.group))
        y = max(ends) + 3
        delta, total = signed_text(pair, rows.delta), lots_text(pair, rows.total)
        volume = (f"Σ {total}", "text_muted") if whole else (f"Σ ≥ {total}", "warn")
        for text, tone in ((f"Δ {delta}", tone_of(rows.delta)), volume):
            if y + line > area.bottom:
                break
            canvas.text(box.x(), y, box.width(), line, text, theme.color(tone), CENTRE)
            y += line


def _paint_row(canvas: Canvas, texts: tuple[str, str], box: QRectF, lit: tuple[bool, bool]) -> None:
    sold, bought = texts
    plain = theme.color("text")
    middle = box.x() + box.width() / 2
    if not sold:
        canvas.text(box.x(), box.y(), box.width(), box.height(), bought, plain, CENTRE)
        return
    ink = theme.color("down_text") if lit[0] else plain
    canvas.text(box.x(), box.y(), box.width() / 2 - 6, box.height(), sold, ink, RIGHT)
    canvas.text(middle - 5, box.y(), 10, box.height(), "×", theme.color("text_faint"), CENTRE)  # noqa: RUF001 - as usual
    ink = theme.color("up_text") if lit[1] else plain
    canvas.text(middle + 6, box.y(), box.width() / 2 - 6, box.height(), bought, ink, LEFT)


def _frame(canvas: Canvas, box: QRectF) -> None:
    color = theme.color("warn")
    for y in (box.top(), box.bottom() - canvas.hair):
        canvas.horizontal(y, box.left(), box.right(), color)
    for x in (box.left(), box.right() - canvas.hair):
        canvas.vertical(x, box.top(), box.bottom(), color)


def _paint_candle(
    canvas: Canvas, area: PaneArea, index: int, row: Row, width: float, left: float | None = None
) -> None:
    """Draw a plain candle of a width, in the middle of its bar unless `left` says where."""
    if left is None:
        left = area.x(index + 0.5) - width / 2
    color = theme.color("up" if row.close >= row.open else "down")
    ends = area.y(row.high), area.y(row.low)
    canvas.vertical(left + (width - canvas.hair) / 2, min(ends), max(ends) + canvas.hair, color)
    body = area.y(row.open), area.y(row.close)
    canvas.box(left, min(body), width, max(max(body) - min(body), canvas.hair), color)


def _line() -> float:
    """Return the height that a row with text needs, px."""
    return theme.font("small").pixelSize() + 5.0
