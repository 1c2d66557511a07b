"""A funded order while it lives in the exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.domain.account import OpenOrder
from engine.domain.command import SubmitOrder
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import OrderId, OrderStatus, OrderType
from engine.domain.pair import FeeRate, TradingPair
from engine.matching.ladder import Resting

if TYPE_CHECKING:
    from engine.exchange.account import Account
    from engine.exchange.lists import OrderList

LIMITED = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT_LIMIT})
"""Types that carry a limit price."""

TAKE_PROFITS = frozenset({OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT})
"""Types that fire when the price has moved their way."""

STOPPED = TAKE_PROFITS | {OrderType.STOP, OrderType.STOP_LIMIT}
"""Types that wait for a stop price."""

TRIGGERED = STOPPED | {OrderType.TRAILING_STOP}
"""Types that wait for the last price."""

NO_DISTANCE = (0, 0, 1)


class WorkingOrder(Resting):
    """An accepted order of an account, until it ends.

    `price` is the limit in ticks (0 without one), `stop` the stop price (0 without one), `qty` the
    total, `left` what is still to trade, `key` the number of its acceptance. It keeps the fee rates
    under which it was accepted. `locked` is what it needs set aside for itself: of two legs that lock
    together (`lock_mate`), the larger of both is.
    """

    __slots__ = (
        "account",
        "at",
        "command",
        "distance",
        "fee_over",
        "fee_part",
        "fires_above",
        "has_limit",
        "list",
        "lock_mate",
        "locked",
        "maker_rate",
        "mark",
        "order_id",
        "pair",
        "partner",
        "qty",
        "status",
        "stop",
        "taker_rate",
        "trails",
    )

    def __init__(
        self,
        account: Account,
        command: SubmitOrder,
        pair: TradingPair,
        rates: tuple[FeeRate, FeeRate],
        number: int,
        at: Nanos,
    ) -> None:
        super().__init__(account, number, command.side == "buy", command.price or 0, command.qty)
        self.account = account
        self.order_id: OrderId = command.order_id
        self.command = command
        self.pair = pair
        maker, taker = self.maker_rate, self.taker_rate = rates
        higher = taker if maker < taker else maker
        self.fee_part, self.fee_over = higher.numerator, higher.denominator
        self.at = at
        self.qty: int = command.qty
        self.display = command.display_qty or 0
        self.status: OrderStatus | None = None
        self.locked = 0
        self.list: OrderList | None = None
        self.partner: WorkingOrder | None = None
        """The other leg, which goes when this one fills or fires."""
        self.lock_mate: WorkingOrder | None = None
        """The other leg if both set aside the same asset."""
        self.stop: int = command.stop_price or 0
        self.mark: int | None = None
        self.distance = NO_DISTANCE
        order_type = command.order_type
        self.has_limit = order_type in LIMITED
        self.trails = order_type is OrderType.TRAILING_STOP
        if self.trails:
            self.set_trail(command.trail)
        self.fires_above = self.is_buy != (order_type in TAKE_PROFITS)

    def set_trail(self, trail: int | None) -> None:
        """Trail by ticks, or by the basis points of the command."""
        bps = self.command.trail_bps
        self.distance = (trail or 0, *(bps.as_integer_ratio() if bps is not None else (0, 1)))

    def lock_for(self, price: int, left: int) -> int:
        """Return what it sets aside for `left` lots at a limit of `price`: `resting_lock`, without the detours."""
        if not self.is_buy:
            return left * self.pair.lot_unit
        if not self.has_limit:
            return 0
        notional = price * left * self.pair.notional_unit
        return notional - (-notional * self.fee_part // self.fee_over)

    @property
    def number(self) -> int:
        """Counts acceptances over the whole exchange; the order of triggers."""
        return self.key

    @property
    def limit(self) -> Ticks | None:
        """The limit price, None for market types."""
        return Ticks(self.price) if self.has_limit else None

    @property
    def stop_price(self) -> Ticks | None:
        """The stop price, None for types without one."""
        return Ticks(self.stop) if self.stop else None

    @property
    def trail(self) -> Ticks | None:
        """The distance in ticks of a stop that trails by ticks."""
        return Ticks(self.distance[0]) if self.distance[0] else None

    @property
    def is_waiting(self) -> bool:
        """Whether its trigger has not fired."""
        return self.status is OrderStatus.WAITING

    @property
    def is_pending(self) -> bool:
        """Whether it is a leg that has not started."""
        return self.status is OrderStatus.PENDING

    @property
    def is_open(self) -> bool:
        """Whether it can still trade."""
        return self.status is not None and self.status.is_open

    @property
    def waits_for_price(self) -> bool:
        """Whether its type has a trigger."""
        return self.stop > 0 or self.trails

    @property
    def set_aside(self) -> int:
        """What is set aside in its name: of two legs that lock together, the dearer one (else the first) has it all."""
        mate = self.lock_mate
        if mate is None or (self.locked, -self.key) > (mate.locked, -mate.key):
            return self.locked
        return 0

    def shown(self) -> OpenOrder:
        """Return it as a front shows it."""
        command, group = self.command, self.list
        return OpenOrder(
            order_id=self.order_id,
            symbol=command.symbol,
            side=command.side,
            order_type=command.order_type,
            tif=command.tif,
            qty=Lots(self.qty),
            filled=Lots(self.qty - self.left),
            price=self.limit,
            stop_price=self.stop_price,
            post_only=command.post_only,
            status=self.status or OrderStatus.WORKING,
            number=self.key,
            locked=Units(self.set_aside),
            at=self.at,
            reduce_only=command.reduce_only,
            display_qty=command.display_qty,
            trail=self.trail,
            trail_bps=command.trail_bps,
            expire_ts=command.expire_ts,
            list_id=group.list_id if group is not None else None,
            list_kind=group.kind if group is not None else None,
            starts_after=group.entry_of(self) if group is not None else None,
        )
