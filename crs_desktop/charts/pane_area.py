"""A pane's place and scale: values to pixels and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crs_desktop.charts.viewport import Viewport

Floats = NDArray[np.float64]
HEADROOM = 0.08
"""Share of a pane's height left free at both ends."""
LOOSE = 0.5
"""Fit a pane again when its values fill less than this share of it."""


@dataclass(slots=True)
class PaneScale:
    """The values at the bottom and the top of a pane."""

    low: float = 0.0
    high: float = 1.0
    fresh: bool = True

    def fit(self, low: float, high: float, *, exact: bool = False) -> None:
        """Show values `low` to `high`; a range that still does is kept, so that the axis does not tremble."""
        if exact:
            self.low, self.high = low, high if high > low else low + 1.0
            return
        span, reach = high - low, self.high - self.low
        if span <= 0:
            span = max(abs(high) * 1e-6, 1e-9)
        inside = self.low <= low and high <= self.high
        if self.fresh or not inside or span < LOOSE * (1 - 2 * HEADROOM) * reach:
            room = span * HEADROOM / (1 - 2 * HEADROOM)
            middle = (low + high) / 2
            self.low, self.high, self.fresh = middle - span / 2 - room, middle + span / 2 + room, False


@dataclass(frozen=True, slots=True)
class PaneArea:
    """A pane of `width` x `height` px from `top` down: `view` says which bars it shows, `low` and `high` its scale.

    In the price pane values are prices in ticks and follow the scale of `view`, logarithmic or inverted as it may be.
    """

    view: Viewport
    top: float
    width: float
    height: float
    low: float
    high: float
    of_price: bool = False

    @property
    def bottom(self) -> float:
        """Where the pane ends."""
        return self.top + self.height

    def x(self, bar: float) -> float:
        """Return the pixel of a bar coordinate; bar `i` stands at `i + 0.5`."""
        return self.view.x(bar)

    def y(self, value: float) -> float:
        """Return the pixel of a value."""
        if self.of_price:
            return self.view.y(value)
        return self.top + (self.high - value) * self.height / (self.high - self.low)

    def ys(self, values: Floats) -> Floats:
        """Return the pixels of values."""
        if self.of_price:
            return self.view.ys(values)
        scaled: Floats = self.top + (self.high - values) * (self.height / (self.high - self.low))
        return scaled

    def value(self, y: float) -> float:
        """Return the value at a pixel."""
        if self.of_price:
            return self.view.price(y)
        return self.high - (y - self.top) * (self.high - self.low) / self.height
