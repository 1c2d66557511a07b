"""A displayed book kept from a snapshot and the diffs after it.

Levels live in one dict per side; the sorted top is derived when somebody looks, not per update
(at 10 looks a second that is the cheapest way, see docs/explanation). A diff that does not follow the
last one is refused, so the owner knows to ask for a new snapshot: stale levels are never merged.
"""

from __future__ import annotations

import heapq

from engine.domain.market import BookDiff, BookSnapshot, Level, Quote
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Side


class L2Book:
    """Price levels of one pair; empty and not synced until the first snapshot."""

    __slots__ = ("_asks", "_bids", "_top_cache", "at", "seq", "symbol", "synced")

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self._bids: dict[Ticks, Lots] = {}
        self._asks: dict[Ticks, Lots] = {}
        self._top_cache: dict[tuple[Side, int], list[Level]] = {}
        self.seq = 0
        self.at = Nanos(0)
        self.synced = False

    def apply_snapshot(self, snapshot: BookSnapshot) -> None:
        """Replace everything by the snapshot."""
        self._bids = {level.price: level.qty for level in snapshot.bids}
        self._asks = {level.price: level.qty for level in snapshot.asks}
        self.seq, self.at = snapshot.seq, snapshot.at
        self._top_cache.clear()
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
        _put(self._bids, diff.bids)
        _put(self._asks, diff.asks)
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

    @property
    def best_bid(self) -> Ticks | None:
        """The highest bid."""
        top = self.top(Side.BUY, 1)
        return top[0].price if top else None

    @property
    def best_ask(self) -> Ticks | None:
        """The lowest ask."""
        top = self.top(Side.SELL, 1)
        return top[0].price if top else None

    @property
    def is_crossed(self) -> bool:
        """Whether the best bid is not below the best ask; such a book must not be shown."""
        bid, ask = self.best_bid, self.best_ask
        return bid is not None and ask is not None and bid >= ask

    def quote(self) -> Quote:
        """Return best bid and ask."""
        bid = next(iter(self.top(Side.BUY, 1)), None)
        ask = next(iter(self.top(Side.SELL, 1)), None)
        return Quote(
            self.symbol,
            bid.price if bid else None,
            bid.qty if bid else None,
            ask.price if ask else None,
            ask.qty if ask else None,
            self.at,
        )


def _put(levels: dict[Ticks, Lots], changes: tuple[Level, ...]) -> None:
    for price, qty in changes:
        if qty:
            levels[price] = qty
        else:
            levels.pop(price, None)
