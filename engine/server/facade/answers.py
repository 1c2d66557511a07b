"""Orders, fills and lists as Binance prints them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from engine.domain.event import LedgerFact, OrderAccepted, OrderFilled
from engine.domain.number import Nanos
from engine.domain.order import AccountId, Liquidity, OrderId, Side
from engine.domain.pair import TradingPair
from engine.server.facade.instrument import name_of, price_text, qty_text, quote_text, units_text
from engine.server.facade.words import CONTINGENCIES, SIDE_NAMES, STP_NAMES, is_working, status_name, type_name
from engine.services.order_fold import OrderFold, OrderRecord

MILLI = 1_000_000
"""Nanoseconds."""

NO_LIST = -1


@dataclass(frozen=True, slots=True)
class ShownOrder:
    """An order with what its record does not say."""

    record: OrderRecord
    pair: TradingPair
    changed_at: Nanos
    list_number: int = NO_LIST
    """The number of a list is that of its first order."""


class Placed(NamedTuple):
    """What came of sending an order or a list at once."""

    orders: tuple[ShownOrder, ...]
    """In the order of acceptance."""
    fills: dict[OrderId, tuple[OrderFilled, ...]]


def placed_by(facts: Iterable[LedgerFact], account: AccountId, pairs: dict[str, TradingPair]) -> Placed:
    """Return the orders of an account that facts accepted, as they stand after the last fact, with their fills."""
    fold = OrderFold(lambda: account)
    changed: dict[OrderId, Nanos] = {}
    fills: dict[OrderId, tuple[OrderFilled, ...]] = {}
    numbers: dict[OrderId, int] = {}
    for fact in facts:
        if getattr(fact, "account", None) != account:
            continue
        fold.apply(fact)
        order_id = getattr(fact, "order_id", None)
        if isinstance(fact, OrderAccepted):
            fills[fact.order_id] = ()
            if fact.list_id is not None:
                numbers.setdefault(fact.list_id, fact.number)
        if order_id in fills:
            changed[order_id] = fact.at
        if isinstance(fact, OrderFilled) and fact.order_id in fills:
            fills[fact.order_id] += (fact,)
    shown = []
    for order_id in fills:
        record = fold.find(order_id)
        if record is not None:
            number = NO_LIST if record.list_id is None else numbers[record.list_id]
            shown.append(ShownOrder(record, pairs[record.order.symbol], changed[order_id], number))
    return Placed(tuple(shown), fills)


def ack(shown: ShownOrder) -> dict[str, Any]:
    """Return that an order was taken."""
    return {
        "symbol": name_of(shown.pair),
        "orderId": shown.record.number,
        "orderListId": shown.list_number,
        "clientOrderId": shown.record.order.order_id,
        "transactTime": shown.changed_at // MILLI,
    }


def result(shown: ShownOrder) -> dict[str, Any]:
    """Return how an order stands right after it was sent."""
    return ack(shown) | _standing(shown)


def full(shown: ShownOrder, fills: Sequence[OrderFilled]) -> dict[str, Any]:
    """Return how an order stands right after it was sent, with its fills."""
    pair = shown.pair
    made = [
        {
            "price": price_text(pair, each.price),
            "qty": qty_text(pair, each.qty),
            "commission": units_text(pair.quote, each.fee),
            "commissionAsset": pair.quote.code,
            "tradeId": each.trade_id,
        }
        for each in fills
    ]
    return result(shown) | {"fills": made}


def order(shown: ShownOrder) -> dict[str, Any]:
    """Return an order as it is looked up."""
    record, told = shown.record, shown.record.order
    return {
        "symbol": name_of(shown.pair),
        "orderId": record.number,
        "orderListId": shown.list_number,
        "clientOrderId": told.order_id,
        **_standing(shown),
        "stopPrice": price_text(shown.pair, told.stop_price),
        "icebergQty": qty_text(shown.pair, told.display_qty),
        "time": record.accepted_at // MILLI,
        "updateTime": shown.changed_at // MILLI,
        "isWorking": is_working(record),
    }


def cancelled(shown: ShownOrder, cancel_id: str) -> dict[str, Any]:
    """Return an order that was just taken out, with the id of the request that did it."""
    told = result(shown)
    told["origClientOrderId"], told["clientOrderId"] = told["clientOrderId"], cancel_id
    told["status"] = "CANCELED"
    return told


def order_list(orders: Sequence[ShownOrder], *, at: Nanos) -> dict[str, Any]:
    """Return a list as it is looked up."""
    first = orders[0]
    kind = first.record.list_kind
    is_open = any(each.record.status.is_open for each in orders)
    return {
        "orderListId": first.list_number,
        "contingencyType": "OCO" if kind is None else CONTINGENCIES[kind],
        "listStatusType": "EXEC_STARTED" if is_open else "ALL_DONE",
        "listOrderStatus": "EXECUTING" if is_open else "ALL_DONE",
        "listClientOrderId": first.record.list_id,
        "transactionTime": at // MILLI,
        "symbol": name_of(first.pair),
        "orders": [
            {
                "symbol": name_of(each.pair),
                "orderId": each.record.number,
                "clientOrderId": each.record.order.order_id,
            }
            for each in orders
        ],
    }


def my_trade(fill: OrderFilled, pair: TradingPair, number: int, list_number: int) -> dict[str, Any]:
    """Return a fill as `myTrades` lists it; `number` is the order's."""
    return {
        "symbol": name_of(pair),
        "id": fill.trade_id,
        "orderId": number,
        "orderListId": list_number,
        "price": price_text(pair, fill.price),
        "qty": qty_text(pair, fill.qty),
        "quoteQty": quote_text(pair, fill.price * fill.qty),
        "commission": units_text(pair.quote, fill.fee),
        "commissionAsset": pair.quote.code,
        "time": fill.at // MILLI,
        "isBuyer": fill.side is Side.BUY,
        "isMaker": fill.liquidity is Liquidity.MAKER,
        "isBestMatch": True,
    }


def _standing(shown: ShownOrder) -> dict[str, Any]:
    record, pair, told = shown.record, shown.pair, shown.record.order
    standing = {
        "price": price_text(pair, told.price),
        "origQty": qty_text(pair, told.qty),
        "executedQty": qty_text(pair, record.filled),
        "origQuoteOrderQty": price_text(pair, 0),
        "cummulativeQuoteQty": quote_text(pair, record.paid_ticks),
        "status": status_name(record),
        "timeInForce": str(told.tif),
        "type": type_name(told),
        "side": SIDE_NAMES[told.side],
        "workingTime": record.accepted_at // MILLI if is_working(record) else -1,
        "selfTradePreventionMode": STP_NAMES[told.stp],
    }
    if told.stop_price is not None:
        standing["stopPrice"] = price_text(pair, told.stop_price)
    if told.display_qty is not None:
        standing["icebergQty"] = qty_text(pair, told.display_qty)
    if told.trail_bps is not None:
        standing["trailingDelta"] = int(told.trail_bps)
    return standing
