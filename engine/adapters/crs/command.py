"""Commands as they travel: ticks and lots become decimal texts on the pair's grid."""

from __future__ import annotations

from collections.abc import Mapping

from engine.domain.command import AmendOrder, SubmitList, SubmitOrder
from engine.domain.pair import TradingPair
from engine.wire.order import NewList, NewOrder, OrderChange

NANOS_PER_MILLI = 1_000_000


def new_order_of(order: SubmitOrder, pair: TradingPair) -> NewOrder:
    """Return an order as it is sent; an instant of expiry is rounded down to the millisecond."""
    return NewOrder(
        symbol=order.symbol,
        side=order.side,
        type=order.order_type,
        qty=pair.qty_text(order.qty),
        order_id=order.order_id,
        price=_price(pair, order.price),
        stop_price=_price(pair, order.stop_price),
        tif=order.tif,
        expire_ms=None if order.expire_ts is None else order.expire_ts // NANOS_PER_MILLI,
        post_only=order.post_only,
        reduce_only=order.reduce_only,
        display_qty=None if order.display_qty is None else pair.qty_text(order.display_qty),
        trail=_price(pair, order.trail),
        trail_bps=None if order.trail_bps is None else format(order.trail_bps, "f"),
        stp=order.stp,
    )


def list_of(command: SubmitList, pairs: Mapping[str, TradingPair]) -> NewList:
    """Return a list as it is sent."""
    orders = tuple(new_order_of(order, pairs[order.symbol]) for order in command.orders)
    return NewList(kind=command.kind, orders=orders, list_id=command.order_id)


def change_of(command: AmendOrder, pair: TradingPair) -> OrderChange:
    """Return a change as it is sent."""
    return OrderChange(
        qty=None if command.qty is None else pair.qty_text(command.qty),
        price=_price(pair, command.price),
        stop_price=_price(pair, command.stop_price),
        trail=_price(pair, command.trail),
    )


def _price(pair: TradingPair, ticks: int | None) -> str | None:
    return None if ticks is None else pair.price_text(ticks)
