"""Orders as clients send them, put on their pair's grid: decimals become ticks and lots.

A well-formed value that the exchange must refuse (off the grid, an instant beyond all calendars) becomes a fault of
the command, so that the exchange answers with the gravest of all reasons.
"""

from __future__ import annotations

from decimal import Decimal

from engine.domain.command import AmendOrder, Fault, SubmitList, SubmitOrder
from engine.domain.number import EXACT, Lots, Nanos, Ticks, ceil_div
from engine.domain.order import AccountId, OrderId, Reason
from engine.domain.pair import TradingPair
from engine.wire.order import NewList, NewOrder, OrderChange

STAND_IN = 1
"""What the exchange gets for a value that is a fault already, or whose grid nobody knows."""

LAST_MS = 9_000_000_000_000
"""In the year 2255: later instants do not fit into 64 bits of nanoseconds."""


def order_command(new: NewOrder, account: AccountId, order_id: OrderId, pair: TradingPair | None) -> SubmitOrder:
    """Return an order as the exchange takes it; `pair` is None if there is no such symbol."""
    grid = Grid(pair)
    return SubmitOrder(
        account=account,
        order_id=order_id,
        symbol=new.symbol,
        side=new.side,
        order_type=new.type,
        qty=grid.qty(new.qty, "quantity"),
        price=None if new.price is None else grid.price(new.price, "price"),
        stop_price=None if new.stop_price is None else grid.price(new.stop_price, "stop price"),
        tif=new.tif,
        expire_ts=None if new.expire_ms is None else grid.instant(new.expire_ms),
        post_only=new.post_only,
        reduce_only=new.reduce_only,
        display_qty=None if new.display_qty is None else grid.qty(new.display_qty, "displayed quantity"),
        trail=None if new.trail is None else grid.price(new.trail, "trailing distance"),
        trail_bps=None if new.trail_bps is None else Decimal(plain(new.trail_bps)),
        stp=new.stp,
        faults=tuple(grid.faults),
    )


def list_command(new: NewList, account: AccountId, list_id: OrderId, pairs: dict[str, TradingPair]) -> SubmitList:
    """Return a list as the exchange takes it; an order without an id gets the list's and its place, from 1."""
    orders = tuple(
        order_command(each, account, OrderId(each.order_id or f"{list_id}-{place}"), pairs.get(each.symbol))
        for place, each in enumerate(new.orders, 1)
    )
    return SubmitList(account, list_id, new.kind, orders)


def change_command(new: OrderChange, account: AccountId, order_id: OrderId, pair: TradingPair | None) -> AmendOrder:
    """Return a change as the exchange takes it; `pair` is the order's, None if there is no such order."""
    grid = Grid(pair)
    return AmendOrder(
        account=account,
        order_id=order_id,
        qty=None if new.qty is None else grid.qty(new.qty, "quantity"),
        price=None if new.price is None else grid.price(new.price, "price"),
        stop_price=None if new.stop_price is None else grid.price(new.stop_price, "stop price"),
        trail=None if new.trail is None else grid.price(new.trail, "trailing distance"),
        faults=tuple(grid.faults),
    )


class Grid:
    """Reads decimals of one order; what is off its pair's grid is gathered in `faults`."""

    __slots__ = ("_pair", "faults")

    def __init__(self, pair: TradingPair | None) -> None:
        self._pair = pair
        self.faults: list[Fault] = []

    def qty(self, text: str, name: str) -> Lots:
        """Return a quantity in lots."""
        if self._pair is None:
            return Lots(STAND_IN)
        lots = self._pair.lots(Decimal(text))
        return Lots(self._off(text, name, self._pair.lot, Reason.OFF_LOT)) if lots is None else lots

    def price(self, text: str, name: str) -> Ticks:
        """Return a price, or a distance of prices, in ticks."""
        if self._pair is None:
            return Ticks(STAND_IN)
        ticks = self._pair.ticks(Decimal(text))
        return Ticks(self._off(text, name, self._pair.tick, Reason.OFF_TICK)) if ticks is None else ticks

    def instant(self, millis: int) -> Nanos:
        """Return an instant; one that no clock here will show is a fault."""
        if millis > LAST_MS:
            self.faults.append(Fault(Reason.BAD_ORDER, "The order would expire later than any order may, in 2255."))
        return Nanos(min(millis, LAST_MS) * 1_000_000)

    def _off(self, text: str, name: str, step: Decimal, reason: Reason) -> int:
        """Note the fault; return the number in steps, rounded up: it exceeds whatever steps it exceeded."""
        self.faults.append(Fault(reason, f"The {name} {plain(text)} is no multiple of {step:f}."))
        (over, under), (step_over, step_under) = Decimal(text).as_integer_ratio(), step.as_integer_ratio()
        return ceil_div(over * step_under, under * step_over)


def plain(text: str) -> str:
    """Return a decimal without idle zeros, so that equal numbers look equal."""
    return format(Decimal(text).normalize(EXACT), "f")
