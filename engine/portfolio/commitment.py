"""An open order as far as money is concerned: what it has set aside, under which rates."""

from __future__ import annotations

from engine.domain.account import OpenOrder
from engine.domain.command import SubmitOrder
from engine.domain.event import OrderAccepted
from engine.domain.number import Lots, Ticks, Units
from engine.domain.order import OrderStatus, OrderType, Side
from engine.domain.pair import FeeRate, TradingPair
from engine.portfolio.lock import resting_lock

IMMEDIATE = frozenset({OrderType.MARKET, OrderType.LIMIT})
"""Types that enter the book at once; the others wait for a trigger."""

UNLIMITED = frozenset({OrderType.MARKET, OrderType.STOP, OrderType.TAKE_PROFIT, OrderType.TRAILING_STOP})
"""Types without a limit price: a buy of them locks nothing."""


class Commitment:
    """What one open order sets aside; it keeps the rates of its acceptance."""

    __slots__ = (
        "at",
        "left",
        "locked",
        "maker",
        "number",
        "order",
        "pair",
        "price",
        "qty",
        "status",
        "stop_price",
        "taker",
    )

    def __init__(self, fact: OrderAccepted, pair: TradingPair, maker: FeeRate, taker: FeeRate) -> None:
        order = fact.order
        self.order: SubmitOrder = order
        self.pair, self.maker, self.taker = pair, maker, taker
        self.qty: Lots = order.qty
        self.left: Lots = order.qty
        self.price: Ticks | None = order.price
        self.stop_price: Ticks | None = order.stop_price
        self.status = OrderStatus.WORKING if order.order_type in IMMEDIATE else OrderStatus.WAITING
        self.number, self.at = fact.number, fact.at
        self.locked = 0

    def needed(self) -> int:
        """Return what must be set aside for what remains."""
        order = self.order
        if order.side is Side.SELL:
            return self.pair.base_units(self.left)
        if self.price is None or order.order_type in UNLIMITED:
            return 0
        return resting_lock(self.pair, Side.BUY, self.price, self.left, self.maker, self.taker)

    @property
    def asset(self) -> str:
        """The asset it sets aside."""
        return self.pair.quote.code if self.order.side is Side.BUY else self.pair.base.code

    def shown(self) -> OpenOrder:
        """Return it as a front shows it."""
        order = self.order
        return OpenOrder(
            order_id=order.order_id,
            symbol=order.symbol,
            side=order.side,
            order_type=order.order_type,
            tif=order.tif,
            qty=self.qty,
            filled=Lots(self.qty - self.left),
            price=self.price,
            stop_price=self.stop_price,
            post_only=order.post_only,
            status=self.status,
            number=self.number,
            locked=Units(self.locked),
            at=self.at,
        )
