"""Where a waiting trailing stop would fire now."""

from __future__ import annotations

from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.ticket_read import trigger
from engine.domain.account import OpenOrder
from engine.domain.number import Ticks
from engine.domain.order import OrderStatus, OrderType


def fires_at(desk: Desk, order: OpenOrder) -> Ticks | None:
    """Return the price; None for any other order, and for one that has seen no price yet."""
    if order.order_type is not OrderType.TRAILING_STOP or order.status is not OrderStatus.WAITING:
        return None
    mark = desk.venue.trail_mark(order.order_id)
    return None if mark is None else trigger(order.side, mark, order.trail, order.trail_bps)


def with_trigger(desk: Desk, order: OpenOrder) -> OpenOrder:
    """Return an order that shows, as its stop price, where it would fire now."""
    at = fires_at(desk, order)
    return order if at is None else order._replace(stop_price=at)
