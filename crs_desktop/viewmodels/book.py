"""The order book as it is shown: grouped levels, cumulative depth, own orders, the spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, get_args

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.event import (
    LegStarted,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderTriggered,
)
from engine.domain.market import BookDiff, Level
from engine.domain.number import Ticks
from engine.domain.order import OrderStatus, Side
from engine.ports.feed import FeedStateChanged, TradesPrinted
from engine.ports.venue import AccountSelected

OrderFact = OrderAccepted | OrderAmended | OrderCancelled | OrderExpired | OrderFilled | OrderTriggered | LegStarted

GROUPINGS = (1, 2, 5, 10)
"""Ticks per row that can be chosen."""


class BookRow(NamedTuple):
    """One row: everything displayed within a group of prices."""

    price: Ticks
    qty: int
    cumulative: int
    """This row and all better ones."""
    mine: int
    """Of it, what is left of our own orders."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle row; texts for the screen."""

    last: str
    direction: int
    """1 if the last print was higher than the one before at another price, -1 if lower, 0 if unknown."""
    width: str
    bps: str


def group(levels: Sequence[Level], side: Side, ticks: int, mine: dict[int, int], count: int) -> list[BookRow]:
    """Sum levels (best first) into at most `count` rows of `ticks` ticks.

    A bid counts to the multiple below it, an ask to the one above: a group is never shown better than it is.
    """
    rows: list[BookRow] = []
    qty = cumulative = own = 0
    current: int | None = None
    for price, lots in levels:
        key = price // ticks * ticks if side is Side.BUY else -(-price // ticks) * ticks
        if key != current:
            if current is not None:
                rows.append(BookRow(Ticks(current), qty, cumulative, own))
                if len(rows) == count:
                    return rows
            current, qty, own = key, 0, 0
        qty += lots
        cumulative += lots
        own += mine.get(price, 0)
    if current is not None:
        rows.append(BookRow(Ticks(current), qty, cumulative, own))
    return rows


class BookModel(ViewModel):
    """The book of the desk's pair; `rows` reads it at the moment of the call."""

    pace = 0.08
    ages = True

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.grouping = 1
        self._direction = 0
        self._last_seen: tuple[str, int] | None = None
        self._mine: dict[Side, dict[int, int]] | None = None
        self._listen(BookDiff, self._on_diff)
        self._listen(TradesPrinted, self._on_trades)
        self._listen(FeedStateChanged, self._on_state)
        kinds: tuple[type[OrderFact], ...] = get_args(OrderFact)
        for kind in kinds:
            self._listen(kind, self._on_order)

    def set_grouping(self, ticks: int) -> None:
        """Choose how many ticks one row holds."""
        if ticks in GROUPINGS:
            self.grouping = ticks
            self.hurry()

    def rows(self, side: Side, count: int) -> list[BookRow]:
        """Return up to `count` grouped rows, best first."""
        levels = self.desk.book(self.desk.symbol).top(side, count * self.grouping)
        return group(levels, side, self.grouping, self.mine(side), count)

    def mine(self, side: Side) -> dict[int, int]:
        """Return what is left of our resting orders, by price in ticks."""
        if self._mine is None:
            self._mine = {Side.BUY: {}, Side.SELL: {}}
            for order in self.desk.orders.open(self.desk.symbol):
                if order.price is not None and order.status is OrderStatus.WORKING:
                    own = self._mine[order.side]
                    own[order.price] = own.get(order.price, 0) + order.left
        return self._mine[side]

    def spread(self) -> Spread:
        """Return the middle row."""
        pair, data = self.desk.pair, self.desk.market_data
        quote, last = data.quote(pair.symbol), data.last_price(pair.symbol)
        if quote.bid is None or quote.ask is None:
            width = bps = fmt.DASH
        else:
            width = fmt.price(pair, quote.ask - quote.bid)
            bps = fmt.basis_points(2 * (quote.ask - quote.bid), quote.ask + quote.bid, 2)
        return Spread(fmt.price(pair, last) if last is not None else fmt.DASH, self._direction, width, bps)

    @property
    def is_synced(self) -> bool:
        """Whether the book can be trusted; if not it is hatched."""
        return self.desk.is_synced

    @property
    def state(self) -> Sentence | None:
        """Why the book is hatched or empty, None while all is well."""
        if not self.is_synced:
            return self.desk.trust.told(self.desk.symbol)
        book = self.desk.book(self.desk.symbol)
        if book.best_bid is None and book.best_ask is None:
            return say("No orders in the book.")
        return None

    def pick(self, price: Ticks) -> None:
        """Send a price to the ticket."""
        self.desk.pick_price(price)

    def _on_diff(self, diff: BookDiff) -> None:
        if diff.symbol == self.desk.symbol:
            self._touched = True

    def _on_trades(self, event: TradesPrinted) -> None:
        if event.symbol != self.desk.symbol:
            return
        self._touched = True
        price = event.ticks[-1].price
        if self._last_seen is not None and self._last_seen[0] == event.symbol and price != self._last_seen[1]:
            self._direction = 1 if price > self._last_seen[1] else -1
        self._last_seen = (event.symbol, price)

    def _on_state(self, _event: FeedStateChanged) -> None:
        self._mine = None
        self.hurry()

    def _on_order(self, event: OrderFact) -> None:
        if event.account == self.desk.venue.account:
            self._mine = None
            self.touch()

    def _account_selected(self, event: AccountSelected) -> None:
        self._mine = None
        super()._account_selected(event)

    def _desk_changed(self, desk: Desk) -> None:
        self._mine, self._direction, self._last_seen = None, 0, None
        super()._desk_changed(desk)
