"""Orders as clients send them and as a server tells of them."""

from __future__ import annotations

from msgspec import Struct

from engine.domain.order import ListKind, OrderStatus, OrderType, SelfTrade, Side, TimeInForce
from engine.wire.account import Fill
from engine.wire.text import Amount, Decimals, Millis, OrderKey, Symbol


class NewOrder(Struct, kw_only=True, forbid_unknown_fields=True):
    """An order to send; `order_id` (or the header `Idempotency-Key`) makes a repeat harmless."""

    symbol: Symbol
    side: Side
    type: OrderType
    qty: Amount
    order_id: OrderKey | None = None
    price: Amount | None = None
    stop_price: Amount | None = None
    tif: TimeInForce = TimeInForce.GTC
    expire_ms: Millis | None = None
    post_only: bool = False
    reduce_only: bool = False
    display_qty: Amount | None = None
    trail: Amount | None = None
    trail_bps: Amount | None = None
    stp: SelfTrade = SelfTrade.NONE


class NewList(Struct, kw_only=True, forbid_unknown_fields=True):
    """Orders that hang together; each needs its own id, or gets one made of the list's."""

    kind: ListKind
    orders: tuple[NewOrder, ...]
    list_id: OrderKey | None = None


class OrderChange(Struct, kw_only=True, forbid_unknown_fields=True):
    """What to change of an open order; `qty` is the new total, filled part included."""

    qty: Amount | None = None
    price: Amount | None = None
    stop_price: Amount | None = None
    trail: Amount | None = None


class Order(Struct, kw_only=True, omit_defaults=True):
    """An order as it stands."""

    order_id: str
    number: int
    """Counts acceptances of the whole exchange; unique, so it serves clients that want a number."""
    symbol: Symbol
    side: Side
    type: OrderType
    tif: TimeInForce
    status: OrderStatus
    qty: Amount
    filled: Amount
    filled_value: Amount = "0"
    """What the filled part cost or brought, in the quote asset, without fees."""
    fee: Amount = "0"
    price: Amount | None = None
    stop_price: Amount | None = None
    trail: Amount | None = None
    trail_bps: Decimals | None = None
    display_qty: Amount | None = None
    post_only: bool = False
    reduce_only: bool = False
    expire_ms: Millis | None = None
    list_id: str | None = None
    list_kind: ListKind | None = None
    reason: str | None = None
    """Why it ended unfilled."""
    accepted_ms: Millis
    changed_ms: Millis


class Orders(Struct):
    """One page of orders, newest first; `next` is the cursor of the page after it, absent at the end."""

    orders: tuple[Order, ...]
    next: str | None = None


class OrderResult(Struct):
    """What came of a command at once: the order as it stands now, and the fills that the command made."""

    order: Order
    fills: tuple[Fill, ...] = ()


class ListResult(Struct):
    """What came of a list at once."""

    list_id: str
    kind: ListKind
    orders: tuple[Order, ...]


class Cancelled(Struct):
    """The orders that were taken out."""

    orders: tuple[Order, ...]
