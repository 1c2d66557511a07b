"""The words for orders: side, type, time in force, self-trade prevention, status."""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

AccountId = NewType("AccountId", str)
OrderId = NewType("OrderId", str)
"""The client's own id of an order, unique within its account."""


class Side(StrEnum):
    """Which way; quantities are never negative."""

    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> Side:
        """The other side."""
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    """What an order does when it arrives, and what it waits for first."""

    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT = "take_profit"
    TAKE_PROFIT_LIMIT = "take_profit_limit"
    TRAILING_STOP = "trailing_stop"


class TimeInForce(StrEnum):
    """How long an order lives."""

    GTC = "GTC"
    IOC = "IOC"
    FOK = "FOK"
    GTD = "GTD"


class SelfTrade(StrEnum):
    """What happens when an order would meet one of the same account; the taker's mode rules."""

    NONE = "none"
    CANCEL_TAKER = "cancel_taker"
    CANCEL_MAKER = "cancel_maker"
    CANCEL_BOTH = "cancel_both"


class ListKind(StrEnum):
    """How the orders of a list hang together."""

    OCO = "oco"
    """One cancels the other."""
    OTO = "oto"
    """One triggers the other: the later orders start with what the first one filled."""
    BRACKET = "bracket"
    """Entry, take-profit, stop: the entry starts the other two, which are then one-cancels-other."""


class LotMethod(StrEnum):
    """Which of the lots that were bought a sale takes first."""

    FIFO = "fifo"
    LIFO = "lifo"
    HIFO = "hifo"
    AVERAGE = "average"


class OrderStatus(StrEnum):
    """Where an order stands in its life; `matching.lifecycle` owns the allowed steps."""

    PENDING = "pending"
    """Accepted as a leg of a list whose entry has not ended; it locks nothing and cannot trade."""
    WAITING = "waiting"
    """Accepted, its trigger has not fired."""
    WORKING = "working"
    """Resting in the book, or about to match."""
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"

    @property
    def is_open(self) -> bool:
        """Whether the order can still trade or be changed."""
        return self in (OrderStatus.PENDING, OrderStatus.WAITING, OrderStatus.WORKING)


class Liquidity(StrEnum):
    """Whether a fill rested (maker) or arrived (taker)."""

    MAKER = "maker"
    TAKER = "taker"


class Reason(StrEnum):
    """Why a command was refused; the order of the members is the order of precedence."""

    HALTED = "halted"
    UNKNOWN_ACCOUNT = "unknown_account"
    UNKNOWN_SYMBOL = "unknown_symbol"
    DUPLICATE_ID = "duplicate_id"
    UNKNOWN_ORDER = "unknown_order"
    BAD_ORDER = "bad_order"
    BAD_QUANTITY = "bad_quantity"
    OFF_LOT = "off_lot"
    BAD_PRICE = "bad_price"
    OFF_TICK = "off_tick"
    BAD_STOP = "bad_stop"
    MIN_NOTIONAL = "min_notional"
    REDUCE_ONLY = "reduce_only"
    NO_BOOK = "no_book"
    """A live market's book is not known now, and the order can only be judged by it."""
    POST_ONLY_WOULD_TAKE = "post_only_would_take"
    FOK_NOT_FILLABLE = "fok_not_fillable"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    LIMIT_EXCEEDED = "limit_exceeded"


class CancelReason(StrEnum):
    """Why a working order ended unfilled."""

    USER = "user"
    IOC = "ioc"
    NO_LIQUIDITY = "no_liquidity"
    STP = "stp"
    OCO = "oco"
    INSUFFICIENT_FUNDS = "insufficient_funds"
