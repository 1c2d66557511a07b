"""Volume traded at each price since somebody began to look: a dense window of ticks around the market.

Memory is bounded: what lies more than half a window from the market is forgotten. Prices in ticks, quantities in lots.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from engine.domain.market import TradeTick
from engine.domain.order import Side

Counts = NDArray[np.int64]

WINDOW = 1 << 17
"""Ticks that are kept: two megabytes for both sides."""


class TradedVolume:
    """Lots that takers bought and sold, by price."""

    def __init__(self, window: int = WINDOW) -> None:
        self._window = window
        self._base: int | None = None
        self._counts: Counts = np.zeros((2, 0), np.int64)

    def clear(self) -> None:
        """Forget everything."""
        self._base = None
        self._counts = np.zeros((2, 0), np.int64)

    def add(self, ticks: Iterable[TradeTick]) -> None:
        """Count public prints."""
        for tick in ticks:
            self._make_room(tick.price)
            side = 0 if tick.side is Side.BUY else 1
            self._counts[side, tick.price - (self._base or 0)] += tick.qty

    def rows(self, lowest: int, count: int, ticks: int) -> tuple[Counts, Counts]:
        """Return lots bought and sold per row; row `i` stands at `lowest + i * ticks`, lowest first.

        As in the book, what was bought counts to the multiple above it, what was sold to the one below.
        """
        bought = self._between(0, lowest - ticks + 1, count * ticks)
        sold = self._between(1, lowest, count * ticks)
        return bought.reshape(count, ticks).sum(axis=1), sold.reshape(count, ticks).sum(axis=1)

    def _between(self, side: int, low: int, length: int) -> Counts:
        out = np.zeros(length, np.int64)
        if self._base is None:
            return out
        first, last = max(low, self._base), min(low + length, self._base + self._window)
        if first < last:
            out[first - low : last - low] = self._counts[side, first - self._base : last - self._base]
        return out

    def _make_room(self, price: int) -> None:
        if self._base is not None and self._base <= price < self._base + self._window:
            return
        base = price - self._window // 2
        counts = np.zeros((2, self._window), np.int64)
        if self._base is not None:
            first, last = max(base, self._base), min(base, self._base) + self._window
            if first < last:
                counts[:, first - base : last - base] = self._counts[:, first - self._base : last - self._base]
        self._base, self._counts = base, counts
