"""Binance's words for ours, both ways."""

from __future__ import annotations

from engine.domain.command import SubmitOrder
from engine.domain.order import CancelReason, ListKind, OrderStatus, OrderType, SelfTrade, Side, TimeInForce
from engine.services.order_fold import OrderRecord

SIDES = {"BUY": Side.BUY, "SELL": Side.SELL}
SIDE_NAMES = {side: name for name, side in SIDES.items()}

STP = {
    "NONE": SelfTrade.NONE,
    "EXPIRE_TAKER": SelfTrade.CANCEL_TAKER,
    "EXPIRE_MAKER": SelfTrade.CANCEL_MAKER,
    "EXPIRE_BOTH": SelfTrade.CANCEL_BOTH,
}
STP_NAMES = {mode: name for name, mode in STP.items()}

TIFS = {"GTC": TimeInForce.GTC, "IOC": TimeInForce.IOC, "FOK": TimeInForce.FOK}

CONTINGENCIES = {ListKind.OCO: "OCO", ListKind.OTO: "OTO", ListKind.BRACKET: "OTOCO"}

_TYPES = {
    OrderType.MARKET: "MARKET",
    OrderType.LIMIT: "LIMIT",
    OrderType.STOP: "STOP_LOSS",
    OrderType.STOP_LIMIT: "STOP_LOSS_LIMIT",
    OrderType.TAKE_PROFIT: "TAKE_PROFIT",
    OrderType.TAKE_PROFIT_LIMIT: "TAKE_PROFIT_LIMIT",
    OrderType.TRAILING_STOP: "STOP_LOSS",
}

USERS_OWN = frozenset({CancelReason.USER.value, CancelReason.OCO.value})
"""Ends that somebody chose; Binance calls the others expired."""


def type_name(order: SubmitOrder) -> str:
    """Return Binance's type of an order."""
    return "LIMIT_MAKER" if order.post_only else _TYPES[order.order_type]


def status_name(record: OrderRecord) -> str:
    """Return Binance's status of an order."""
    status = record.status
    if status is OrderStatus.PENDING:
        return "PENDING_NEW"
    if status.is_open:
        return "PARTIALLY_FILLED" if record.filled else "NEW"
    if status is OrderStatus.CANCELLED:
        return ended_name(record.note)
    return {OrderStatus.FILLED: "FILLED", OrderStatus.EXPIRED: "EXPIRED"}.get(status, "REJECTED")


def ended_name(reason: str) -> str:
    """Return Binance's status of an order that ended unfilled for a reason."""
    if reason in USERS_OWN:
        return "CANCELED"
    return "EXPIRED_IN_MATCH" if reason == CancelReason.STP.value else "EXPIRED"


def is_working(record: OrderRecord) -> bool:
    """Whether the order is, or was when it ended, in the book or meeting it."""
    waits = record.order.order_type in _WAITING and not record.triggered
    return not waits and record.status is not OrderStatus.PENDING and record.starts_after is None


_WAITING = frozenset(_TYPES) - {OrderType.MARKET, OrderType.LIMIT}
