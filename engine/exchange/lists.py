"""Orders that hang together: one cancels the other, one starts the others.

    OCO       two legs, alive from the start; the first to fill or to fire takes the other one out
    OTO       an entry; what comes after it starts when the entry has ended, with what it filled
    bracket   an entry that starts take-profit and stop, which are then an OCO

What the orders do to each other happens on the floor.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from engine.domain.command import SubmitList
from engine.domain.event import OrderAccepted
from engine.domain.number import Nanos
from engine.domain.order import ListKind, OrderId
from engine.exchange.account import digest_of
from engine.exchange.order import WorkingOrder


class OrderList:
    """The orders of one accepted list that are still open, in its order."""

    __slots__ = ("closing", "digest", "entry_id", "kind", "list_id", "number", "orders")

    def __init__(self, list_id: OrderId, kind: ListKind, digest: str, entry_id: OrderId | None, number: int) -> None:
        self.list_id, self.kind, self.digest, self.entry_id = list_id, kind, digest, entry_id
        self.number = number
        """Of its first order's acceptance."""
        self.orders: list[WorkingOrder] = []
        self.closing = False
        """Whether all that is left of it is being cancelled."""

    def join(self, order: WorkingOrder) -> None:
        """Take an order in as the list's next one."""
        order.list = self
        self.orders.append(order)

    def entry_of(self, order: WorkingOrder) -> OrderId | None:
        """Return which order starts this one; None if it needs none."""
        return None if order.order_id == self.entry_id else self.entry_id


def pair_up(first: WorkingOrder, second: WorkingOrder) -> None:
    """Let each of two legs take the other one out, and set aside the larger of both once if it is one asset."""
    first.partner, second.partner = second, first
    if first.is_buy == second.is_buy:
        first.lock_mate, second.lock_mate = second, first


def made_list(command: SubmitList, orders: Sequence[WorkingOrder]) -> OrderList:
    """Tie accepted orders together."""
    entry_id = None if command.kind is ListKind.OCO else orders[0].order_id
    group = OrderList(command.order_id, command.kind, list_digest(command), entry_id, orders[0].number)
    for order in orders:
        group.join(order)
    if command.kind is not ListKind.OTO:
        pair_up(orders[-2], orders[-1])
    return group


def list_digest(command: SubmitList) -> str:
    """Return a short digest that is equal for equal lists, and differs from that of any order."""
    parts = [f"list:{command.kind}"]
    for order in command.orders:
        parts += (order.order_id, digest_of(order))
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def acceptances(command: SubmitList, number: int, at: Nanos) -> list[OrderAccepted]:
    """Return how a list's orders are accepted, the first one as number `number`."""
    entry = None if command.kind is ListKind.OCO else command.orders[0].order_id
    return [
        OrderAccepted(
            command.account,
            order.order_id,
            order,
            number + place,
            at,
            command.order_id,
            command.kind,
            entry if place else None,
        )
        for place, order in enumerate(command.orders)
    ]
