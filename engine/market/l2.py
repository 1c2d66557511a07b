"""A displayed book kept from a snapshot and the diffs after it.

Levels live in one dict per side; the sorted top and the columns are derived when somebody looks, not per update
(at 10 looks a second that is the cheapest way, see docs/explanation). Only the best price of each side is kept per
update, for whoever must see at once that a book is crossed. A diff that does not follow the last one is refused, so
the owner knows to ask for a new snapshot: stale levels are never merged.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.domain.market import BookDiff, BookSnapshot, Level, Quote
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Side

Column = NDArray[np.int64]


class L2Book:
    """Price levels of one pair; empty and not synced until the first snapshot."""

    __slots__ = ("_asks", "_best_ask", "_best_bid", "_bids", "_columns", "_top_cache", "at", "seq", "symbol", "synced")

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self._bids: dict[Ticks, Lots] = {}
        self._asks: dict[Ticks, Lots] = {}
        self._top_cache: dict[tuple[Side, int], list[Level]] = {}
        self._columns: dict[Side, tuple[Column, Column]] = {}
        self._best_bid: Ticks | None = None
        self._best_ask: Ticks | None = None
        self.seq = 0
        self.at = Nanos(0)
        self.synced = False

    def apply_snapshot(self, snapshot: BookSnapshot) -> None:
        """Replace everything by the snapshot."""
        self._bids = {level.price: level.qty for level in snapshot.bids}
        self._asks = {level.price: level.qty for level in snapshot.asks}
        self._best_bid, self._best_ask = max(self._bids, default=None), min(self._asks, default=None)
        self.seq, self.at = snapshot.seq, snapshot.at
        self._top_cache.clear()
        self._columns.clear()
        self.synced = True

    def apply_diff(self, diff: BookDiff) -> bool:
        """Apply changed levels; return False, and stop being synced, if updates are missing before it.

        A diff that is wholly older than the book changes nothing and returns True.
        """
        if not self.synced:
            return False
        if diff.seq <= self.seq:
            return True
        if diff.first_seq > self.seq + 1:
            self.synced = False
            return False
        if diff.bids:
            self._best_bid = _put(self._bids, diff.bids, self._best_bid, max)
            self._columns.pop(Side.BUY, None)
        if diff.asks:
            self._best_ask = _put(self._asks, diff.asks, self._best_ask, min)
            self._columns.pop(Side.SELL, None)
        self.seq, self.at = diff.seq, diff.at
        self._top_cache.clear()
        return True

    def top(self, side: Side, count: int) -> list[Level]:
        """Return up to `count` levels, best first (`BUY` = bids)."""
        cached = self._top_cache.get((side, count))
        if cached is None:
            levels = self._bids if side is Side.BUY else self._asks
            pick = heapq.nlargest if side is Side.BUY else heapq.nsmallest
            cached = [Level(price, levels[price]) for price in pick(count, levels)]
            self._top_cache[side, count] = cached
        return cached

    def quantity_at(self, side: Side, price: Ticks) -> Lots:
        """Return what is displayed at a price, 0 if nothing."""
        return (self._bids if side is Side.BUY else self._asks).get(price, Lots(0))

    def columns(self, side: Side) -> tuple[Column, Column]:
        """Return all prices and their quantities as columns in no order (read only), for what counts many levels."""
        found = self._columns.get(side)
        if found is None:
            levels = self._bids if side is Side.BUY else self._asks
            count = len(levels)
            found = np.fromiter(levels, np.int64, count), np.fromiter(levels.values(), np.int64, count)
            self._columns[side] = found
        return found

    @property
    def best_bid(self) -> Ticks | None:
        """The highest bid."""
        return self._best_bid

    @property
    def best_ask(self) -> Ticks | None:
        """The lowest ask."""
        return self._best_ask

    @property
    def is_crossed(self) -> bool:
        """Whether the best bid is not below the best ask; such a book must not be shown."""
        bid, ask = self.best_bid, self.best_ask
        return bid is not None and ask is not None and bid >= ask

    def quote(self) -> Quote:
        """Return best bid and ask."""
        bid, ask = self._best_bid, self._best_ask
        return Quote(
            self.symbol,
            bid,
            self._bids[bid] if bid is not None else None,
            ask,
            self._asks[ask] if ask is not None else None,
            self.at,
        )


def _put(
    levels: dict[Ticks, Lots],
    changes: tuple[Level, ...],
    best: Ticks | None,
    better: Callable[..., Ticks],
) -> Ticks | None:
    """Change levels; return the best price of all, looked for only if the best level itself went."""
    gone = False
    for price, qty in changes:
        if qty:
            levels[price] = qty
            if best is None or better(price, best) == price:
                best, gone = price, False
        elif levels.pop(price, None) is not None and price == best:
            gone = True
    return better(levels, default=None) if gone else best
