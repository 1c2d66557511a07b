"""One account's orders as a fold of published facts: which are open, how the others ended, what was executed.

An order shows as open when its acceptance is durable, for that is when it is published. Facts of other
accounts are left alone. Only the newest finished orders and executions are kept; the journal has all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from engine.domain.account import OpenOrder
from engine.domain.command import SubmitOrder
from engine.domain.event import (
    LegStarted,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderTriggered,
)
from engine.domain.number import Lots, Nanos, Units
from engine.domain.order import AccountId, ListKind, OrderId, OrderStatus, OrderType

HISTORY_LENGTH = 2_000
"""Finished orders and fills kept in memory; the journal has all of them."""

WAITING_TYPES = frozenset(
    (OrderType.STOP, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT, OrderType.TRAILING_STOP)
)
"""Types that wait for a trigger before they enter the book."""


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """One of our orders and where it stands."""

    order: SubmitOrder
    """As it is now: amends and the start of a leg change it."""
    status: OrderStatus
    filled: Lots
    number: int
    accepted_at: Nanos
    ended_at: Nanos | None = None
    note: str = ""
    """Why it ended, in the venue's word."""
    paid_ticks: int = 0
    """Sum of price x quantity over its fills, in ticks x lots; the average price is this over `filled`."""
    triggered: bool = False
    """Whether it waited for a trigger that has fired."""
    list_id: OrderId | None = None
    list_kind: ListKind | None = None
    starts_after: OrderId | None = None
    """Of a pending leg: the entry that must end first."""
    place: int = 0
    """Of an order of a list: its place in the list, from 0."""

    @property
    def left(self) -> Lots:
        """What is still to trade, or was when it ended."""
        return Lots(self.order.qty - self.filled)

    @property
    def average_ticks(self) -> float | None:
        """The average fill price in ticks, for the screen."""
        return self.paid_ticks / self.filled if self.filled else None

    def shown(self) -> OpenOrder:
        """Return it as a plain value; what it locks is the portfolio's to say."""
        order = self.order
        return OpenOrder(
            order_id=order.order_id,
            symbol=order.symbol,
            side=order.side,
            order_type=order.order_type,
            tif=order.tif,
            qty=order.qty,
            filled=self.filled,
            price=order.price,
            stop_price=order.stop_price,
            post_only=order.post_only,
            status=self.status,
            number=self.number,
            locked=Units(0),
            at=self.accepted_at,
            reduce_only=order.reduce_only,
            display_qty=order.display_qty,
            trail=order.trail,
            trail_bps=order.trail_bps,
            expire_ts=order.expire_ts,
            list_id=self.list_id,
            list_kind=self.list_kind,
            starts_after=self.starts_after,
        )


@dataclass(frozen=True, slots=True)
class OrderPast:
    """What a fold keeps of an account's past."""

    open: Sequence[OrderRecord] = ()
    """Oldest first."""
    history: Sequence[OrderRecord] = ()
    """Newest first, as are the fills."""
    fills: Sequence[OrderFilled] = ()
    fill_count: int = 0
    """Of all fills ever."""


class OrderFold:
    """The orders of the account that `account` names now; `handlers` say which fact goes where."""

    def __init__(self, account: Callable[[], AccountId]) -> None:
        self._account = account
        self.open: dict[OrderId, OrderRecord] = {}
        """Oldest first."""
        self.history: deque[OrderRecord] = deque(maxlen=HISTORY_LENGTH)
        """Newest first."""
        self.fills: deque[OrderFilled] = deque(maxlen=HISTORY_LENGTH)
        """Newest first."""
        self.fill_count = 0
        self._newest: tuple[OrderId | None, int] = (None, 0)
        """List and place of the newest acceptance; those of one list come together."""
        self.handlers: dict[type, Callable[..., None]] = {
            OrderAccepted: self._accepted,
            LegStarted: self._started,
            OrderFilled: self._filled,
            OrderTriggered: self._triggered,
            OrderAmended: self._amended,
            OrderCancelled: self._cancelled,
            OrderExpired: self._expired,
        }

    def apply(self, fact: object) -> None:
        """Take one fact in; what is none of an order of this account changes nothing."""
        handler = self.handlers.get(type(fact))
        if handler is not None and getattr(fact, "account", None) == self._account():
            handler(fact)

    def go_on(self, past: OrderPast) -> None:
        """Forget everything, and go on from another past."""
        self.open = {record.order.order_id: record for record in past.open}
        self.history = deque(past.history, maxlen=HISTORY_LENGTH)
        self.fills = deque(past.fills, maxlen=HISTORY_LENGTH)
        self.fill_count = past.fill_count

    def find(self, order_id: OrderId) -> OrderRecord | None:
        """Return an order that is open or ended lately, None if there is no such order in memory."""
        found = self.open.get(order_id)
        return found or next((each for each in self.history if each.order.order_id == order_id), None)

    def of_list(self, list_id: OrderId) -> list[OrderRecord]:
        """Return the orders of a list, open or ended lately, in the list's order."""
        held = (*self.open.values(), *self.history)
        return sorted((each for each in held if each.list_id == list_id), key=lambda each: each.place)

    def _accepted(self, fact: OrderAccepted) -> None:
        status = OrderStatus.PENDING if fact.starts_after is not None else _first_status(fact.order)
        before, at = self._newest
        place = at + 1 if fact.list_id is not None and fact.list_id == before else 0
        self._newest = (fact.list_id, place)
        self.open[fact.order_id] = OrderRecord(
            fact.order, status, Lots(0), fact.number, fact.at,
            list_id=fact.list_id, list_kind=fact.list_kind, starts_after=fact.starts_after, place=place,
        )  # fmt: skip

    def _started(self, fact: LegStarted) -> None:
        record = self.open.get(fact.order_id)
        if record is not None:
            order = replace(record.order, qty=fact.qty)
            self.open[fact.order_id] = replace(record, order=order, status=_first_status(order), starts_after=None)

    def _filled(self, fact: OrderFilled) -> None:
        self.fill_count += 1
        self.fills.appendleft(fact)
        record = self.open.get(fact.order_id)
        if record is None:
            return
        self.open[fact.order_id] = replace(
            record, filled=Lots(record.filled + fact.qty), paid_ticks=record.paid_ticks + fact.price * fact.qty
        )
        if fact.left == 0:
            self._end(fact.order_id, OrderStatus.FILLED, fact.at, "")

    def _triggered(self, fact: OrderTriggered) -> None:
        record = self.open.get(fact.order_id)
        if record is not None:
            self.open[fact.order_id] = replace(record, status=OrderStatus.WORKING, triggered=True)

    def _amended(self, fact: OrderAmended) -> None:
        record = self.open.get(fact.order_id)
        if record is not None:
            order = replace(record.order, qty=fact.qty, price=fact.price, stop_price=fact.stop_price)
            if fact.trail is not None:
                order = replace(order, trail=fact.trail)
            self.open[fact.order_id] = replace(record, order=order)

    def _cancelled(self, fact: OrderCancelled) -> None:
        self._end(fact.order_id, OrderStatus.CANCELLED, fact.at, fact.reason.value)

    def _expired(self, fact: OrderExpired) -> None:
        self._end(fact.order_id, OrderStatus.EXPIRED, fact.at, "")

    def _end(self, order_id: OrderId, status: OrderStatus, at: Nanos, note: str) -> None:
        record = self.open.pop(order_id, None)
        if record is not None:
            self.history.appendleft(replace(record, status=status, ended_at=at, note=note))


def _first_status(order: SubmitOrder) -> OrderStatus:
    return OrderStatus.WAITING if order.order_type in WAITING_TYPES else OrderStatus.WORKING
