"""The prints of one pair as columns: a bounded memory that knows from when on nothing is missing.

Prices are ticks, quantities lots, instants ns UTC, all int64. What is appended waits as tuples until somebody asks, so
that a print costs next to nothing while nobody looks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.domain.market import TradeTick
from engine.domain.number import Nanos
from engine.domain.order import Side

Ints = NDArray[np.int64]

MOST = 400_000
"""Prints kept of a pair (10 MB); the oldest fifth goes when there are more."""
MOST_WAITING = 8_192


@dataclass(frozen=True, slots=True)
class PrintArrays:
    """Prints as columns, oldest first, shape (n,); `buys` says where the taker bought."""

    at: Ints
    price: Ints
    qty: Ints
    buys: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.at)

    @property
    def signed(self) -> Ints:
        """Quantities, those that takers sold negative."""
        return np.where(self.buys, self.qty, -self.qty)

    def part(self, begin: int, end: int) -> PrintArrays:
        """Return some of the prints, without copying."""
        return PrintArrays(self.at[begin:end], self.price[begin:end], self.qty[begin:end], self.buys[begin:end])


def as_arrays(ticks: Iterable[TradeTick]) -> PrintArrays:
    """Return prints as columns."""
    rows = list(ticks)
    return PrintArrays(
        np.array([tick.at for tick in rows], dtype=np.int64),
        np.array([tick.price for tick in rows], dtype=np.int64),
        np.array([tick.qty for tick in rows], dtype=np.int64),
        np.array([tick.side is Side.BUY for tick in rows], dtype=np.bool_),
    )


class PrintLog:
    """Prints of a pair since an instant; `count` numbers them through, the dropped ones included."""

    def __init__(self, since: Nanos, most: int = MOST) -> None:
        self.since = since
        """From here on every print is known."""
        self.dropped = 0
        """How many of the oldest are gone."""
        self._most = most
        self._waiting: list[TradeTick] = []
        self._length = 0
        self._columns = _room(0)

    @property
    def count(self) -> int:
        """One past the number of the newest print."""
        return self.dropped + self._length + len(self._waiting)

    def add(self, ticks: Iterable[TradeTick]) -> None:
        """Append prints, which come in order of time."""
        self._waiting.extend(ticks)
        if len(self._waiting) >= MOST_WAITING:
            self._write()

    def from_number(self, number: int) -> PrintArrays:
        """Return the prints from a number on, as far as they are kept; views, not to be changed."""
        self._write()
        return self._columns.part(max(number - self.dropped, 0), self._length)

    def between(self, since: int, until: int) -> PrintArrays:
        """Return the prints at or after `since` and before `until`; views, not to be changed."""
        self._write()
        begin, end = np.searchsorted(self._columns.at[: self._length], (since, until))
        return self._columns.part(int(begin), int(end))

    def _write(self) -> None:
        if not self._waiting:
            return
        more, self._waiting = as_arrays(self._waiting), []
        if self._length + len(more) > self._most:
            self._drop(self._length + len(more) - self._most * 4 // 5)
        end = self._length + len(more)
        if end > len(self._columns):
            grown = _room(max(end, min(2 * len(self._columns), self._most), 1_024))
            _copy(self._columns.part(0, self._length), grown.part(0, self._length))
            self._columns = grown
        _copy(more, self._columns.part(self._length, end))
        self._length = end

    def _drop(self, count: int) -> None:
        """Let the oldest go, all of one instant together."""
        at = self._columns.at[: self._length]
        count = min(count, self._length)
        if count:
            last = int(at[count - 1])
            count = int(np.searchsorted(at, last, side="right"))
            self.since = Nanos(last + 1)
        kept = self._columns.part(count, self._length)
        fresh = _room(len(self._columns))
        _copy(kept, fresh.part(0, len(kept)))
        self._columns, self._length, self.dropped = fresh, len(kept), self.dropped + count


def _room(length: int) -> PrintArrays:
    at, price, qty = (np.empty(length, np.int64) for _ in range(3))
    return PrintArrays(at, price, qty, np.empty(length, np.bool_))


def _copy(source: PrintArrays, to: PrintArrays) -> None:
    to.at[:], to.price[:], to.qty[:], to.buys[:] = source.at, source.price, source.qty, source.buys
