"""What happened to an account while nobody listened: said once the connection is back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.domain.number import Lots
from engine.domain.order import OrderId, OrderStatus, Side
from engine.services.order_fold import OrderRecord
from engine.services.orders import Orders


class Fate(StrEnum):
    """What became of an order meanwhile."""

    FILLED = "filled"
    PARTLY = "partly"
    """Filled further, and still open."""
    ENDED = "ended"
    """Cancelled or expired."""
    ARRIVED = "arrived"
    """Sent before the break, its answer lost: the server has it."""
    NEVER_ARRIVED = "never_arrived"
    """Likewise, and the server does not have it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One order of which something happened."""

    order_id: OrderId
    symbol: str
    side: Side
    fate: Fate
    filled: Lots
    """How much of it was filled meanwhile."""
    qty: Lots


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Event: the account is up to date again after a break of `seconds`; `changes` may be empty."""

    seconds: float
    changes: tuple[Change, ...]


class Standing:
    """The open orders as a break found them."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._open = {record.order.order_id: record for record in orders.records()}

    def changes(self, unknown: dict[OrderId, tuple[str, Side, Lots]]) -> tuple[Change, ...]:
        """Return what is different now; `unknown` were sent without an answer: symbol, side, quantity."""
        found = [change for before in self._open.values() if (change := self._of(before)) is not None]
        for order_id, (symbol, side, qty) in unknown.items():
            now = self._now(order_id)
            fate = Fate.NEVER_ARRIVED if now is None else Fate.ARRIVED
            found.append(Change(order_id, symbol, side, fate, Lots(0) if now is None else now.filled, qty))
        return tuple(found)

    def _of(self, before: OrderRecord) -> Change | None:
        order, now = before.order, self._now(before.order.order_id)
        if now is None:
            return None
        filled = Lots(now.filled - before.filled)
        if now.status is OrderStatus.FILLED:
            fate = Fate.FILLED
        elif now.ended_at is not None:
            fate = Fate.ENDED
        elif filled:
            fate = Fate.PARTLY
        else:
            return None
        return Change(order.order_id, order.symbol, order.side, fate, filled, now.order.qty)

    def _now(self, order_id: OrderId) -> OrderRecord | None:
        held = (*self._orders.records(), *self._orders.history())
        return next((each for each in held if each.order.order_id == order_id), None)
