"""What became of one order after Enter: sent, accepted, partly filled, filled; with its Undo."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Union

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.domain.command import SubmitList, SubmitOrder
from engine.domain.event import LegStarted, OrderCancelled, OrderExpired, OrderFilled, OrderTriggered
from engine.domain.number import Lots, Nanos
from engine.domain.order import CancelReason, OrderId, OrderType, Side
from engine.domain.pair import TradingPair
from engine.portfolio.commitment import IMMEDIATE

TimelineFact = Union[OrderFilled, OrderCancelled, OrderExpired, OrderTriggered, LegStarted]
"""What lets an order get further."""

UNDO_NS = 3_000_000_000
"""How long Undo is offered while the order still works."""

_AT_MARKET = {Side.BUY: "Buy {qty} {base} at market", Side.SELL: "Sell {qty} {base} at market"}
_AT_PRICE = {Side.BUY: "Buy {qty} {base} at {price}", Side.SELL: "Sell {qty} {base} at {price}"}
_ONCE_AT_MARKET = {
    Side.BUY: "Buy {qty} {base} at market once {stop} trades",
    Side.SELL: "Sell {qty} {base} at market once {stop} trades",
}
_ONCE_AT_PRICE = {
    Side.BUY: "Buy {qty} {base} at {price} once {stop} trades",
    Side.SELL: "Sell {qty} {base} at {price} once {stop} trades",
}
_TRAILING = {
    Side.BUY: "Buy {qty} {base} once the price has risen by {trail}",
    Side.SELL: "Sell {qty} {base} once the price has fallen by {trail}",
}
_TYPE_WORDS = {
    OrderType.MARKET: _AT_MARKET,
    OrderType.LIMIT: _AT_PRICE,
    OrderType.STOP: _ONCE_AT_MARKET,
    OrderType.STOP_LIMIT: _ONCE_AT_PRICE,
    OrderType.TAKE_PROFIT: _ONCE_AT_MARKET,
    OrderType.TAKE_PROFIT_LIMIT: _ONCE_AT_PRICE,
    OrderType.TRAILING_STOP: _TRAILING,
}

_ENDED_WORDS = {
    CancelReason.USER: "Cancelled.",
    CancelReason.IOC: "The rest was cancelled at once (IOC).",
    CancelReason.NO_LIQUIDITY: "The rest found nobody to trade with.",
    CancelReason.STP: "Cancelled: it would have met your own order.",
    CancelReason.OCO: "Cancelled with its list.",
    CancelReason.INSUFFICIENT_FUNDS: "Cancelled when it fired: not enough free funds.",
}


def describe(pair: TradingPair, order: SubmitOrder) -> Sentence:
    """Return an order as a short sentence without a full stop."""
    values = {"qty": fmt.quantity(pair, order.qty), "base": pair.base.code}
    if order.price is not None:
        values["price"] = fmt.price(pair, order.price)
    if order.stop_price is not None:
        values["stop"] = fmt.price(pair, order.stop_price)
    if order.order_type is OrderType.TRAILING_STOP:
        values["trail"] = trail_text(pair, order.trail, order.trail_bps)
    return Sentence(_TYPE_WORDS[order.order_type][order.side], values)


def trail_text(pair: TradingPair, trail: int | None, bps: Decimal | None) -> str:
    """Return a trailing distance as people read it: 1.5% or 250.00."""
    if trail is not None:
        return fmt.price(pair, trail)
    percent = ((bps or Decimal(0)) / 100).normalize()
    return f"{percent:f}%"


class Stage(StrEnum):
    """How far an order has come."""

    SENT = "sent"
    WORKING = "working"
    PARTIAL = "partial"
    STARTED = "started"
    """Of a list: its entry has filled, target and stop are alive."""
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUSED = "refused"


ALIVE = (Stage.SENT, Stage.WORKING, Stage.PARTIAL, Stage.STARTED)


@dataclass(slots=True)
class Timeline:
    """One order of ours, from the key press on; instants of `sent_at` are monotonic."""

    pair: TradingPair
    order: SubmitOrder
    sent_at: Nanos
    stage: Stage = Stage.SENT
    filled: int = 0
    tick_lots: int = 0
    fee: int = 0
    note: Sentence | None = None
    undone: bool = False
    fired: bool = False
    """Whether it waited for a trigger that has fired."""

    @property
    def command(self) -> SubmitOrder | SubmitList:
        """What is sent."""
        return self.order

    @property
    def order_id(self) -> OrderId:
        """What cancels it."""
        return self.order.order_id

    @property
    def title(self) -> Sentence:
        """The order as a sentence."""
        return describe(self.pair, self.order)

    @property
    def filled_percent(self) -> int:
        """How much of it is filled, rounded down."""
        return self.filled * 100 // self.order.qty

    @property
    def text(self) -> Sentence:
        """Where it stands, as a sentence."""
        if self.stage is Stage.SENT:
            return say("Sent…")
        if self.stage is Stage.WORKING:
            return self._working_text()
        if self.stage is Stage.PARTIAL:
            return say("{percent}% filled at {price}.", percent=self.filled_percent, price=self.average_text)
        if self.stage is Stage.FILLED:
            return self.filled_text
        return self.note or say("Cancelled.")

    @property
    def filled_text(self) -> Sentence:
        """At which price and fee it filled."""
        fee = fmt.money(self.pair.quote, self.fee, 4)
        return say(
            "Filled at {price}, fee {fee} {quote}.", price=self.average_text, fee=fee, quote=self.pair.quote.code
        )

    def _working_text(self) -> Sentence:
        if self.order.order_type in IMMEDIATE:
            return say("Working in the book.")
        return say("Fired, now working in the book.") if self.fired else say("Waiting for its trigger.")

    @property
    def average_text(self) -> str:
        """The average fill price on the tick, rounded half up."""
        if not self.filled:
            return fmt.DASH
        return fmt.price(self.pair, (2 * self.tick_lots + self.filled) // (2 * self.filled))

    @property
    def is_working(self) -> bool:
        """Whether it can still be cancelled."""
        return self.stage in ALIVE

    def can_undo(self, now: Nanos) -> bool:
        """Whether Undo is still offered."""
        return self.is_working and not self.undone and now - self.sent_at <= UNDO_NS

    def concerns(self, order_id: OrderId) -> bool:
        """Whether it is about an order."""
        return order_id == self.order.order_id

    def accept(self) -> None:
        """The venue has it; fills that came with the answer are counted already."""
        if self.stage is Stage.SENT:
            self.stage = Stage.WORKING

    def take(self, fact: TimelineFact) -> None:
        """Let it get further by what happened to its order."""
        if isinstance(fact, OrderFilled):
            self.fill(fact.price, fact.qty, fact.fee)
        elif isinstance(fact, OrderCancelled):
            self.end(fact.reason)
        elif isinstance(fact, OrderExpired):
            self.stage, self.note = Stage.EXPIRED, say("Expired.")
        elif isinstance(fact, OrderTriggered):
            self.stage, self.fired = Stage.WORKING, True
        else:
            self.order = replace(self.order, qty=fact.qty)

    def fill(self, price: int, qty: Lots, fee: int) -> None:
        """Count an execution."""
        self.filled += qty
        self.tick_lots += price * qty
        self.fee += fee
        self.stage = Stage.FILLED if self.filled >= self.order.qty else Stage.PARTIAL

    def end(self, reason: CancelReason) -> None:
        """It ended with something unfilled."""
        self.stage = Stage.CANCELLED
        self.note = Sentence(_ENDED_WORDS[reason])

    def refuse(self, text: str) -> None:
        """The venue said no."""
        self.stage, self.note = Stage.REFUSED, verbatim(text)
