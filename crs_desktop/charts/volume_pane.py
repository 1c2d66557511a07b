"""The volume of each bar, in a pane under the prices."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from crs_desktop import theme
from crs_desktop.charts.candles import volume_boxes
from crs_desktop.charts.canvas import Canvas, RectBatch
from crs_desktop.charts.crosshair import Part
from crs_desktop.charts.labels import AxisLabel
from crs_desktop.charts.pane_area import PaneArea
from crs_desktop.charts.scale import NumberGrid, PriceTick, nice_ceiling
from crs_desktop.i18n import tr
from crs_desktop.viewmodels.series import BarSeries
from engine.domain.pair import TradingPair

TOP = 6.0
"""Pixels left free above the highest bar."""


class VolumePane:
    """Draws the volume column of the series that the chart shows."""

    key = "volume"
    exact = True

    def __init__(self, series: Callable[[], BarSeries], pair: Callable[[], TradingPair]) -> None:
        self._series, self._pair = series, pair
        self._batch = RectBatch()
        self._columns = series().columns(0, 0, 1)

    @property
    def title(self) -> str:
        """Return what it is called."""
        return tr("Volume {base}", base=self._pair().base.code)

    @property
    def version(self) -> Hashable:
        """The kept picture follows the series anyway."""
        return 0

    def extremes(self, first: int, stop: int, size: int) -> tuple[float, float] | None:
        """Return zero and a round number above the greatest volume in view."""
        columns = self._columns = self._series().columns(first, stop, size)
        most = float(columns.volume.max()) if len(columns) else 0.0
        return 0.0, nice_ceiling(most) if most > 0 else 1.0

    def paint(self, canvas: Canvas, area: PaneArea, live: bool) -> None:
        """Paint the bars that are closed, or the newest."""
        ratio = canvas.ratio
        columns = self._columns
        cut = min(max((self._series().stop - 1 - columns.first) // columns.size, 0), len(columns))
        shown = columns.part(cut, len(columns)) if live else columns.part(0, cut)
        bottom, height = round(area.bottom * ratio), max(1, round((area.height - TOP) * ratio))
        boxes, rising = volume_boxes(shown, area.view, ratio, 0, bottom, height, area.high)
        painter = canvas.painter
        painter.save()
        painter.scale(1 / ratio, 1 / ratio)
        self._batch.draw(painter, boxes[rising], theme.color("up", 110))
        self._batch.draw(painter, boxes[~rising], theme.color("down", 110))
        painter.restore()

    def axis(self, area: PaneArea) -> Sequence[PriceTick]:
        """Write how much the top is."""
        return [PriceTick(area.high, NumberGrid.of_quantity(self._pair()).short(area.high))]

    def legend(self, index: int) -> Sequence[Part]:
        """Return the name and the volume of a bar."""
        row = self._series().row(index)
        parts: list[Part] = [(self.title, "text_faint")]
        if row is not None:
            tone = "up_text" if row.close >= row.open else "down_text"
            parts.append((NumberGrid.of_quantity(self._pair()).short(row.volume), tone))
        return parts

    def labels(self, area: PaneArea) -> Sequence[AxisLabel]:
        """Return nothing: the newest volume stands in the legend."""
        return ()

    def value_text(self, value: float) -> str:
        """Return a volume in a few characters."""
        return NumberGrid.of_quantity(self._pair()).short(max(value, 0.0))
