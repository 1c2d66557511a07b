"""What an account holds."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import ListKind, OrderId, OrderStatus, OrderType, Side, TimeInForce


class Balance(NamedTuple):
    """Money of one asset; `locked` is set aside for working orders."""

    free: Units
    locked: Units

    @property
    def total(self) -> Units:
        """Free and locked together."""
        return Units(self.free + self.locked)


class Position(NamedTuple):
    """What is held of a pair's base by average cost; spot is long or flat."""

    symbol: str
    qty: Lots
    cost: Units
    """Cost of what is held, buying fees included, in quote units."""
    realised: Units
    """Profit of what was sold, after buying and selling fees, in quote units."""
    fees: Units
    """All fees paid in this pair, in quote units."""


class OpenOrder(NamedTuple):
    """A working or waiting order as a front shows it."""

    order_id: OrderId
    symbol: str
    side: Side
    order_type: OrderType
    tif: TimeInForce
    qty: Lots
    filled: Lots
    price: Ticks | None
    stop_price: Ticks | None
    post_only: bool
    status: OrderStatus
    number: int
    """Counts acceptances; the order of triggers."""
    locked: Units
    """What it sets aside, in quote units for a buy and base units for a sell.

    Of the two legs of an OCO only the dearer one shows what both set aside together.
    """
    at: int
    """Venue time of acceptance, ns."""
    reduce_only: bool = False
    display_qty: Lots | None = None
    trail: Ticks | None = None
    trail_bps: Decimal | None = None
    expire_ts: Nanos | None = None
    list_id: OrderId | None = None
    list_kind: ListKind | None = None
    starts_after: OrderId | None = None
    """Of a later leg of a list: the entry that must end first."""

    @property
    def left(self) -> Lots:
        """What is still to trade."""
        return Lots(self.qty - self.filled)
