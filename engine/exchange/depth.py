"""The book of a recorded feed: our orders meet its depth, it never meets ours.

The feed's levels are immutable to us. An aggressive order walks what is displayed; an overlay
remembers what we consumed at each price until the feed refreshes that level, so that no liquidity
fills two orders. A resting order waits until the market trades through it: a print at a price worse
than ours for whoever would have met us first; it then fills at our price, in turn, up to the size
of the print. Own orders never meet each other here, and our trades do not make the last price.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from typing import Any

from engine.domain.market import BookDiff, BookSnapshot, Level, TradeTick
from engine.domain.number import Lots, Ticks
from engine.domain.order import Side
from engine.matching.book import Sweep, sweep
from engine.matching.ladder import Ladder, Resting


class FeedSide:
    """One side of the feed's book, and what we consumed of it."""

    __slots__ = ("_sign", "changed", "consumed", "qty", "ranks")

    def __init__(self, is_buy: bool) -> None:
        self._sign = 1 if is_buy else -1
        self.qty: dict[int, int] = {}
        self.consumed: dict[int, int] = {}
        self.ranks: list[int] = []
        self.changed: set[int] | None = None

    def clear(self) -> None:
        """Forget everything, as before a new snapshot."""
        if self.changed is not None:
            self.changed.update(self.qty)
        self.qty.clear()
        self.consumed.clear()
        self.ranks.clear()

    def put(self, price: int, qty: int) -> None:
        """Take over a level from the feed; 0 removes it. What we consumed there is refreshed."""
        self.consumed.pop(price, None)
        rank = price * self._sign
        if qty:
            if price not in self.qty:
                insort(self.ranks, rank)
            self.qty[price] = qty
        elif self.qty.pop(price, None) is not None:
            del self.ranks[bisect_left(self.ranks, rank)]
        if self.changed is not None:
            self.changed.add(price)

    def consume(self, price: int, qty: int) -> None:
        """Remember that we took `qty` at a price."""
        self.consumed[price] = self.consumed.get(price, 0) + qty
        if self.changed is not None:
            self.changed.add(price)

    def left(self, price: int) -> int:
        """Return what is displayed at a price and not yet consumed by us."""
        return self.qty.get(price, 0) - self.consumed.get(price, 0)

    def __iter__(self) -> Iterator[Level]:
        """Yield what is left, best first."""
        for rank in reversed(self.ranks):
            price = rank * self._sign
            left = self.left(price)
            if left:
                yield Level(Ticks(price), Lots(left))

    def take_changes(self) -> list[Level]:
        """Return the levels that changed since the last call, best first; the first call returns all."""
        changed, self.changed = self.changed, set()
        if changed is None:
            return list(self)
        return [Level(Ticks(p), Lots(self.left(p))) for p in sorted(changed, reverse=self._sign > 0)]


class DepthBook:
    """A feed's levels and our resting orders, side by side."""

    __slots__ = ("_feed_asks", "_feed_bids", "_our_asks", "_our_bids", "is_external", "last_price")

    def __init__(self) -> None:
        self.is_external = True
        self.last_price: Ticks | None = None
        self._feed_bids = FeedSide(is_buy=True)
        self._feed_asks = FeedSide(is_buy=False)
        self._our_bids = Ladder(is_buy=True)
        self._our_asks = Ladder(is_buy=False)

    # What the feed says

    def apply_snapshot(self, snapshot: BookSnapshot) -> None:
        """Replace the feed's book."""
        for side, levels in ((self._feed_bids, snapshot.bids), (self._feed_asks, snapshot.asks)):
            side.clear()
            for level in levels:
                side.put(level.price, level.qty)

    def apply_diff(self, diff: BookDiff) -> None:
        """Take over the levels that changed."""
        for side, levels in ((self._feed_bids, diff.bids), (self._feed_asks, diff.asks)):
            for level in levels:
                side.put(level.price, level.qty)

    def through(self, tick: TradeTick) -> list[tuple[Resting, int]]:
        """Return which of our orders a print fills, and how far, in turn; touches nothing."""
        fills: list[tuple[Resting, int]] = []
        for ladder in (self._our_bids, self._our_asks):
            size: int = tick.qty
            for level in ladder:
                if not (tick.price < level.price if ladder is self._our_bids else tick.price > level.price):
                    break
                for order in level:
                    if not size:
                        break
                    qty = min(size, order.left)
                    size -= qty
                    fills.append((order, qty))
        return fills

    # What it shows

    @property
    def best_bid(self) -> Ticks | None:
        """The feed's highest bid that we have not consumed."""
        return next((level.price for level in self._feed_bids), None)

    @property
    def best_ask(self) -> Ticks | None:
        """The feed's lowest ask that we have not consumed."""
        return next((level.price for level in self._feed_asks), None)

    def levels(self, side: Side, depth: int | None = None) -> list[Level]:
        """Return what is displayed and not consumed on the side, best first."""
        found: list[Level] = []
        for level in self._feed_bids if side is Side.BUY else self._feed_asks:
            if len(found) == depth:
                break
            found.append(level)
        return found

    def take_changes(self) -> tuple[list[Level], list[Level]]:
        """Return bids and asks that changed since the last call; 0 = gone."""
        return self._feed_bids.take_changes(), self._feed_asks.take_changes()

    def cost_to_fill(self, side: Side, qty: Lots) -> Sweep:
        """Return what an order to buy or sell `qty` would trade now."""
        return sweep(self._feed_asks if side is Side.BUY else self._feed_bids, qty)

    # What the exchange does with it

    def front(self, is_buy: bool, limit: int | None) -> Resting | None:
        """Return the best level within the limit as an order that belongs to nobody."""
        found = next(self.fills(is_buy, limit), None)
        return found[0] if found is not None else None

    def fills(self, is_buy: bool, limit: int | None) -> Iterator[tuple[Resting, int]]:
        """Yield the levels within the limit, best first, as orders that belong to nobody."""
        for price, qty in self._feed_asks if is_buy else self._feed_bids:
            if limit is not None and (price > limit if is_buy else price < limit):
                return
            yield Resting(None, 0, not is_buy, price, qty), qty

    def take(self, maker: Resting, qty: int) -> None:
        """Consume a level, or fill one of our resting orders."""
        if maker.owner is not None:
            self.side_of(maker.is_buy).trade(maker, qty)
            return
        maker.left -= qty
        (self._feed_bids if maker.is_buy else self._feed_asks).consume(maker.price, qty)

    def rest(self, order: Resting) -> None:
        """Let one of our orders wait at its price."""
        self.side_of(order.is_buy).add(order)

    def remove(self, order: Resting) -> None:
        """Take one of our orders out."""
        self.side_of(order.is_buy).remove(order)

    def shrink(self, order: Resting, qty: int) -> None:
        """Take `qty`, less than it has left, off one of our orders, which keeps its place."""
        self.side_of(order.is_buy).shrink(order, qty)

    def side_of(self, is_buy: bool) -> Ladder:
        """Return the queues of our orders on one side."""
        return self._our_bids if is_buy else self._our_asks

    # Restoring

    def dump_external(self) -> Mapping[str, Any] | None:
        """Return the feed's levels and what we consumed, JSON-able."""
        return {
            side: [[level, feed.qty[level], feed.consumed.get(level, 0)] for level in sorted(feed.qty)]
            for side, feed in (("bids", self._feed_bids), ("asks", self._feed_asks))
        }

    def load_external(self, dump: Mapping[str, Any]) -> None:
        """Restore what `dump_external` returned."""
        for side, feed in (("bids", self._feed_bids), ("asks", self._feed_asks)):
            for price, qty, consumed in dump[side]:
                feed.put(price, qty)
                if consumed:
                    feed.consume(price, consumed)
