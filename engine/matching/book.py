"""The book of a pair, as the exchange sees it, and the crossing book behind the offline market.

In the crossing book everybody's orders stand together in price-time priority. The other book
(`matching.shadow`) stands beside that of a feed, whose liquidity is not ours to change. The exchange drives both alike:
it asks who is at the front, takes from it, and rests what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from engine.domain.market import Level
from engine.domain.number import Lots, Ticks
from engine.domain.order import Side
from engine.domain.why import Place
from engine.matching.ladder import Ladder, Resting, before


class Sweep(NamedTuple):
    """What walking the book for a quantity would give."""

    qty: Lots
    """What there is, at most what was asked for."""
    tick_lots: int
    """Sum of price x quantity, in ticks x lots: times `TradingPair.notional_unit` = quote units."""
    worst: Ticks | None
    """Price of the last fill; None if there is nothing."""


class Book(Protocol):
    """What every book shows."""

    last_price: Ticks | None
    """Price of the last trade of the pair, at which triggers look."""

    @property
    def best_bid(self) -> Ticks | None:
        """The highest price somebody buys at."""
        ...

    @property
    def best_ask(self) -> Ticks | None:
        """The lowest price somebody sells at."""
        ...

    def levels(self, side: Side, depth: int | None = None) -> list[Level]:
        """Return what is displayed on the side, best first."""
        ...

    def take_changes(self) -> tuple[list[Level], list[Level]]:
        """Return bids and asks whose displayed quantity changed since the last call; 0 = gone.

        The first call returns everything, so a consumer that starts with it is never behind.
        """
        ...

    def cost_to_fill(self, side: Side, qty: Lots) -> Sweep:
        """Return what an order to buy or sell `qty` would trade now, own orders and what is hidden included."""
        ...


class MatchingBook(Book, Protocol):
    """What the exchange does with a book."""

    is_external: bool
    """Whether the liquidity belongs to a feed: then our own trades do not make the last price."""
    is_trusted: bool
    """Whether what it shows is known to be so; only a live feed's book ever is not."""

    def front(self, is_buy: bool, limit: int | None) -> Resting | None:
        """Return what a buyer (or seller) limited to `limit` trades with next."""
        ...

    def fills(self, is_buy: bool, limit: int | None) -> Iterator[tuple[Resting, int]]:
        """Yield with whom it would trade how much, fill by fill, without touching anything."""
        ...

    def take(self, maker: Resting, qty: int) -> None:
        """Trade `qty` with what `front` returned, at most what it displays."""
        ...

    def rest(self, order: Resting) -> None:
        """Put the order at the back of the queue at its price."""
        ...

    def remove(self, order: Resting) -> None:
        """Take a resting order out."""
        ...

    def shrink(self, order: Resting, qty: int) -> None:
        """Take `qty`, less than it has left, off a resting order, which keeps its place; what is hidden goes first."""
        ...

    def side_of(self, is_buy: bool) -> Ladder:
        """Return the queues of one side."""
        ...

    def place(self, order: Resting) -> Place:
        """Return where a resting order stands."""
        ...

    def seen(self, is_buy: bool, depth: int) -> tuple[tuple[int, int, int], ...]:
        """Return the best displayed levels of the bids (or asks): price, quantity, what we took of it if a feed's."""
        ...

    def dump_external(self, *, whole: bool = True) -> Mapping[str, Any] | None:
        """Return what belongs to a feed, JSON-able, or what is enough to look at; None if the book is all ours."""
        ...


class CrossingBook:
    """Everybody's orders of one pair in price-time priority."""

    __slots__ = ("asks", "bids", "is_external", "is_trusted", "last_price")

    def __init__(self) -> None:
        self.is_external, self.is_trusted = False, True
        self.bids = Ladder(is_buy=True)
        self.asks = Ladder(is_buy=False)
        self.last_price: Ticks | None = None

    @property
    def best_bid(self) -> Ticks | None:
        """The highest price somebody buys at."""
        return self.bids.best_price()

    @property
    def best_ask(self) -> Ticks | None:
        """The lowest price somebody sells at."""
        return self.asks.best_price()

    def levels(self, side: Side, depth: int | None = None) -> list[Level]:
        """Return what is displayed on the side, best first."""
        return (self.bids if side is Side.BUY else self.asks).depth(depth)

    def take_changes(self) -> tuple[list[Level], list[Level]]:
        """Return bids and asks whose displayed quantity changed since the last call; 0 = gone."""
        return self.bids.take_changes(), self.asks.take_changes()

    def cost_to_fill(self, side: Side, qty: Lots) -> Sweep:
        """Return what an order to buy or sell `qty` would trade now, own orders and what is hidden included."""
        ladder = self.asks if side is Side.BUY else self.bids
        return sweep(((level.price, level.qty + level.hidden) for level in ladder), qty)

    def front(self, is_buy: bool, limit: int | None) -> Resting | None:
        """Return what a buyer (or seller) limited to `limit` trades with next."""
        return (self.asks if is_buy else self.bids).front(limit)

    def fills(self, is_buy: bool, limit: int | None) -> Iterator[tuple[Resting, int]]:
        """Yield with whom it would trade how much, fill by fill, without touching anything."""
        for level in self.asks if is_buy else self.bids:
            if limit is not None and (level.price > limit if is_buy else level.price < limit):
                return
            yield from level.fills()

    def take(self, maker: Resting, qty: int) -> None:
        """Trade `qty` with what `front` returned, at most what it displays."""
        (self.bids if maker.is_buy else self.asks).trade(maker, qty)

    def rest(self, order: Resting) -> None:
        """Put the order at the back of the queue at its price."""
        (self.bids if order.is_buy else self.asks).add(order)

    def remove(self, order: Resting) -> None:
        """Take a resting order out."""
        (self.bids if order.is_buy else self.asks).remove(order)

    def shrink(self, order: Resting, qty: int) -> None:
        """Take `qty`, less than it has left, off a resting order, which keeps its place; what is hidden goes first."""
        (self.bids if order.is_buy else self.asks).shrink(order, qty)

    def side_of(self, is_buy: bool) -> Ladder:
        """Return the queues of one side."""
        return self.bids if is_buy else self.asks

    def place(self, order: Resting) -> Place:
        """Return where a resting order stands."""
        ahead, there = before(order), order.level.qty
        return Place(Lots(ahead), Lots(there - ahead - order.left + order.hidden), Lots(there), is_estimate=False)

    def seen(self, is_buy: bool, depth: int) -> tuple[tuple[int, int, int], ...]:
        """Return the best displayed levels of the bids (or asks): price, quantity, 0."""
        return (self.bids if is_buy else self.asks).seen(depth)

    def dump_external(self, *, whole: bool = True) -> None:
        """Return None: nothing here belongs to a feed."""
        return


def sweep(levels: Iterable[tuple[int, int]], qty: int) -> Sweep:
    """Walk levels, given as price and quantity, for `qty` lots."""
    left, tick_lots, worst = qty, 0, None
    for price, there in levels:
        if not left:
            break
        part = min(left, there)
        left -= part
        tick_lots += part * price
        worst = Ticks(price)
    return Sweep(Lots(qty - left), tick_lots, worst)
