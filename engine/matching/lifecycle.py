"""The life of an order: which step may follow which.

    (new) ──► PENDING ──► WAITING ──► WORKING ──► FILLED
      │          │           │           ├──────► CANCELLED
      │          │           │           └──────► EXPIRED        (good till date)
      │          │           ├──► CANCELLED
      │          │           └──► EXPIRED
      │          ├──► WORKING
      │          ├──► CANCELLED
      │          └──► EXPIRED
      ├──► WAITING
      ├──► WORKING
      └──► REJECTED

A pending order is a leg of a list that has not started; a waiting one has a trigger that has not fired.
Nothing leaves FILLED, CANCELLED, EXPIRED or REJECTED, and nothing goes back.
"""

from __future__ import annotations

from engine.domain.order import OrderStatus

STEPS: dict[OrderStatus | None, frozenset[OrderStatus]] = {
    None: frozenset({OrderStatus.PENDING, OrderStatus.WAITING, OrderStatus.WORKING, OrderStatus.REJECTED}),
    OrderStatus.PENDING: frozenset(
        {OrderStatus.WAITING, OrderStatus.WORKING, OrderStatus.CANCELLED, OrderStatus.EXPIRED}
    ),
    OrderStatus.WAITING: frozenset({OrderStatus.WORKING, OrderStatus.CANCELLED, OrderStatus.EXPIRED}),
    OrderStatus.WORKING: frozenset({OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.EXPIRED}),
    OrderStatus.FILLED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
    OrderStatus.EXPIRED: frozenset(),
    OrderStatus.REJECTED: frozenset(),
}


def step(status: OrderStatus | None, to: OrderStatus) -> OrderStatus:
    """Return `to` if an order may go there from `status` (None: it is new).

    Raises:
        AssertionError: it may not; that is a bug of the engine, never a fault of a command.
    """
    if to not in STEPS[status]:
        raise AssertionError(f"an order cannot go from {status or 'new'} to {to}")
    return to
