"""What must hold of every list of orders at every instant, read from the facts of a journal alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.domain.event import (
    LegStarted,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderTriggered,
)
from engine.domain.order import AccountId, ListKind, OrderId


@dataclass(slots=True)
class Leg:
    """One order of a list."""

    accepted: OrderAccepted
    qty: int
    filled: int = 0
    started: bool = False
    triggered: bool = False
    ended: bool = False

    @property
    def acted(self) -> bool:
        """Whether it did what takes its partner out."""
        return self.triggered or self.ended or self.filled > 0


def check_lists(facts: Iterable[object]) -> int:
    """Check that the orders of every list hang together; return how many lists there were."""
    orders: dict[tuple[AccountId, OrderId], Leg] = {}
    groups: dict[tuple[AccountId, OrderId], list[Leg]] = {}
    for fact in facts:
        if isinstance(fact, OrderAccepted):
            leg = Leg(fact, fact.order.qty, started=fact.starts_after is None)
            orders[fact.account, fact.order_id] = leg
            if fact.list_id is not None:
                groups.setdefault((fact.account, fact.list_id), []).append(leg)
        else:
            _take(orders, fact)
    for leg in orders.values():
        assert leg.filled <= leg.qty, f"{leg} was filled beyond its quantity"
    for legs in groups.values():
        _check(legs)
    return len(groups)


def _take(orders: dict[tuple[AccountId, OrderId], Leg], fact: object) -> None:
    if not isinstance(fact, LegStarted | OrderAmended | OrderCancelled | OrderExpired | OrderFilled | OrderTriggered):
        return
    leg = orders[fact.account, fact.order_id]
    assert not leg.ended, f"{fact} came after the end of its order"
    if isinstance(fact, LegStarted):
        assert not leg.started
        leg.started, leg.qty = True, fact.qty
    elif isinstance(fact, OrderAmended):
        leg.qty = fact.qty
    elif isinstance(fact, OrderFilled):
        leg.filled += fact.qty
        leg.ended = fact.left == 0
    elif isinstance(fact, OrderTriggered):
        leg.triggered = True
    else:
        leg.ended = True


def _check(legs: list[Leg]) -> None:
    kind = legs[0].accepted.list_kind
    entry = None if kind is ListKind.OCO else legs[0]
    if entry is not None:
        for leg in legs[1:]:
            pending = not leg.started and not leg.ended
            assert not (entry.ended and pending), f"{leg} still waits for an entry that has ended"
            assert entry.ended or not leg.started, f"{leg} started before its entry had ended"
            assert not leg.started or leg.qty == entry.filled, f"{leg} did not start with what the entry filled"
    if kind is not ListKind.OTO:
        first, second = legs[-2:]
        assert not (first.filled and second.filled), f"both {first} and {second} traded"
        alive = (entry is None or entry.ended) and (first.acted or second.acted)
        assert not alive or first.ended or second.ended, f"neither {first} nor {second} took the other out"
