"""Commands of every kind, drawn at random near the market: sound ones, and some that will be refused."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

from engine.bootstrap import Engine
from engine.domain.account import OpenOrder
from engine.domain.command import AmendOrder, CancelOrder, SubmitList, SubmitOrder
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks
from engine.domain.order import ListKind, OrderId, OrderType, SelfTrade, Side, TimeInForce
from engine.domain.pair import TradingPair

VALUE = Decimal(40)
"""Of an order, in the quote currency."""


class Drawn:
    """Draws commands for the account in use."""

    def __init__(self, engine: Engine, random: Random) -> None:
        self._engine, self._random = engine, random

    def order(self) -> SubmitOrder | None:
        """Return a new order of any type and with any flag; None while a book is empty."""
        random, near = self._random, self._near()
        if near is None:
            return None
        pair, bid, ask = near
        side = random.choice(tuple(Side))
        kind = random.choice(tuple(OrderType))
        order = self._of(pair, kind, side, bid, ask)
        if kind is not OrderType.LIMIT:
            return replace(order, reduce_only=side is Side.SELL and random.random() < 0.2)
        return self._flagged(order)

    def orders(self) -> SubmitList | None:
        """Return a new list of any kind."""
        near = self._near()
        if near is None:
            return None
        pair, bid, ask = near
        kind = self._random.choice(tuple(ListKind))
        if kind is ListKind.OCO:
            orders = self._exits(pair, Side.SELL, bid, ask)
        else:
            entry = self._of(pair, self._random.choice((OrderType.LIMIT, OrderType.MARKET)), Side.BUY, bid, ask)
            exits = self._exits(pair, Side.SELL, bid, ask)
            orders = (entry, *(exits if kind is ListKind.BRACKET else exits[:1]))
        return SubmitList(self._engine.venue.account, self._engine.orders.new_id(), kind, orders)

    def cancel(self) -> CancelOrder | None:
        """Return the end of an open order or of its list."""
        order = self._open()
        if order is None:
            return None
        chosen = order.list_id if order.list_id is not None and self._random.random() < 0.5 else order.order_id
        return CancelOrder(self._engine.venue.account, chosen)

    def amend(self) -> AmendOrder | None:
        """Return another quantity or price for an open order."""
        order = self._open()
        if order is None:
            return None
        account, random = self._engine.venue.account, self._random
        if order.price is not None and random.random() < 0.5:
            return AmendOrder(
                account=account, order_id=order.order_id, price=Ticks(order.price + random.randint(-9, 9))
            )
        qty = Lots(max(1, order.qty + random.randint(-order.qty // 2, order.qty // 2)))
        return AmendOrder(account=account, order_id=order.order_id, qty=qty)

    def _near(self) -> tuple[TradingPair, int, int] | None:
        exchange = self._engine.venue.market.exchange
        pair = self._random.choice(exchange.pairs())
        book = exchange.book(pair.symbol)
        return None if book.best_bid is None or book.best_ask is None else (pair, book.best_bid, book.best_ask)

    def _open(self) -> OpenOrder | None:
        orders = self._engine.venue.market.exchange.open_orders(self._engine.venue.account)
        return self._random.choice(orders) if orders else None

    def _of(self, pair: TradingPair, kind: OrderType, side: Side, bid: int, ask: int) -> SubmitOrder:
        random = self._random
        away = max(1, int(bid * random.random() * 0.0005))
        sign = 1 if side is Side.BUY else -1
        touch = bid if side is Side.BUY else ask
        above = sign if kind in (OrderType.STOP, OrderType.STOP_LIMIT) else -sign
        stops = kind not in (OrderType.MARKET, OrderType.LIMIT, OrderType.TRAILING_STOP)
        limits = kind in (OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT_LIMIT)
        trails = kind is OrderType.TRAILING_STOP
        by_points = trails and random.random() < 0.5
        return SubmitOrder(
            account=self._engine.venue.account,
            order_id=self._engine.orders.new_id(),
            symbol=pair.symbol,
            side=side,
            order_type=kind,
            qty=Lots(int(pair.quote.units(VALUE) // pair.notional(touch, 1)) + 1 + random.randint(0, 5)),
            price=Ticks(touch - sign * (away - random.choice((0, 0, 2 * away)))) if limits else None,
            stop_price=Ticks(touch + above * away) if stops else None,
            trail=Ticks(away) if trails and not by_points else None,
            trail_bps=Decimal(random.randint(2, 40)) / 2 if by_points else None,
            stp=random.choice(tuple(SelfTrade)),
        )

    def _flagged(self, order: SubmitOrder) -> SubmitOrder:
        """Return a limit order with one of the flags that it can have."""
        random = self._random
        match random.randrange(6):
            case 0:
                return replace(order, post_only=True)
            case 1:
                return replace(order, tif=random.choice((TimeInForce.IOC, TimeInForce.FOK)))
            case 2:
                soon = Nanos(self._engine.runner.now + random.randint(1, 20) * NANOS_PER_SECOND)
                return replace(order, tif=TimeInForce.GTD, expire_ts=soon)
            case 3:
                return replace(order, display_qty=Lots(max(1, order.qty // 3)))
            case 4:
                return replace(order, reduce_only=True)
            case _:
                return order

    def _exits(self, pair: TradingPair, side: Side, bid: int, ask: int) -> tuple[SubmitOrder, SubmitOrder]:
        profit = self._of(pair, self._random.choice((OrderType.LIMIT, OrderType.TAKE_PROFIT)), side, bid, ask)
        stop = self._of(pair, self._random.choice((OrderType.STOP, OrderType.TRAILING_STOP)), side, bid, ask)
        return profit, stop


def named(command: SubmitOrder | SubmitList | CancelOrder | AmendOrder) -> OrderId:
    """Return the id under which a command is answered."""
    return command.order_id
