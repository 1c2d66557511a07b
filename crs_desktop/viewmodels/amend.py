"""Changing open orders: one, or all of a list together, as texts until they are sent.

A list is changed leg by leg in a safe order: the stop first, so that what is held is protected at its new price,
then the target, the entry last, because it may fill at once and start the legs. If one is refused, those before it
stand: the editor says so and keeps the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.order_groups import ENTRY, LIST_NAMES, ROLES, STOP, TARGET, Group, role
from crs_desktop.viewmodels.ticket_price import read_lots, read_price
from crs_desktop.viewmodels.words import Sentence, say, verbatim
from engine.domain.event import OrderAmended, OrderRejected
from engine.domain.number import Lots, Ticks
from engine.domain.order import OrderId, OrderStatus
from engine.domain.pair import TradingPair
from engine.errors import CrsError, InvalidInput
from engine.services.orders import OrderRecord, Orders

QTY, PRICE, STOP_PRICE, TRAIL = "qty", "price", "stop_price", "trail"
SAFE_ORDER = {STOP: 0, TARGET: 1, "": 2, ENTRY: 3}
"""Roles by when they are sent; what is not named comes between target and entry."""


@dataclass(slots=True)
class AmendField:
    """One figure of one order."""

    order_id: OrderId
    name: str
    """qty, price, stop_price or trail"""
    label: Sentence
    unit: str
    text: str
    was: str
    """The text of what is in force."""

    @property
    def key(self) -> str:
        """What tells it from the editor's other fields."""
        return f"{self.order_id}.{self.name}"


@dataclass(slots=True)
class Amend:
    """An editor of the orders of a group."""

    pair: TradingPair
    group: Group
    fields: list[AmendField]
    problem: Sentence | None = None
    sending: bool = False
    changed: list[str] = field(default_factory=list)
    """What has been changed since the editor was opened, for the sentence of a partial failure."""

    @property
    def title(self) -> Sentence:
        """What is changed."""
        if self.group.kind is None:
            return verbatim(self.pair.symbol)
        return LIST_NAMES[self.group.kind]

    def of(self, name: str, order_id: str | None = None) -> AmendField:
        """Return a field by its name, of one order or of the first that has it (KeyError if none has)."""
        for each in self.fields:
            if each.name == name and order_id in (None, each.order_id):
                return each
        raise KeyError(name)

    def step(self, key: str, steps: int) -> None:
        """Move a figure by lots or ticks; what is no number stays as it is."""
        each = next((each for each in self.fields if each.key == key), None)
        if each is None:
            return
        pair = self.pair
        try:
            value = fmt.parse(each.text)
        except InvalidInput:
            return
        grid = pair.lots(value) if each.name == QTY else pair.ticks(value)
        if grid is not None:
            moved = max(1, grid + steps)
            each.text = pair.qty_text(moved) if each.name == QTY else pair.price_text(moved)


def editor(pair: TradingPair, group: Group) -> Amend:
    """Return an editor of all that can be changed of a group."""
    fields = [each for record in group.records for each in _fields(pair, group, record)]
    return Amend(pair, group, fields)


def _fields(pair: TradingPair, group: Group, record: OrderRecord) -> Iterable[AmendField]:
    order, part = record.order, role(record)
    before_trigger = record.status in (OrderStatus.PENDING, OrderStatus.WAITING)
    name = ROLES.get(part)
    if not part or record is group.entry:  # the quantity of a leg belongs to its list
        yield _field(record, QTY, say("Amount"), pair.base.code, pair.qty_text(order.qty))
    if order.stop_price is not None and before_trigger:
        label = say("Entry stop") if part == ENTRY else name or say("Stop")
        yield _field(record, STOP_PRICE, label, pair.quote.code, pair.price_text(order.stop_price))
    if order.price is not None:
        label = say("Limit") if order.stop_price is not None else name or say("Price")
        yield _field(record, PRICE, label, pair.quote.code, pair.price_text(order.price))
    if order.trail is not None and before_trigger:
        yield _field(record, TRAIL, say("Trail by"), pair.quote.code, pair.price_text(order.trail))


def _field(record: OrderRecord, name: str, label: Sentence, unit: str, text: str) -> AmendField:
    return AmendField(record.order.order_id, name, label, unit, text, text)


Change = tuple[OrderRecord, dict[str, int]]
"""An order, and its new figures by name."""


def read_changes(amend: Amend) -> list[Change] | None:
    """Return what is to be changed, in the order of sending; None, with the editor's problem, if a figure is wrong."""
    found: dict[OrderId, dict[str, int]] = {}
    for each in amend.fields:
        value, wrong = _read(amend.pair, each)
        if wrong is not None:
            amend.problem = wrong
            return None
        if value is not None and each.text != each.was:
            found.setdefault(each.order_id, {})[each.name] = value
    amend.problem = None
    records = [record for record in amend.group.records if record.order.order_id in found]
    records.sort(key=lambda record: SAFE_ORDER.get(role(record), 2))
    return [(record, found[record.order.order_id]) for record in records]


def _read(pair: TradingPair, each: AmendField) -> tuple[int | None, Sentence | None]:
    if each.name == QTY:
        return read_lots(pair, each.text, say("Enter an amount."))
    asks = {
        PRICE: say("Enter a limit price."),
        STOP_PRICE: say("Enter a stop price."),
        TRAIL: say("Enter how far the stop trails."),
    }
    return read_price(pair, each.text, asks[each.name])


async def send_changes(amend: Amend, changes: list[Change], orders: Orders) -> bool:
    """Send the changes one after the other; False, with the editor's problem, as soon as one is refused."""
    for record, values in changes:
        order_id, part = record.order.order_id, role(record)
        try:
            answer = await _send(orders, order_id, values)
        except CrsError as error:
            amend.problem = _partly(amend, part, str(error))
            return False
        if isinstance(answer, OrderRejected):
            amend.problem = _partly(amend, part, answer.text)
            return False
        for each in amend.fields:
            if each.order_id == order_id:
                each.was = each.text
        amend.changed.append(part)
    return True


async def _send(orders: Orders, order_id: OrderId, values: dict[str, int]) -> OrderAmended | OrderRejected:
    qty, price, stop, trail = (values.get(name) for name in (QTY, PRICE, STOP_PRICE, TRAIL))
    return await orders.amend(
        order_id,
        qty=None if qty is None else Lots(qty),
        price=None if price is None else Ticks(price),
        stop_price=None if stop is None else Ticks(stop),
        trail=None if trail is None else Ticks(trail),
    )


def _partly(amend: Amend, part: str, why: str) -> Sentence:
    """Return why it went no further, and what was changed before that."""
    if not part:
        return verbatim(why)
    done = [str(ROLES[each]).lower() for each in amend.changed if each]
    failed = str(ROLES[part]).lower()
    if not done:
        return say("The {failed} was not changed: {why}", failed=failed, why=why)
    return say("Changed: {done}. The {failed} was not: {why}", done=", ".join(done), failed=failed, why=why)
