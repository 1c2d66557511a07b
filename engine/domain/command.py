"""Commands: what somebody wants done. Imperative, frozen, already on the pair's grid.

Text becomes ticks and lots at the edges (`TradingPair.ticks`, `.lots`); a value that was off the
grid or no number never gets here, except where a front must have it refused by the kernel: the
command then carries `fault`, the reason and sentence that the edge found, and the kernel answers
with it in the documented order of precedence.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Union

from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import (
    AccountId,
    ListKind,
    LotMethod,
    OrderId,
    OrderType,
    Reason,
    SelfTrade,
    Side,
    TimeInForce,
)
from engine.domain.pair import FeeRate, TradingPair


@dataclass(frozen=True, slots=True)
class Fault:
    """A defect that the edge found while reading a command."""

    reason: Reason
    text: str


@dataclass(frozen=True, slots=True)
class ListPair:
    """Start a market in a pair; prints nothing."""

    pair: TradingPair


@dataclass(frozen=True, slots=True)
class Deposit:
    """Credit an account, which exists from its first deposit; `units` > 0."""

    account: AccountId
    asset: str
    units: Units


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitOrder:
    """Send an order under the client's own id."""

    account: AccountId
    order_id: OrderId
    symbol: str
    side: Side
    order_type: OrderType
    qty: Lots
    price: Ticks | None = None
    stop_price: Ticks | None = None
    tif: TimeInForce = TimeInForce.GTC
    expire_ts: Nanos | None = None
    post_only: bool = False
    reduce_only: bool = False
    display_qty: Lots | None = None
    trail: Ticks | None = None
    trail_bps: Decimal | None = None
    """In basis points of the best price since it waits; fractions of one are allowed."""
    stp: SelfTrade = SelfTrade.NONE
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class SubmitList:
    """Send orders that hang together; lists and orders share one space of ids.

    An OCO has two orders, an OTO an entry and what follows it, a bracket entry, take-profit and stop.
    """

    account: AccountId
    order_id: OrderId
    """The list's own id."""
    kind: ListKind
    orders: tuple[SubmitOrder, ...]


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Take an open order out, or every order of the list with this id."""

    account: AccountId
    order_id: OrderId


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendOrder:
    """Change an open order; None leaves a field as it is. `qty` is the new total, filled part included."""

    account: AccountId
    order_id: OrderId
    qty: Lots | None = None
    price: Ticks | None = None
    stop_price: Ticks | None = None
    trail: Ticks | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class SetFees:
    """Set one account's fee rates for a pair; None falls back to the pair's own rates."""

    account: AccountId
    symbol: str
    maker: FeeRate | None
    taker: FeeRate | None


@dataclass(frozen=True, slots=True)
class SetLotMethod:
    """Choose how an account's sales are matched with its purchases, for the past too; no business of the exchange."""

    account: AccountId
    method: LotMethod


Command = Union[ListPair, Deposit, SubmitOrder, SubmitList, CancelOrder, AmendOrder, SetFees]
"""Everything the kernel handles; risk state and limits are set on the risk gate."""
