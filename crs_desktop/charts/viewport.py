"""What part of a series is on screen: bars and prices to pixels and back.

Plain arithmetic in logical pixels, no Qt. Bar `i` occupies `[i, i + 1)` on the horizontal axis, so
its candle stands at `i + 0.5`. Prices are ticks; y grows downwards, unless the scale is inverted. Nothing here depends
on how many bars there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from crs_desktop.viewmodels.chart_style import Scale

Floats = NDArray[np.float64]

MAX_BAR_PX = 60.0
DEFAULT_BAR_PX = 3.0
MARGIN_PX = 72.0
"""Room kept between the newest bar and the price axis."""
MOST_FUTURE = 0.5
"""Share of the width that may lie after the newest bar."""
HEADROOM = 0.07
"""Share of the height left free below (and at least above) when the scale is fitted."""
TOO_LOOSE = 0.55
"""Refit when the data fills less than this share of the height."""
LEAST_PRICE = 1e-6
"""What a logarithmic scale takes prices at or below zero for."""


@dataclass
class Viewport:
    """The visible rectangle; `left` in bars, `low` and `high` in ticks, `bar_px` wide bars."""

    width: float = 800.0
    height: float = 400.0
    left: float = 0.0
    bar_px: float = DEFAULT_BAR_PX
    low: float = 0.0
    high: float = 1.0
    top_px: float = 0.0
    """Pixels at the top that the fitted scale leaves to the legend."""
    auto: bool = True
    """Whether the price scale follows the data."""
    scale: Scale = Scale.LINEAR
    inverted: bool = False
    """Whether prices grow downwards."""
    widest: float = MAX_BAR_PX
    """What a bar can be zoomed to, px."""

    @property
    def bars(self) -> float:
        """How many bars fit."""
        return self.width / self.bar_px

    @property
    def right(self) -> float:
        """The bar coordinate of the right edge."""
        return self.left + self.bars

    def x(self, bar: float) -> float:
        """Return the pixel of a bar coordinate."""
        return (bar - self.left) * self.bar_px

    def bar(self, x: float) -> float:
        """Return the bar coordinate under a pixel."""
        return self.left + x / self.bar_px

    def y(self, price: float) -> float:
        """Return the pixel of a price."""
        low, high = self._place(self.low), self._place(self.high)
        down = (high - self._place(price)) / (high - low)
        return (1.0 - down if self.inverted else down) * self.height

    def ys(self, prices: Floats) -> Floats:
        """Return the pixels of prices."""
        low, high = self._place(self.low), self._place(self.high)
        places = np.log(np.maximum(prices, LEAST_PRICE)) if self.scale is Scale.LOG else prices
        if self.inverted:
            mirrored: Floats = (places - low) * (self.height / (high - low))
            return mirrored
        upright: Floats = (high - places) * (self.height / (high - low))
        return upright

    def price(self, y: float) -> float:
        """Return the price at a pixel."""
        low, high = self._place(self.low), self._place(self.high)
        down = y / self.height
        if self.inverted:
            down = 1.0 - down
        return self._price_at(high - down * (high - low))

    def _place(self, price: float) -> float:
        """Return where a price is on the scale's own line: the price, or its logarithm."""
        return log(max(price, LEAST_PRICE)) if self.scale is Scale.LOG else price

    def _price_at(self, place: float) -> float:
        return exp(min(place, 700.0)) if self.scale is Scale.LOG else place

    def size(self, pixel_ratio: float) -> int:
        """Return how many bars share a candle so that no pixel column holds two (a power of two)."""
        size = 1
        while size * self.bar_px * pixel_ratio < 1.0:
            size *= 2
        return size

    def resize(self, width: float, height: float) -> None:
        """Take new dimensions, keeping the right edge where it is."""
        right = self.right
        self.width, self.height = max(width, 1.0), max(height, 1.0)
        self.left = right - self.bars

    def pan(self, dx: float, first: int, stop: int) -> None:
        """Move the data by `dx` pixels; some of it always stays in view."""
        self.left -= dx / self.bar_px
        self._hold(first, stop)

    def zoom(self, factor: float, x: float, first: int, stop: int) -> None:
        """Widen bars by `factor`, keeping what is under pixel `x` in place; narrower ones bring no empty future."""
        anchor = self.bar(x)
        future = max((self.right - stop) * self.bar_px, min(MARGIN_PX, self.width / 4))
        widest = self.width / max(1.3 * (stop - first), 400.0)
        self.bar_px = min(max(self.bar_px * factor, widest), self.widest)
        self.left = anchor - x / self.bar_px
        if factor < 1:
            self.left = min(self.left, stop - (self.width - future) / self.bar_px)
        self._hold(first, stop)

    def show_latest(self, stop: int) -> None:
        """Bring the newest bar to the right, with its margin."""
        self.left = stop - (self.width - min(MARGIN_PX, self.width / 4)) / self.bar_px

    def show_oldest(self, first: int) -> None:
        """Bring the oldest bar to the left edge."""
        self.left = first - min(MARGIN_PX, self.width / 4) / self.bar_px

    def follow(self, before: int, stop: int) -> None:
        """Move along with new bars if the one that was newest is in view."""
        if self.left < before <= self.right + 0.5:
            self.left += stop - before

    def fit(self, low: float, high: float, *, exact: bool = False) -> bool:
        """Scale to prices `low` to `high` if they left the range or fill too little of it.

        Between those two the range stays as it is, so that the scale does not tremble with every
        tick. Returns whether it changed; `exact` fits in any case.
        """
        above, below = min(max(HEADROOM, self.top_px / self.height), 0.4), HEADROOM
        filled = 1.0 - above - below
        if self.inverted:
            above, below = below, above
        least = self._place(high + 1.0) - self._place(high)  # the size of a tick here
        bottom, top = self._place(low), self._place(high)
        span = max(top - bottom, least)
        reach = self._place(self.high) - self._place(self.low)
        inside = (
            self._place(self.low) + (below - 0.06) * reach <= bottom
            and top <= self._place(self.high) - (above - 0.02) * reach
        )
        if not exact and inside and span >= TOO_LOOSE * filled * reach:
            return False
        reach = max(span / filled, span + 4.0 * least)
        before = (self.low, self.high)
        start = (bottom + top - span) / 2 - reach * below
        self.low, self.high = self._price_at(start), self._price_at(start + reach)
        return (self.low, self.high) != before

    def refit(self) -> None:
        """Make the next fit a fresh one."""
        self.high = max(self.high, 2.0)
        self.low = self.high - 1.0  # too small for anything

    def stretch(self, factor: float, y: float) -> None:
        """Scale prices by hand about pixel `y`; the scale no longer follows the data."""
        anchor, bottom, top = self._place(self.price(y)), self._place(self.low), self._place(self.high)
        low, high = anchor - (anchor - bottom) * factor, anchor + (top - anchor) * factor
        reach = self._price_at(high) - self._price_at(low)
        if 4.0 <= reach <= 1e15:
            self.low, self.high, self.auto = self._price_at(low), self._price_at(high), False

    def lift(self, dy: float) -> None:
        """Move prices by `dy` pixels on a scale set by hand."""
        bottom, top = self._place(self.low), self._place(self.high)
        by = (-dy if self.inverted else dy) * (top - bottom) / self.height
        self.low, self.high = self._price_at(bottom + by), self._price_at(top + by)

    def _hold(self, first: int, stop: int) -> None:
        few = min(5.0, self.bars / 2)
        self.left = min(max(self.left, first + few - self.bars), stop - self.bars * (1 - MOST_FUTURE))
