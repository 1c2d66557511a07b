"""Which fields an order of each type has: what is missing, what is too much, what does not go together."""

from __future__ import annotations

from engine.domain.command import SubmitOrder
from engine.domain.order import OrderType, TimeInForce
from engine.exchange.order import LIMITED, STOPPED, TRIGGERED

NAMES: dict[OrderType, str] = {
    OrderType.STOP_LIMIT: "stop-limit",
    OrderType.TAKE_PROFIT: "take-profit",
    OrderType.TAKE_PROFIT_LIMIT: "take-profit limit",
    OrderType.TRAILING_STOP: "trailing stop",
}
"""What a person calls a type, where that is not its word in commands."""


def type_name(kind: OrderType) -> str:
    """Return what a person calls a type."""
    return NAMES.get(kind, kind.value)


def form_text(order: SubmitOrder, now: int) -> str | None:
    """Return the first sentence about fields that do not fit the order's type, None if all do."""
    return _price_text(order) or _trail_text(order) or _time_text(order, now) or _flag_text(order)


def _price_text(order: SubmitOrder) -> str | None:
    kind, name = order.order_type, type_name(order.order_type)
    if kind in LIMITED and order.price is None:
        return f"A {name} order needs a price."
    if kind not in LIMITED and order.price is not None:
        return f"A {name} order takes no price."
    if kind not in STOPPED and order.stop_price is not None:
        return f"A {name} order takes no stop price."
    return None


def _trail_text(order: SubmitOrder) -> str | None:
    distances = (order.trail is not None) + (order.trail_bps is not None)
    if order.order_type is not OrderType.TRAILING_STOP:
        return f"A {type_name(order.order_type)} order takes no trailing distance." if distances else None
    if not distances:
        return "A trailing stop order needs a distance, as a price or in basis points."
    return "A trailing stop order takes one distance, as a price or in basis points." if distances > 1 else None


def _time_text(order: SubmitOrder, now: int) -> str | None:
    kind, name, tif = order.order_type, type_name(order.order_type), order.tif
    if kind not in LIMITED and tif is not TimeInForce.GTC:
        return f"A {name} order takes no time in force; once it trades, it trades at once or not at all."
    if kind in TRIGGERED and tif is TimeInForce.FOK:
        return f"A {name} order cannot be fill-or-kill; nobody knows the book in which it will fire."
    if tif is TimeInForce.GTD and order.expire_ts is None:
        return "A good-till-date order needs the instant at which it expires."
    if tif is not TimeInForce.GTD and order.expire_ts is not None:
        return f"A {tif} order takes no instant of expiry; only a good-till-date order does."
    if order.expire_ts is not None and order.expire_ts <= now:
        return "The instant of expiry must be in the future."
    return None


def _flag_text(order: SubmitOrder) -> str | None:
    kind, name = order.order_type, type_name(order.order_type)
    if order.post_only and kind is not OrderType.LIMIT:
        return f"A {name} order cannot be post-only; only a limit order can."
    if order.display_qty is None:
        return None
    if kind not in LIMITED:
        return f"A {name} order displays nothing; only a limit order can be an iceberg."
    if order.tif in (TimeInForce.IOC, TimeInForce.FOK):
        return f"An iceberg rests in the book; it cannot be {order.tif}."
    return None
