"""The row of an order in the table `order`, as it is when the order was accepted, and what later records change."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.domain.event import OrderAccepted
from engine.domain.order import OrderStatus
from engine.domain.pair import TradingPair

Row = dict[str, Any]


def accepted_row(fact: OrderAccepted, pair: TradingPair, seq: int, place: int) -> Row:
    """Return the row of an order that was just accepted by record `seq`, `place` being its place in its list."""
    order, price_text, qty_text = fact.order, pair.price_text, pair.qty_text
    row: Row = {
        "account": fact.account,
        "order_id": fact.order_id,
        "seq": seq,
        "number": fact.number,
        "symbol": order.symbol,
        "side": str(order.side),
        "order_type": str(order.order_type),
        "tif": str(order.tif),
        "qty": qty_text(order.qty),
        "price": None if order.price is None else price_text(order.price),
        "stop_price": None if order.stop_price is None else price_text(order.stop_price),
        "trail": None if order.trail is None else price_text(order.trail),
        "trail_bps": None if order.trail_bps is None else format(Decimal(order.trail_bps), "f"),
        "display_qty": None if order.display_qty is None else qty_text(order.display_qty),
        "post_only": order.post_only,
        "reduce_only": order.reduce_only,
        "stp": str(order.stp),
        "expire_ns": order.expire_ts,
        "list_id": fact.list_id,
        "list_kind": None if fact.list_kind is None else str(fact.list_kind),
        "list_place": None if fact.list_id is None else place,
        "starts_after": fact.starts_after,
        "filled": qty_text(0),
        "reason": None,
        "accepted_ns": fact.at,
        "triggered_ns": None,
        "changed_ns": fact.at,
        "ended_seq": None,
    }
    row["status"] = str(first_status(row) if fact.starts_after is None else OrderStatus.PENDING)
    return row


def prices(pair: TradingPair, price: int | None, stop_price: int | None, trail: int | None) -> Row:
    """Return the three prices of an order as texts, by column."""
    values = {"price": price, "stop_price": stop_price, "trail": trail}
    return {name: None if ticks is None else pair.price_text(ticks) for name, ticks in values.items()}


def first_status(row: Row) -> OrderStatus:
    """Return the status with which the order of a row begins to live."""
    waits = row["stop_price"] is not None or row["trail"] is not None or row["trail_bps"] is not None
    return OrderStatus.WAITING if waits else OrderStatus.WORKING
