"""What the risk gate is told about the account and the market of an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial

from engine.domain.asset import Asset
from engine.domain.command import SubmitOrder
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Units
from engine.domain.order import OrderType, Side
from engine.exchange.account import Account
from engine.exchange.market import Market
from engine.exchange.order import WorkingOrder
from engine.portfolio.currency import currency_of
from engine.risk.intent import RiskContext, value_of

MINUTE = 60 * NANOS_PER_SECOND

Markets = Mapping[str, Market]

_IDLE = (0, 0)


def submit_context(
    order: SubmitOrder,
    account: Account,
    market: Market,
    markets: Markets,
    now: Nanos,
    before: Sequence[SubmitOrder] = (),
    rival: SubmitOrder | None = None,
) -> RiskContext:
    """Return what the gate must know of a new order; `before` came earlier in its list and counts as taken.

    `rival` is the one of those that takes this order out or is taken out by it, so that only one of both trades.
    """
    context = _context(account, market, markets, now, None)
    if before:
        bought = [each for each in before if each is not rival and each.side is Side.BUY]
        buying = sum(each.qty for each in bought)
        price = max((each.price or each.stop_price or market.book.last_price or 0 for each in bought), default=0)
        context = context._replace(
            open_orders=context.open_orders + len(before),
            orders_last_minute=context.orders_last_minute + len(before),
            buying=Lots(context.buying + buying),
            exposure=partial(_exposure, account, markets, None, value_of(buying, price, context)),
        )
    if order.order_type is not OrderType.MARKET or order.qty <= 0:
        return context
    return context._replace(worst=market.book.cost_to_fill(order.side, order.qty).worst)


def amend_context(order: WorkingOrder, market: Market, markets: Markets, now: Nanos) -> RiskContext:
    """Return what the gate must know of a change to an open order."""
    return _context(order.account, market, markets, now, order)


def _context(
    account: Account, market: Market, markets: Markets, now: Nanos, amended: WorkingOrder | None
) -> RiskContext:
    selling, buying = _at_work(account, market.symbol, amended)
    held = account.held(market.base) // market.pair.lot_unit
    book, priced = market.book, _price_of_quote(market, markets)
    return RiskContext(
        pair=market.pair,
        held=Lots(held),
        selling=Lots(selling),
        buying=Lots(buying),
        open_orders=len(account.orders),
        last=book.last_price,
        best_bid=book.best_bid,
        best_ask=book.best_ask,
        amended=amended.shown() if amended is not None else None,
        orders_last_minute=account.accepted_since(now - MINUTE),
        exposure=partial(_exposure, account, markets, amended),
        currency=priced[0],
        quote_price=priced[1],
    )


def _at_work(account: Account, symbol: str, amended: WorkingOrder | None) -> tuple[int, int]:
    """Return what open orders of a pair may still sell and buy, in lots; of two legs only one trades.

    The amended order is not counted, nor the leg that it would take out.
    """
    at_work: Sequence[int] = account.works.get(symbol) or _IDLE
    if amended is None and not account.lists:
        return at_work[0], at_work[1]
    works = list(at_work)
    if amended is not None and amended.command.symbol == symbol and not amended.is_pending:
        works[amended.is_buy] -= amended.left
    for group in account.lists.values():
        first = group.orders[0]
        mate = group.orders[-1].lock_mate
        if mate is None or mate.is_pending or first.command.symbol != symbol:
            continue
        legs = (mate, group.orders[-1])
        others = [leg.left for leg in legs if leg is not amended]
        works[mate.is_buy] -= min(others)
    return works[0], works[1]


def _currency(markets: Markets) -> str:
    return currency_of(market.pair for market in markets.values())


def _price_of_quote(market: Market, markets: Markets) -> tuple[Asset | None, Fraction | None]:
    """Return the valuation currency and what a unit of the quote is worth in it; nothing if the quote is it."""
    code = _currency(markets)
    if market.quote == code:
        return None, None
    currency = next((each.pair.quote for each in markets.values() if each.quote == code), None)
    through = markets.get(f"{market.quote}/{code}")
    if through is None or through.book.last_price is None:
        return currency, None
    return currency, Fraction(through.book.last_price * through.pair.notional_unit, through.pair.lot_unit)


def _exposure(account: Account, markets: Markets, amended: WorkingOrder | None, more: int | None = 0) -> Units | None:
    """Return what is held and being bought, at last prices in the valuation currency; None for want of a price."""
    if more is None:
        return None
    total, code = more, _currency(markets)
    for market in markets.values():
        if market.quote != code:
            continue  # what is held of its base is counted by the base's own pair
        _, buying = _at_work(account, market.symbol, amended)
        lots = account.held(market.base) // market.pair.lot_unit + buying
        if lots and market.book.last_price is None:
            return None
        total += market.pair.notional(market.book.last_price or 0, lots)
    return Units(total)
