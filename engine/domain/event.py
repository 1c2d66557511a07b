"""Events: what happened. Past tense, frozen, complete enough to rebuild every account from them.

`at` is the venue's time (simulated time on the offline market). Facts of the ledger are journaled
before they are published; market data never is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Union

from engine.domain.command import SubmitOrder
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, CancelReason, Liquidity, ListKind, OrderId, Reason, Side
from engine.domain.why import FillExplained


@dataclass(frozen=True, slots=True)
class FundsDeposited:
    """An account was credited."""

    account: AccountId
    asset: str
    units: Units
    at: Nanos


@dataclass(frozen=True, slots=True)
class OrderAccepted:
    """The venue has the order; `order` is the command as accepted, `number` counts acceptances."""

    account: AccountId
    order_id: OrderId
    order: SubmitOrder
    number: int
    at: Nanos
    list_id: OrderId | None = None
    """The list it is part of."""
    list_kind: ListKind | None = None
    starts_after: OrderId | None = None
    """The entry that must end before this leg starts; until then it is pending."""


@dataclass(frozen=True, slots=True)
class LegStarted:
    """A pending leg of a list began to live with what its entry filled: `qty` is now its total and what is left."""

    account: AccountId
    order_id: OrderId
    qty: Lots
    at: Nanos


@dataclass(frozen=True, slots=True)
class OrderRejected:
    """The command was refused and changed nothing; `text` is a sentence for the user."""

    account: AccountId
    order_id: OrderId
    reason: Reason
    text: str
    at: Nanos


@dataclass(frozen=True, slots=True)
class OrderTriggered:
    """A waiting order fired and now enters the book."""

    account: AccountId
    order_id: OrderId
    at: Nanos


@dataclass(frozen=True, slots=True)
class OrderAmended:
    """An open order was changed; `qty` is the new total, `left` what is still to trade."""

    account: AccountId
    order_id: OrderId
    qty: Lots
    price: Ticks | None
    stop_price: Ticks | None
    left: Lots
    kept_place: bool
    at: Nanos
    trail: Ticks | None = None


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """An order ended with `left` unfilled."""

    account: AccountId
    order_id: OrderId
    reason: CancelReason
    left: Lots
    at: Nanos


@dataclass(frozen=True, slots=True)
class OrderExpired:
    """A good-till-date order reached its instant."""

    account: AccountId
    order_id: OrderId
    left: Lots
    at: Nanos


@dataclass(frozen=True, slots=True)
class OrderFilled:
    """(Part of) one of *our* orders was executed; one row per execution and side of ours."""

    account: AccountId
    order_id: OrderId
    trade_id: int
    symbol: str
    side: Side
    price: Ticks
    qty: Lots
    fee: Units
    """In quote units."""
    liquidity: Liquidity
    left: Lots
    at: Nanos


class TradeExecuted(NamedTuple):
    """Two orders met at the maker's price. Accounts and ids are None for unfunded flow."""

    trade_id: int
    symbol: str
    price: Ticks
    qty: Lots
    maker_account: AccountId | None
    maker_id: OrderId | None
    taker_account: AccountId | None
    taker_id: OrderId | None
    taker_side: Side
    maker_fee: Units
    taker_fee: Units
    at: Nanos


class BalanceChanged(NamedTuple):
    """An account's money after a fact; free + locked = total, always."""

    account: AccountId
    asset: str
    free: Units
    locked: Units
    at: Nanos


class PositionChanged(NamedTuple):
    """An account's position in a pair after a fill (average cost)."""

    account: AccountId
    symbol: str
    qty: Lots
    cost: Units
    """What the held quantity cost, fees included, in quote units."""
    realised: Units
    """Realised profit since the account was opened, after all fees of what was sold, in quote units."""
    at: Nanos


LedgerFact = Union[
    FundsDeposited,
    OrderAccepted,
    OrderRejected,
    LegStarted,
    OrderTriggered,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    FillExplained,
]
"""What the journal stores; balances, orders and positions are folds over these."""

KernelEvent = Union[LedgerFact, TradeExecuted]
"""What the kernel answers with, in the order of happening."""
