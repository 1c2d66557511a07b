"""What part of a series is on screen: bars and prices to pixels and back.

Plain arithmetic in logical pixels, no Qt. Bar `i` occupies `[i, i + 1)` on the horizontal axis, so
its candle stands at `i + 0.5`. Prices are ticks; y grows downwards. Nothing here depends on how
many bars there are.
"""

from __future__ import annotations

from dataclasses import dataclass

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
        return (self.high - price) * self.height / (self.high - self.low)

    def price(self, y: float) -> float:
        """Return the price at a pixel."""
        return self.high - y * (self.high - self.low) / self.height

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
        self.bar_px = min(max(self.bar_px * factor, widest), MAX_BAR_PX)
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
        above = min(max(HEADROOM, self.top_px / self.height), 0.4)
        filled = 1.0 - above - HEADROOM
        span = max(high - low, 1.0)
        reach = self.high - self.low
        inside = self.low + 0.01 * reach <= low and high <= self.high - (above - 0.02) * reach
        if not exact and inside and span >= TOO_LOOSE * filled * reach:
            return False
        reach = max(span / filled, span + 4.0)
        before = (self.low, self.high)
        self.low = (low + high - span) / 2 - reach * HEADROOM
        self.high = self.low + reach
        return (self.low, self.high) != before

    def stretch(self, factor: float, y: float) -> None:
        """Scale prices by hand about pixel `y`; the scale no longer follows the data."""
        anchor = self.price(y)
        low, high = anchor - (anchor - self.low) * factor, anchor + (self.high - anchor) * factor
        if 4.0 <= high - low <= 1e15:
            self.low, self.high, self.auto = low, high, False

    def lift(self, dy: float) -> None:
        """Move prices by `dy` pixels on a scale set by hand."""
        by = dy * (self.high - self.low) / self.height
        self.low, self.high = self.low + by, self.high + by

    def _hold(self, first: int, stop: int) -> None:
        few = min(5.0, self.bars / 2)
        self.left = min(max(self.left, first + few - self.bars), stop - self.bars * (1 - MOST_FUTURE))
