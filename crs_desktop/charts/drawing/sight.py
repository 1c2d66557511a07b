"""Where instants and prices of drawings are on a chart: the middle of the bar that contains them.

The bar of an instant is remembered once it is certain: what lies between the oldest and the newest bar keeps its bar
for life, whatever is added at either end.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cached_property
from math import floor

from crs_desktop.charts.overlay import Plane
from crs_desktop.viewmodels.series import BarSeries

MOST_KNOWN = 100_000


class KnownBars:
    """The bars of instants of one series."""

    def __init__(self) -> None:
        self._series: BarSeries | None = None
        self.index: dict[int, int] = {}

    def of(self, series: BarSeries) -> dict[int, int]:
        """Return what is known of a series; nothing when it is another one than before."""
        if series is not self._series or len(self.index) > MOST_KNOWN:
            self._series, self.index = series, {}
        return self.index


class ChartSight:
    """A `Sight` of a chart's price pane for one frame."""

    def __init__(self, plane: Plane, known: KnownBars, worth: Callable[[], int | None]) -> None:
        self.pair, self.step = plane.pair, plane.series.step
        self.width, self.height = plane.frame.plot_width, plane.frame.price_height
        self._series, self._view, self._worth = plane.series, plane.view, worth
        self._known = known.of(plane.series)
        self._first, self._last = plane.series.first, plane.series.stop - 1
        self._since, self._newest = self._series.start(self._first), self._series.start(self._last)

    @cached_property
    def equity(self) -> int | None:
        """What the account is worth in units of the quote."""
        return self._worth()

    def bar(self, at: int) -> int:
        """Return the index of the bar that contains an instant; extrapolated beyond the ends."""
        index = self._known.get(at)
        if index is not None:
            return index
        if at >= self._newest:
            return self._last + (at - self._newest) // self.step
        if at < self._since:
            return self._first + (at - self._since) // self.step
        index = self._known[at] = self._series.index_at(at)
        return index

    def start(self, bar: int) -> int:
        """Return the opening instant of a bar."""
        return self._series.start(bar)

    def x(self, at: int) -> float:
        """Return the middle of the bar that contains an instant."""
        return self._view.x(self.bar(at) + 0.5)

    def y(self, ticks: float) -> float:
        """Return where a price is."""
        return self._view.y(ticks)

    def bar_at(self, x: float) -> int:
        """Return the bar under a pixel."""
        return floor(self._view.bar(x))

    def price(self, y: float) -> float:
        """Return the price at a pixel."""
        return self._view.price(y)

    def bar_of(self, x: float) -> float:
        """Return the bar coordinate under a pixel."""
        return self._view.bar(x)

    def x_of_bar(self, bar: float) -> float:
        """Return the pixel of a bar coordinate."""
        return self._view.x(bar)

    def freeze(self) -> None:
        """Go on seeing what is seen now, while the chart is moved."""
        self._view = copy.copy(self._view)

    @property
    def key(self) -> tuple[float, ...]:
        """What changes whenever a point of the pane stands for something else: how some of them are mapped."""
        view, far = self._view, self._last - 1000.0
        prices = tuple(view.price(self.height * part) for part in (0.0, 0.31, 1.0))
        return (self.width, self.height, view.x(far), view.x(self._last), self._newest, *prices, self._first)
