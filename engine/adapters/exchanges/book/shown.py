"""One side of a followed book as it is published: on the grid, and of a deep book the best levels only.

A venue may send forty thousand levels a side (Coinbase); whoever keeps or draws a book pays for each. So the best are
published, and more of what is known as the price comes nearer to the last of them.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from engine.adapters.exchanges.book.grid import MOST_STEPS, Grid
from engine.adapters.exchanges.wire.heard import WireLevel
from engine.domain.market import Level
from engine.domain.number import Lots, Ticks

MOST = 5_000
"""Levels a side that are published of a deeper book…"""
LEAST = MOST // 2
"""…and when no more than these are left of them, more are."""


class Best(NamedTuple):
    """The best levels of one side of a book, on the grid."""

    levels: dict[Ticks, Lots]
    end: Ticks | None
    """The worst price that is shown; None shows all."""
    left_out: int
    """Levels that are off the grid, or absurd."""


def best_of(book: Mapping[int, WireLevel], grid: Grid, *, is_bid: bool) -> Best:
    """Return the best levels of a side whose keys are prices in units of `scaled.DECIMALS`: no price is read again."""
    keys = list(book)
    is_deep = len(keys) > MOST
    if is_deep:
        keys = heapq.nlargest(MOST, keys) if is_bid else heapq.nsmallest(MOST, keys)
    unit, lots, left_out, levels = grid.ticks.unit, grid.lots, 0, dict[Ticks, Lots]()
    for key in keys:
        tick, off = divmod(key, unit)
        lot = None if off or tick > MOST_STEPS else lots[book[key][1]]
        if lot is None:
            left_out += 1
        elif lot:
            levels[Ticks(tick)] = Lots(lot)
    end = Ticks(keys[-1] // unit if is_bid else -(-keys[-1] // unit)) if is_deep else None
    return Best(levels, end, left_out)


class ShownSide:
    """The levels of one side that were published last, and what changes them into what is to be shown."""

    def __init__(self, grid: Grid, *, is_bid: bool) -> None:
        self._grid, self._is_bid = grid, is_bid
        self.levels: dict[Ticks, Lots] = {}
        self._end: Ticks | None = None

    def top(self, count: int) -> tuple[Level, ...]:
        """Return up to `count` levels, best first."""
        best = heapq.nlargest if self._is_bid else heapq.nsmallest
        return tuple([Level(price, self.levels[price]) for price in best(count, self.levels)])

    def changed(self, heard: Sequence[WireLevel], book: Mapping[int, WireLevel], depth: int) -> list[Level]:
        """Take in an update that is in the book already; return what it changes of what is shown.

        Args:
            heard: the levels of the update.
            book: the venue's whole side after it.
            depth: levels a side that are kept: what falls beyond goes, for nobody says so.
        """
        changes = self._grid.levels(heard)
        if self._end is not None:
            changes = self._within(changes, book)
        if len(book) >= depth:
            changes += self._fallen(changes, book)
        for price, qty in changes:
            if qty:
                self.levels[price] = qty
            else:
                self.levels.pop(price, None)
        return changes

    def replaced(self, best: Best) -> list[Level]:
        """Show other levels; return what changes those that were shown into them."""
        before, now = self.levels, best.levels
        self._grid.left_out += best.left_out
        self.levels, self._end = now, best.end
        changed = [Level(price, qty) for price, qty in now.items() if before.get(price) != qty]
        return changed + [Level(price, Lots(0)) for price in before if price not in now]

    def _within(self, changes: list[Level], book: Mapping[int, WireLevel]) -> list[Level]:
        """Return changes as far as they are shown; where few levels are left, the next ones as well."""
        end = self._end
        assert end is not None, "asked for deep books only"  # noqa: S101 - a promise between two methods
        found = [each for each in changes if (each.price >= end if self._is_bid else each.price <= end)]
        if len(self.levels) > LEAST:
            return found
        best = best_of(book, self._grid, is_bid=self._is_bid)
        self._end = best.end
        return found + [Level(price, qty) for price, qty in best.levels.items() if self.levels.get(price) != qty]

    def _fallen(self, changes: Sequence[Level], book: Mapping[int, WireLevel]) -> list[Level]:
        """Return the levels that are kept no more."""
        unit = self._grid.ticks.unit
        worst = min(book) if self._is_bid else max(book)
        prices = (*self.levels, *(level.price for level in changes))
        gone = [price for price in prices if (price * unit < worst if self._is_bid else price * unit > worst)]
        return [Level(price, Lots(0)) for price in dict.fromkeys(gone)]
