"""What rested at each price over time: a ring of columns, each a book counted into rows, in bounded memory.

A row holds `step` ticks and keeps its place in memory as long as its price is in the window; when the market leaves
the middle of the window, the window moves and what left it is forgotten. A size is kept exactly and as a shade, the
logarithm of the size in 254 steps, so that another colour scale is only another table of colours. Prices in ticks,
quantities in lots, instants in ns UTC.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.order import Side
from engine.market.l2 import L2Book

COLUMNS, ROWS = 2_000, 500
SHADES = 254
OCTAVES = 44.0
"""Sizes of up to 2**44 lots have shades of their own."""
ROOM = 0.2
"""Share of the window above and below in which the market may not stand."""

Sizes = NDArray[np.int64]
Shades = NDArray[np.uint8]


class Flow(NamedTuple):
    """What takers traded during one column: lots, and ticks x lots, of buys and of sells."""

    bought: int = 0
    bought_value: int = 0
    sold: int = 0
    sold_value: int = 0


QUIET = Flow()


def shades_of(lots: Sizes) -> Shades:
    """Return the shade of each size, 0 for nothing."""
    with np.errstate(divide="ignore"):
        steps = np.rint(np.log2(np.maximum(lots, 1)) * (SHADES / OCTAVES))
    return np.where(lots > 0, np.clip(steps + 1, 1, SHADES), 0).astype(np.uint8)


def lots_of(shade: float) -> float:
    """Return about how much a shade stands for."""
    return float(2.0 ** ((shade - 1) * OCTAVES / SHADES))


class HeatRing:
    """The newest `columns` columns; column `c` of all that ever were stands at `c % columns`."""

    def __init__(self, step: int, *, columns: int = COLUMNS, rows: int = ROWS) -> None:
        self.step, self.columns, self.rows = step, columns, rows
        self.count = 0
        """Columns ever written."""
        self.low: int | None = None
        """The lowest row in the window, as a multiple of `step`."""
        self.sizes: Sizes = np.zeros((rows, columns), np.int64)
        self.shades: Shades = np.zeros((rows, columns), np.uint8)
        self.at: Sizes = np.zeros(columns, np.int64)
        self.bid = np.full(columns, np.nan)
        self.ask = np.full(columns, np.nan)
        self.trusted = np.ones(columns, np.bool_)
        self.flow: Sizes = np.zeros((4, columns), np.int64)
        self._counts: Sizes = np.bincount(self.shades.ravel(), minlength=SHADES + 1)
        """How often each shade is in memory."""

    @property
    def first(self) -> int:
        """The oldest column that is still known."""
        return max(0, self.count - self.columns)

    @property
    def nbytes(self) -> int:
        """How much memory it takes; it never takes more."""
        arrays = (self.sizes, self.shades, self.at, self.bid, self.ask, self.trusted, self.flow, self._counts)
        return sum(each.nbytes for each in arrays)

    def write(self, book: L2Book, at: int, *, trusted: bool, flow: Flow = QUIET) -> None:
        """Add a column: the book as it is now."""
        self._follow(book)
        column = np.zeros(self.rows, np.int64)
        if self.low is not None:
            for side in Side:
                prices, lots = book.columns(side)
                rows = prices // self.step
                seen = (rows >= self.low) & (rows < self.low + self.rows)
                np.add.at(column, rows[seen] % self.rows, lots[seen])
        place = self._next(at, trusted)
        self.bid[place] = np.nan if book.best_bid is None else book.best_bid
        self.ask[place] = np.nan if book.best_ask is None else book.best_ask
        self.flow[:, place] = flow
        self._put(place, column, shades_of(column))

    def repeat(self, at: int, *, trusted: bool) -> None:
        """Add a column in which nothing changed."""
        before = (self.count - 1) % self.columns
        column, shades = self.sizes[:, before].copy(), self.shades[:, before].copy()
        place = self._next(at, trusted)
        self.bid[place], self.ask[place] = self.bid[before], self.ask[before]
        self.flow[:, place] = 0
        self._put(place, column, shades)

    def size_at(self, column: int, row: int) -> int | None:
        """Return what rested in a row (a multiple of `step`) at a column, None if that is not known."""
        if self.low is None or not self.low <= row < self.low + self.rows or not self.first <= column < self.count:
            return None
        return int(self.sizes[row % self.rows, column % self.columns])

    def quantile(self, fraction: float) -> float:
        """Return the shade below which that fraction of all that rests lies; 0 while nothing does."""
        counts = self._counts[1:]
        total = int(counts.sum())
        if not total:
            return 0.0
        return 1.0 + float(np.searchsorted(np.cumsum(counts), fraction * total))

    # -- inside -------------------------------------------------------------------------------------

    def _next(self, at: int, trusted: bool) -> int:
        place = self.count % self.columns
        self.count += 1
        self.at[place], self.trusted[place] = at, trusted
        return place

    def _put(self, place: int, column: Sizes, shades: Shades) -> None:
        self._counts -= np.bincount(self.shades[:, place], minlength=SHADES + 1)
        self._counts += np.bincount(shades, minlength=SHADES + 1)
        self.sizes[:, place], self.shades[:, place] = column, shades

    def _follow(self, book: L2Book) -> None:
        """Move the window if the market stands outside its middle."""
        bid, ask = book.best_bid, book.best_ask
        price = (bid + ask) // 2 if bid is not None and ask is not None else bid if bid is not None else ask
        if price is None:
            return
        market = price // self.step
        if self.low is None:
            self.low = market - self.rows // 2
            return
        edge = int(self.rows * ROOM)
        if self.low + edge <= market < self.low + self.rows - edge:
            return
        before, self.low = self.low, market - self.rows // 2
        if abs(self.low - before) >= self.rows:
            entered = np.arange(self.rows)
        elif self.low > before:
            entered = np.arange(before + self.rows, self.low + self.rows) % self.rows
        else:
            entered = np.arange(self.low, before) % self.rows
        self.sizes[entered], self.shades[entered] = 0, 0
        self._counts = np.bincount(self.shades.ravel(), minlength=SHADES + 1)
