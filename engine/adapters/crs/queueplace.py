"""Where our orders stand on a server, worked out here from what the feed shows: an estimate, and said to be one.

A server tells that an order rests, not what stands before it. When it comes to rest, all that its price displays
besides stands before it; prints at the price and a level that shrinks below that let it move up. It is never better
placed than it may be. Trailing stops are followed by the prints since they were taken, after a restart since then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.bus import Bus
from engine.domain.event import OrderAccepted, OrderAmended, OrderCancelled, OrderExpired, OrderFilled, OrderTriggered
from engine.domain.market import BookDiff
from engine.domain.number import Lots, Ticks
from engine.domain.order import OrderId, OrderType, Side
from engine.domain.why import Place
from engine.market.l2 import L2Book
from engine.ports.feed import TradesPrinted

BookOf = Callable[[str], L2Book]


@dataclass(slots=True)
class _Rest:
    """One of our orders that may rest."""

    symbol: str
    side: Side
    price: Ticks
    shown: Lots
    """What of it the book displays."""
    ahead: int | None = None


@dataclass(slots=True)
class _Trail:
    symbol: str
    side: Side
    mark: Ticks | None


class QueuePlaces:
    """Follows the orders of one account; `close` ends the subscriptions."""

    def __init__(self, bus: Bus, book: BookOf, last: Callable[[str], int | None]) -> None:
        self._book, self._last = book, last
        self._rests: dict[OrderId, _Rest] = {}
        self._trails: dict[OrderId, _Trail] = {}
        self._subscriptions = (
            bus.subscribe(OrderAccepted, self.accepted),
            bus.subscribe(OrderFilled, self._filled),
            bus.subscribe(OrderAmended, self._amended),
            bus.subscribe(OrderTriggered, lambda fact: self._forget(fact.order_id)),
            bus.subscribe(OrderCancelled, lambda fact: self._forget(fact.order_id)),
            bus.subscribe(OrderExpired, lambda fact: self._forget(fact.order_id)),
            bus.subscribe(TradesPrinted, self._printed),
            bus.subscribe(BookDiff, self._changed),
        )

    def close(self) -> None:
        """End all subscriptions."""
        for subscription in self._subscriptions:
            subscription.close()

    def place(self, order_id: OrderId) -> Place | None:
        """Return where an order stands; None if it does not rest, or is not displayed yet."""
        rest = self._rests.get(order_id)
        if rest is None:
            return None
        level = self._book(rest.symbol).quantity_at(rest.side, rest.price)
        if level < rest.shown or rest.ahead is None:  # the diff that shows it is still to come
            return None
        ahead = max(0, min(rest.ahead, level - rest.shown))
        return Place(Lots(ahead), Lots(level - rest.shown - ahead), level, is_estimate=True)

    def trail_mark(self, order_id: OrderId) -> Ticks | None:
        """Return the best print since a trailing stop was taken; None of other orders."""
        trail = self._trails.get(order_id)
        return None if trail is None else trail.mark

    def accepted(self, fact: OrderAccepted) -> None:
        """Follow an order from now on; of one that was taken long ago the place is what may be at worst."""
        order = fact.order
        if order.order_type is OrderType.TRAILING_STOP:
            last = self._last(order.symbol)
            self._trails[fact.order_id] = _Trail(order.symbol, order.side, None if last is None else Ticks(last))
        elif order.order_type is OrderType.LIMIT and order.price is not None and fact.starts_after is None:
            shown = order.qty if order.display_qty is None else min(order.qty, order.display_qty)
            rest = self._rests[fact.order_id] = _Rest(order.symbol, order.side, order.price, shown)
            self._stand(rest)

    def _stand(self, rest: _Rest) -> None:
        """Stand behind all that the price displays; whether the own quantity is among it yet is not known."""
        rest.ahead = self._book(rest.symbol).quantity_at(rest.side, rest.price)

    def _filled(self, fact: OrderFilled) -> None:
        rest = self._rests.get(fact.order_id)
        if fact.left == 0:
            self._forget(fact.order_id)
        elif rest is not None:
            rest.shown = Lots(min(rest.shown, fact.left))
            if fact.liquidity == "maker":
                rest.ahead = 0

    def _amended(self, fact: OrderAmended) -> None:
        rest = self._rests.get(fact.order_id)
        if rest is not None and fact.price is not None:
            rest.price, rest.shown = fact.price, Lots(min(rest.shown, fact.left) if fact.kept_place else fact.left)
            if not fact.kept_place:
                self._stand(rest)

    def _forget(self, order_id: OrderId) -> None:
        self._rests.pop(order_id, None)
        self._trails.pop(order_id, None)

    def _printed(self, event: TradesPrinted) -> None:
        for tick in event.ticks:
            for trail in self._trails.values():
                if trail.symbol == event.symbol:
                    better = max if trail.side is Side.SELL else min
                    trail.mark = tick.price if trail.mark is None else better(trail.mark, tick.price)
            for rest in self._rests.values():
                if (
                    rest.symbol == event.symbol and rest.price == tick.price and rest.side is not tick.side
                    and rest.ahead
                ):  # fmt: skip
                    rest.ahead = max(0, rest.ahead - tick.qty)

    def _changed(self, diff: BookDiff) -> None:
        for rest in self._rests.values():
            if rest.symbol == diff.symbol and rest.ahead is not None:
                level = self._book(rest.symbol).quantity_at(rest.side, rest.price)
                if level >= rest.shown:
                    rest.ahead = min(rest.ahead, level - rest.shown)
