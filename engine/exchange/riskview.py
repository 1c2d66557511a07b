"""What the risk gate is told about the account and the market of an order."""

from __future__ import annotations

from engine.domain.command import SubmitOrder
from engine.domain.number import Lots
from engine.domain.order import OrderType
from engine.exchange.account import Account
from engine.exchange.market import Market
from engine.exchange.order import WorkingOrder
from engine.risk.gate import RiskContext


def submit_context(order: SubmitOrder, account: Account, market: Market) -> RiskContext:
    """Return what the gate must know of a new order."""
    context = _context(account, market, None)
    if order.order_type is not OrderType.MARKET or order.qty <= 0:
        return context
    return context._replace(worst=market.book.cost_to_fill(order.side, order.qty).worst)


def amend_context(order: WorkingOrder, market: Market) -> RiskContext:
    """Return what the gate must know of a change to an open order."""
    return _context(order.account, market, order)


def _context(account: Account, market: Market, amended: WorkingOrder | None) -> RiskContext:
    selling, buying = account.works.get(market.symbol, (0, 0))
    if amended is not None and amended.is_buy:
        buying -= amended.left
    elif amended is not None:
        selling -= amended.left
    held = account.held(market.base) // market.pair.lot_unit
    book = market.book
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
    )
