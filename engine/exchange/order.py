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

LIMITED = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
"""Types that carry a limit price."""

STOPPED = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
"""Types that wait for a stop price."""

BUILT = LIMITED | STOPPED | {OrderType.MARKET}
"""Types the exchange knows; the others are refused `bad_order`."""


class WorkingOrder(Resting):
    """An accepted order of an account, until it ends.

    `price` is the limit in ticks (0 without one), `stop` the stop price (0 without one), `qty` the
    total, `left` what is still to trade, `key` the number of its acceptance. It keeps the fee rates
    under which it was accepted.
    """

    __slots__ = (
        "account",
        "at",
        "command",
        "fee_over",
        "fee_part",
        "has_limit",
        "locked",
        "maker_rate",
        "order_id",
        "pair",
        "qty",
        "status",
        "stop",
        "taker_rate",
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
        self.stop: int = command.stop_price or 0
        self.has_limit = command.order_type in LIMITED
        self.status: OrderStatus | None = None
        self.locked = 0

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
    def is_waiting(self) -> bool:
        """Whether its trigger has not fired."""
        return self.status is OrderStatus.WAITING

    def shown(self) -> OpenOrder:
        """Return it as a front shows it."""
        command = self.command
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
            locked=Units(self.locked),
            at=self.at,
        )
