"""What became of one order after Enter: sent, accepted, partly filled, filled; with its Undo."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.domain.command import SubmitOrder
from engine.domain.number import Lots, Nanos
from engine.domain.order import CancelReason, OrderType, Side
from engine.domain.pair import TradingPair

UNDO_NS = 3_000_000_000
"""How long Undo is offered while the order still works."""

_TYPE_WORDS = {
    (Side.BUY, OrderType.MARKET): "Buy {qty} {base} at market",
    (Side.SELL, OrderType.MARKET): "Sell {qty} {base} at market",
    (Side.BUY, OrderType.LIMIT): "Buy {qty} {base} at {price}",
    (Side.SELL, OrderType.LIMIT): "Sell {qty} {base} at {price}",
    (Side.BUY, OrderType.STOP): "Buy {qty} {base} at market once {stop} trades",
    (Side.SELL, OrderType.STOP): "Sell {qty} {base} at market once {stop} trades",
    (Side.BUY, OrderType.STOP_LIMIT): "Buy {qty} {base} at {price} once {stop} trades",
    (Side.SELL, OrderType.STOP_LIMIT): "Sell {qty} {base} at {price} once {stop} trades",
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
    source = _TYPE_WORDS.get((order.side, order.order_type), "Order for {qty} {base}")
    values = {"qty": fmt.quantity(pair, order.qty), "base": pair.base.code}
    if order.price is not None:
        values["price"] = fmt.price(pair, order.price)
    if order.stop_price is not None:
        values["stop"] = fmt.price(pair, order.stop_price)
    return Sentence(source, values)


class Stage(StrEnum):
    """How far an order has come."""

    SENT = "sent"
    WORKING = "working"
    PARTIAL = "partial"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REFUSED = "refused"


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
            return say("Working in the book.") if self.order.stop_price is None else say("Waiting for its trigger.")
        if self.stage is Stage.PARTIAL:
            return say("{percent}% filled at {price}.", percent=self.filled_percent, price=self.average_text)
        if self.stage is Stage.FILLED:
            fee = fmt.money(self.pair.quote, self.fee, 4)
            quote = self.pair.quote.code
            return say("Filled at {price}, fee {fee} {quote}.", price=self.average_text, fee=fee, quote=quote)
        return self.note or say("Cancelled.")

    @property
    def average_text(self) -> str:
        """The average fill price on the tick, rounded half up."""
        if not self.filled:
            return fmt.DASH
        return fmt.price(self.pair, (2 * self.tick_lots + self.filled) // (2 * self.filled))

    @property
    def is_working(self) -> bool:
        """Whether it can still be cancelled."""
        return self.stage in (Stage.SENT, Stage.WORKING, Stage.PARTIAL)

    def can_undo(self, now: Nanos) -> bool:
        """Whether Undo is still offered."""
        return self.is_working and not self.undone and now - self.sent_at <= UNDO_NS

    def accept(self) -> None:
        """The venue has it; fills that came with the answer are counted already."""
        if self.stage is Stage.SENT:
            self.stage = Stage.WORKING

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
