"""A crossing book on its own: whole numbers in, tuples out, no accounts and no money.

It is the exchange's book with the least around it, for whoever needs matching only. Orders are limit orders, numbered
by their sender, upwards; what does not cross rests. Prices are in ticks, quantities in lots. Every call returns what
happened, in the order of happening.
"""

from __future__ import annotations

from typing import Literal, Union

from engine.domain.order import Reason
from engine.matching.book import CrossingBook
from engine.matching.ladder import Ladder, Resting

Accepted = tuple[Literal["accepted"], int]
Rejected = tuple[Literal["rejected"], int, Reason]
Cancelled = tuple[Literal["cancelled"], int, int]
"""The order's number, and what was left of it."""
Traded = tuple[Literal["trade"], int, int, int, int]
"""Maker's number, taker's number, price, quantity."""

Happened = Union[Accepted, Rejected, Cancelled, Traded]


class MatchingSession:
    """One book and the orders that rest in it, by number."""

    __slots__ = ("_asks", "_bids", "_last", "_orders", "book")

    def __init__(self) -> None:
        self.book = CrossingBook()
        self._bids, self._asks = self.book.bids, self.book.asks
        self._orders: dict[int, Resting] = {}
        self._last = 0

    def submit(self, number: int, is_buy: bool, price: int, qty: int) -> tuple[Happened, ...]:
        """Match an order at `price` or better and rest what is left of it.

        It is rejected if its number does not count on from the last one's, or price or quantity is not positive.
        """
        if number <= self._last or price <= 0 or qty <= 0:
            return (("rejected", number, self._fault(number, qty)),)
        self._last = number
        order = Resting(None, number, is_buy, price, qty)
        if is_buy:
            ours, ranks = self._bids, self._asks.ranks
            if ranks and ranks[-1] >= -price:
                return self._cross(order, ours, self._asks)
        else:
            ours, ranks = self._asks, self._bids.ranks
            if ranks and ranks[-1] >= price:
                return self._cross(order, ours, self._bids)
        self._orders[number] = order
        ours.add(order)
        return (("accepted", number),)

    def cancel(self, number: int) -> tuple[Happened, ...]:
        """Take an order out; rejected if it does not rest."""
        order = self._orders.pop(number, None)
        if order is None:
            return (("rejected", number, Reason.UNKNOWN_ORDER),)
        (self._bids if order.is_buy else self._asks).remove(order)
        return (("cancelled", number, order.left),)

    def _cross(self, taker: Resting, ours: Ladder, theirs: Ladder) -> tuple[Happened, ...]:
        number, limit, orders = taker.key, taker.price, self._orders
        happened: list[Happened] = [("accepted", number)]
        while taker.left and (maker := theirs.front(limit)) is not None:
            part = min(maker.left - maker.hidden, taker.left)
            taker.left -= part
            theirs.trade(maker, part)
            happened.append(("trade", maker.key, number, maker.price, part))
            if not maker.left:
                del orders[maker.key]
        if taker.left:
            orders[number] = taker
            ours.add(taker)
        return tuple(happened)

    def _fault(self, number: int, qty: int) -> Reason:
        if number <= self._last:
            return Reason.DUPLICATE_ID
        return Reason.BAD_QUANTITY if qty <= 0 else Reason.BAD_PRICE
