"""What can be laid over the candles: something that paints in the price pane and may take input first.

Drawings, order lines and the like are overlays. A chart paints them in order after the candles and offers each input
event to the last one first, before its own gestures. One whose `in_front` is False is painted behind the others,
whenever it is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QEvent

from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.frame import Frame
from crs_desktop.charts.labels import AxisLabel
from crs_desktop.charts.viewport import Viewport
from crs_desktop.viewmodels.series import BarSeries
from engine.domain.pair import TradingPair


@dataclass(frozen=True, slots=True)
class Plane:
    """The price pane now: which bars it shows, where a bar and a price are (`view.x`, `view.y`), how it is divided."""

    pair: TradingPair
    series: BarSeries
    view: Viewport
    frame: Frame

    def x(self, instant: int) -> float:
        """Return the pixel of an instant (ns UTC): within the bar that contains it, beyond the ends extrapolated."""
        index = self.series.index_at(instant)
        part = min(max((instant - self.series.start(index)) / self.series.step, 0.0), 1.0)
        return self.view.x(index + part)

    def instant(self, x: float) -> int:
        """Return the instant (ns UTC) under a pixel."""
        bar = self.view.bar(x)
        index = int(bar // 1)
        return self.series.start(index) + int((bar - index) * self.series.step)


class Overlay(Protocol):
    """One overlay of a chart."""

    def paint(self, canvas: Canvas, plane: Plane) -> None:
        """Paint inside the price pane (the painter is clipped to it)."""
        ...

    def labels(self, plane: Plane) -> list[AxisLabel]:
        """Return labels for the price axis; they dodge those of the others."""
        ...

    def take(self, event: QEvent, plane: Plane) -> bool:
        """Handle an input event of the chart; False leaves it to the next."""
        ...
