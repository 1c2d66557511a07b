"""Open orders as a person sees them: those that stand alone, and lists as groups with a role for each leg."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.number import Lots
from engine.domain.order import ListKind, OrderId, OrderStatus, OrderType, Side
from engine.services.orders import OrderRecord

LIST_NAMES = {ListKind.BRACKET: say("Bracket"), ListKind.OCO: say("OCO"), ListKind.OTO: say("OTO")}
TARGETS = (OrderType.LIMIT, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT)
ENTRY, TARGET, STOP, THEN = "entry", "target", "stop", "then"
ROLES = {ENTRY: say("Entry"), TARGET: say("Target"), STOP: say("Stop"), THEN: say("Then")}
KEY = "list:"
"""Before the id of a list, where a key may also be an order's."""


@dataclass(frozen=True, slots=True)
class Group:
    """An order that stands alone, or the open orders of a list in its order."""

    list_id: OrderId | None
    kind: ListKind | None
    records: tuple[OrderRecord, ...]

    @property
    def key(self) -> str:
        """What tells it from others."""
        return f"{KEY}{self.list_id}" if self.list_id is not None else self.records[0].order.order_id

    @property
    def entry(self) -> OrderRecord | None:
        """The entry while it is open."""
        first = self.records[0]
        return first if self.kind in (ListKind.BRACKET, ListKind.OTO) and first.place == 0 else None

    def record(self, order_id: str) -> OrderRecord | None:
        """Return one of its orders."""
        return next((each for each in self.records if each.order.order_id == order_id), None)


def role(record: OrderRecord) -> str:
    """Return what an order does in its list: entry, target, stop, then; empty for one that stands alone."""
    if record.list_kind is None:
        return ""
    if record.list_kind is ListKind.OTO:
        return THEN if record.place else ENTRY
    if record.list_kind is ListKind.BRACKET and record.place == 0:
        return ENTRY
    return TARGET if record.order.order_type in TARGETS else STOP


def groups(records: Iterable[OrderRecord]) -> list[Group]:
    """Return the groups of open orders, in the order of their first acceptance."""
    found: dict[str, list[OrderRecord]] = {}
    for record in records:
        key = f"{KEY}{record.list_id}" if record.list_id is not None else record.order.order_id
        found.setdefault(key, []).append(record)
    return [
        Group(each[0].list_id, each[0].list_kind, tuple(sorted(each, key=lambda record: record.place)))
        for each in found.values()
    ]


def status(record: OrderRecord) -> Sentence:
    """Return where an open order stands, in words."""
    if record.status is OrderStatus.PENDING:
        return say("Once the entry fills")
    if record.status is OrderStatus.WAITING:
        if record.order.order_type is OrderType.TRAILING_STOP:
            return say("Follows the price")
        return say("Waits for its trigger")
    if record.filled:
        return say("Working, {percent}% filled", percent=record.filled * 100 // record.order.qty)
    return say("Fired, working") if record.triggered else say("Working")


def group_status(group: Group) -> Sentence:
    """Return where a list stands, in words."""
    entry = group.entry
    if entry is None:
        if group.kind is ListKind.OTO:
            return say("Entry filled, the way out works")
        return say("One cancels the other") if len(group.records) > 1 else say("One leg left")
    if entry.filled:
        return say("Entry partly filled")
    return say("Entry waits for its trigger") if entry.status is OrderStatus.WAITING else say("Entry working")


def consequence(group: Group, record: OrderRecord, held: Lots, qty: str, base: str) -> Sentence | None:
    """Return what else goes when one order of a list is cancelled; None if nothing does.

    `held` lots of the base are held, `qty` is the same as text.
    """
    others = [each for each in group.records if each is not record]
    if not others:
        return None
    entry = group.entry
    if record is entry and record.filled and group.kind is ListKind.OTO:
        return say("Cancels the rest of the entry; the way out starts with what it filled.")
    if record is entry and record.filled:
        return say("Cancels the rest of the entry; target and stop start with what it filled.")
    if entry is not None:
        return say("Cancels the whole list: the entry, and what would have started after it.")
    what = _TOO[role(others[0])]
    if record.order.side is Side.SELL and held > 0:
        return Sentence(what + " {qty} {base} stay without a stop.", {"qty": qty, "base": base})
    return Sentence(what)


_TOO = {
    TARGET: "Cancels the target, too.",
    STOP: "Cancels the stop, too.",
    THEN: "Cancels the other leg, too.",
}
