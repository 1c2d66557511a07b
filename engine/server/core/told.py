"""Orders and fills as they travel: made of the facts of an answer, or of rows of the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.domain.event import (
    LedgerFact,
    LegStarted,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderTriggered,
)
from engine.domain.order import AccountId, Liquidity, ListKind, OrderId, OrderStatus, OrderType, Side, TimeInForce
from engine.domain.pair import TradingPair
from engine.server.core.port import Answer
from engine.wire.account import Fill
from engine.wire.order import Order

Pairs = Mapping[str, TradingPair]
Row = Mapping[Any, Any]

MILLI = 1_000_000
"""Nanoseconds."""


def trimmed(text: str) -> str:
    """Return a sum of money without idle zeros at its end; `12.500000` is `12.5`."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def fills_of(answer: Answer, account: AccountId, pairs: Pairs) -> tuple[Fill, ...]:
    """Return the fills of an account that a command made, numbered as the journal numbers them."""
    first = answer.last - len(answer.facts) + 1
    return tuple(
        fill_of(fact, first + place, pairs[fact.symbol])
        for place, fact in enumerate(answer.facts)
        if isinstance(fact, OrderFilled) and fact.account == account
    )


def fill_of(fact: OrderFilled, seq: int, pair: TradingPair) -> Fill:
    """Return a fill of record `seq`."""
    return Fill(
        id=seq,
        order_id=fact.order_id,
        trade_id=fact.trade_id,
        symbol=fact.symbol,
        side=fact.side,
        price=pair.price_text(fact.price),
        qty=pair.qty_text(fact.qty),
        fee=trimmed(pair.quote.text(fact.fee)),
        fee_asset=pair.quote.code,
        liquidity=fact.liquidity,
        at_ms=fact.at // MILLI,
    )


def fill_of_row(row: Row, pair: TradingPair) -> Fill:
    """Return a fill of a row of the table `trade`."""
    return Fill(
        id=row["seq"],
        order_id=row["order_id"],
        trade_id=row["trade_id"],
        symbol=row["symbol"],
        side=Side(row["side"]),
        price=row["price"],
        qty=row["qty"],
        fee=trimmed(row["fee"]),
        fee_asset=pair.quote.code,
        liquidity=Liquidity(row["liquidity"]),
        at_ms=row["at_ns"] // MILLI,
    )


def orders_of(facts: Iterable[LedgerFact], account: AccountId, pairs: Pairs) -> dict[OrderId, Order]:
    """Return the orders of an account that facts accept, as they stand after the last fact, in order."""
    found: dict[OrderId, Order] = {}
    sums: dict[OrderId, list[int]] = {}
    for fact in facts:
        if getattr(fact, "account", None) != account:
            continue
        if isinstance(fact, OrderAccepted):
            found[fact.order_id] = accepted(fact, pairs[fact.order.symbol])
            sums[fact.order_id] = [0, 0, 0]
            continue
        order = found.get(getattr(fact, "order_id", OrderId("")))
        if order is not None:
            change(order, fact, pairs[order.symbol], sums[OrderId(order.order_id)])
    return found


def accepted(fact: OrderAccepted, pair: TradingPair) -> Order:
    """Return an order as it was accepted."""
    order = fact.order
    waits = order.stop_price is not None or order.trail is not None or order.trail_bps is not None
    status = OrderStatus.WAITING if waits else OrderStatus.WORKING
    return Order(
        order_id=fact.order_id,
        number=fact.number,
        symbol=order.symbol,
        side=order.side,
        type=order.order_type,
        tif=order.tif,
        status=status if fact.starts_after is None else OrderStatus.PENDING,
        qty=pair.qty_text(order.qty),
        filled=pair.qty_text(0),
        price=None if order.price is None else pair.price_text(order.price),
        stop_price=None if order.stop_price is None else pair.price_text(order.stop_price),
        trail=None if order.trail is None else pair.price_text(order.trail),
        trail_bps=None if order.trail_bps is None else format(order.trail_bps, "f"),
        display_qty=None if order.display_qty is None else pair.qty_text(order.display_qty),
        post_only=order.post_only,
        reduce_only=order.reduce_only,
        expire_ms=None if order.expire_ts is None else order.expire_ts // MILLI,
        list_id=fact.list_id,
        list_kind=fact.list_kind,
        accepted_ms=fact.at // MILLI,
        changed_ms=fact.at // MILLI,
    )


def change(order: Order, fact: LedgerFact, pair: TradingPair, sums: list[int]) -> None:
    """Let an order stand as after a fact; `sums` are its lots filled, their value and the fees in quote units."""
    if isinstance(fact, OrderFilled):
        sums[0] += fact.qty
        sums[1] += pair.notional(fact.price, fact.qty)
        sums[2] += fact.fee
        order.filled = pair.qty_text(sums[0])
        order.filled_value, order.fee = trimmed(pair.quote.text(sums[1])), trimmed(pair.quote.text(sums[2]))
        if fact.left == 0:
            order.status = OrderStatus.FILLED
    elif isinstance(fact, OrderTriggered):
        order.status = OrderStatus.WORKING
    elif isinstance(fact, LegStarted):
        order.qty = pair.qty_text(fact.qty)
        waits = order.stop_price is not None or order.trail is not None or order.trail_bps is not None
        order.status = OrderStatus.WAITING if waits else OrderStatus.WORKING
    elif isinstance(fact, OrderAmended):
        order.qty = pair.qty_text(fact.qty)
        order.price = None if fact.price is None else pair.price_text(fact.price)
        order.stop_price = None if fact.stop_price is None else pair.price_text(fact.stop_price)
    elif isinstance(fact, OrderCancelled):
        order.status, order.reason = OrderStatus.CANCELLED, str(fact.reason)
    elif isinstance(fact, OrderExpired):
        order.status = OrderStatus.EXPIRED
    else:
        return
    order.changed_ms = fact.at // MILLI


def order_of_row(row: Row, trades: Sequence[Row], pair: TradingPair) -> Order:
    """Return an order of its row of the table `order` and those of its fills."""
    value = sum(
        pair.notional(steps(each["price"], pair.tick_places), steps(each["qty"], pair.lot_places)) for each in trades
    )
    fee = sum(steps(each["fee"], 1) for each in trades)
    return Order(
        order_id=row["order_id"],
        number=row["number"],
        symbol=row["symbol"],
        side=Side(row["side"]),
        type=OrderType(row["order_type"]),
        tif=TimeInForce(row["tif"]),
        status=OrderStatus(row["status"]),
        qty=row["qty"],
        filled=row["filled"],
        filled_value=trimmed(pair.quote.text(value)),
        fee=trimmed(pair.quote.text(fee)),
        price=row["price"],
        stop_price=row["stop_price"],
        trail=row["trail"],
        trail_bps=row["trail_bps"],
        display_qty=row["display_qty"],
        post_only=bool(row["post_only"]),
        reduce_only=bool(row["reduce_only"]),
        expire_ms=None if row["expire_ns"] is None else row["expire_ns"] // MILLI,
        list_id=row["list_id"],
        list_kind=None if row["list_kind"] is None else ListKind(row["list_kind"]),
        reason=row["reason"],
        accepted_ms=row["accepted_ns"] // MILLI,
        changed_ms=row["changed_ns"] // MILLI,
    )


def steps(text: str, places: int) -> int:
    """Return a text of the tables, which has all decimals of its grid, in steps of it."""
    return int(text.replace(".", "", 1)) // places
