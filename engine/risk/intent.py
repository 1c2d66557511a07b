"""What an order would be, and the account and market around it: what the rules look at.

Conventions. A market order is valued at the best opposite price, else at the last price; a stop or take-profit at
its limit or stop price; a trailing stop at the last price; an iceberg counts whole. On spot only a sale of what
is held reduces risk, and so does an amend of a buy to less at no higher price. Values are in units of the valuation
currency, by the last price of the pair's quote in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import NamedTuple

from engine.domain.account import OpenOrder
from engine.domain.asset import Asset
from engine.domain.command import AmendOrder, SubmitOrder
from engine.domain.number import Lots, Ticks, Units
from engine.domain.order import ListKind, OrderId, OrderStatus, OrderType, Side, TimeInForce
from engine.domain.pair import TradingPair


class RiskContext(NamedTuple):
    """What the gate must know about the account and the market of an order, as of this moment."""

    pair: TradingPair
    held: Lots
    """Of the base, free and locked together, whole lots."""
    selling: Lots = Lots(0)
    """What other open sells of the pair have left to sell; the amended order not counted, of two legs only one."""
    buying: Lots = Lots(0)
    """What other open buys of the pair have left to buy; likewise."""
    open_orders: int = 0
    """Of the account, over all pairs."""
    last: Ticks | None = None
    best_bid: Ticks | None = None
    best_ask: Ticks | None = None
    worst: Ticks | None = None
    """For a market order: the last price it would trade at by walking the book."""
    day_pnl: Units | None = None
    """Profit (loss: negative) since the day's opening; None if whoever asks does not know it."""
    amended: OpenOrder | None = None
    """The order an amend speaks of."""
    orders_last_minute: int = 0
    """Orders of the account accepted within the last minute of the venue's time."""
    exposure: Callable[[], Units | None] | None = None
    """What is held and being bought in all pairs, in the valuation currency; None for what has no price."""
    currency: Asset | None = None
    """The valuation currency if it is not the pair's quote…"""
    quote_price: Fraction | None = None
    """…and what a unit of the quote is worth in units of it; None if no price is known."""


class Intent(NamedTuple):
    """What an order would be, whether submitted or amended."""

    side: Side
    order_type: OrderType
    qty: Lots
    left: Lots
    price: Ticks | None
    stop_price: Ticks | None
    may_rest: bool
    is_new: bool
    reduces: bool


def intent_of(order: SubmitOrder | AmendOrder, context: RiskContext) -> Intent | None:
    """Return what an order would be; None for the amend of an order that is not there."""
    if isinstance(order, SubmitOrder):
        immediate = order.order_type is OrderType.MARKET or order.tif in (TimeInForce.IOC, TimeInForce.FOK)
        reduces = order.side is Side.SELL and (order.reduce_only or context.selling + order.qty <= context.held)
        return Intent(order.side, order.order_type, order.qty, order.qty, order.price, order.stop_price,
                      not immediate, True, reduces)  # fmt: skip
    old = context.amended
    if old is None:
        return None
    qty = old.qty if order.qty is None else order.qty
    price = old.price if order.price is None else order.price
    stop_price = old.stop_price if order.stop_price is None else order.stop_price
    left = Lots(max(0, qty - old.filled))
    if old.side is Side.SELL:
        reduces = context.selling + left <= context.held
    else:
        dearer = price is not None and old.price is not None and price > old.price
        reduces = qty <= old.qty and not dearer and stop_price == old.stop_price
    return Intent(old.side, old.order_type, qty, left, price, stop_price, True, False, reduces)


class AtWork(NamedTuple):
    """What open orders of a pair may still trade."""

    selling: Lots
    buying: Lots


def at_work(orders: Iterable[OpenOrder], symbol: str) -> AtWork:
    """Return what an account's open orders may still trade in a pair: of two legs only one, of pending ones none."""
    left = {Side.SELL: 0, Side.BUY: 0}
    legs: dict[tuple[OrderId, Side], int] = {}
    for each in orders:
        if each.symbol != symbol or each.status is OrderStatus.PENDING:
            continue
        if each.list_id is None or each.list_kind is ListKind.OTO:
            left[each.side] += each.left
        else:
            legs[each.list_id, each.side] = max(each.left, legs.get((each.list_id, each.side), 0))
    for (_, side), lots in legs.items():
        left[side] += lots
    return AtWork(Lots(left[Side.SELL]), Lots(left[Side.BUY]))


def price_of(intent: Intent, context: RiskContext) -> Ticks | None:
    """Return the price at which the order is valued."""
    if intent.price is not None:
        return intent.price
    if intent.stop_price is not None:
        return intent.stop_price
    if intent.order_type is OrderType.TRAILING_STOP:
        return context.last
    opposite = context.best_ask if intent.side is Side.BUY else context.best_bid
    return opposite if opposite is not None else context.last


def reference_of(intent: Intent, context: RiskContext) -> Ticks | None:
    """Return the market's price that the order's is held against: for a stop, where it will fire."""
    if intent.stop_price is not None:
        return intent.stop_price
    if context.last is not None:
        return context.last
    return context.best_ask if intent.side is Side.BUY else context.best_bid


def value_of(qty: int, price: int | None, context: RiskContext) -> Units | None:
    """Return what a quantity is worth in the valuation currency, rounded down; None without a price."""
    if price is None:
        return None
    notional = context.pair.notional(price, qty)
    if context.currency is None:
        return notional
    return None if context.quote_price is None else Units(int(notional * context.quote_price))


def currency_of(context: RiskContext) -> Asset:
    """Return the asset in which limits of money are."""
    return context.currency or context.pair.quote
