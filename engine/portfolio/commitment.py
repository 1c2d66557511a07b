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
    """What one open order sets aside; it keeps the rates of its acceptance.

    `locked` is what it needs for itself: two legs of which only one can trade (`mate`) set aside the larger of
    both once. A leg that has not started needs nothing.
    """

    __slots__ = (
        "at",
        "fact",
        "left",
        "locked",
        "maker",
        "mate",
        "number",
        "order",
        "pair",
        "price",
        "qty",
        "status",
        "stop_price",
        "taker",
        "trail",
    )

    def __init__(self, fact: OrderAccepted, pair: TradingPair, maker: FeeRate, taker: FeeRate) -> None:
        order = fact.order
        self.fact = fact
        self.order: SubmitOrder = order
        self.pair, self.maker, self.taker = pair, maker, taker
        self.qty: Lots = order.qty
        self.left: Lots = order.qty
        self.price: Ticks | None = order.price
        self.stop_price: Ticks | None = order.stop_price
        self.trail: Ticks | None = order.trail
        self.status = OrderStatus.PENDING if fact.starts_after is not None else self.first_status
        self.number, self.at = fact.number, fact.at
        self.locked = 0
        self.mate: Commitment | None = None

    @property
    def first_status(self) -> OrderStatus:
        """What it does once it is alive: work in the book, or wait for its trigger."""
        return OrderStatus.WORKING if self.order.order_type in IMMEDIATE else OrderStatus.WAITING

    def needed(self) -> int:
        """Return what must be set aside for what remains."""
        order = self.order
        if self.status is OrderStatus.PENDING:
            return 0
        if order.side is Side.SELL:
            return self.pair.base_units(self.left)
        if self.price is None or order.order_type in UNLIMITED:
            return 0
        return resting_lock(self.pair, Side.BUY, self.price, self.left, self.maker, self.taker)

    def set_aside(self, needed: int) -> int:
        """Note what it needs from now on and return how much more must be locked for that (less: negative)."""
        beside = self.mate.locked if self.mate is not None else 0
        more = max(needed, beside) - max(self.locked, beside)
        self.locked = needed
        return more

    def part(self) -> None:
        """Have no mate any more."""
        if self.mate is not None:
            self.mate.mate = None
            self.mate = None

    @property
    def shown_lock(self) -> int:
        """What is set aside in its name: of two mates the dearer one (else the first) has it all."""
        mate = self.mate
        if mate is None or (self.locked, -self.number) > (mate.locked, -mate.number):
            return self.locked
        return 0

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
            locked=Units(self.shown_lock),
            at=self.at,
            reduce_only=order.reduce_only,
            display_qty=order.display_qty,
            trail=self.trail,
            trail_bps=order.trail_bps,
            expire_ts=order.expire_ts,
            list_id=self.fact.list_id,
            list_kind=self.fact.list_kind,
            starts_after=self.fact.starts_after,
        )
