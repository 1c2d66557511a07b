"""The embedded paper exchange as a venue: handle, commit, publish, answer.

The kernel answers a command at once; what it answered is journaled, and only when that is durable are
the facts folded into the visible accounts and published, in the order of happening, and the caller
answered. Where commands travel (`engine.exchange.latency`), the command is journaled when it is sent, and
what came of it when it has arrived. While the disk refuses, commands are not handled at all.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, NamedTuple, TypeVar

from engine.adapters.sql.books import FOLDED
from engine.adapters.sql.codec import FACTS
from engine.adapters.sql.journal import SqlJournal
from engine.bus import Bus
from engine.domain.command import AmendOrder, CancelOrder, Command, SetLotMethod, SubmitList, SubmitOrder
from engine.domain.course import TradingStateChanged
from engine.domain.day import DayRecord
from engine.domain.event import (
    BalanceChanged,
    KernelEvent,
    LedgerFact,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderRejected,
    PositionChanged,
)
from engine.domain.number import Nanos, Ticks
from engine.domain.order import AccountId, OrderId
from engine.domain.pair import TradingPair
from engine.domain.why import Place, WaitExplained
from engine.errors import CrsError, StorageUnavailable, VenueUnavailable
from engine.exchange.latency import Travelling
from engine.exchange.offline import PaperMarket, Slice
from engine.observe.failpoint import reached
from engine.observe.metrics import Histogram
from engine.portfolio.fold import Fold
from engine.ports.journal import Recorded
from engine.ports.venue import ListAccepted, ListCancelled

A = TypeVar("A")

CHANGES = (BalanceChanged, PositionChanged)
"""What follows from a fact and is published; the postings behind it are the ledger's own."""

_FOLDED, _FACTS = frozenset(FOLDED), frozenset(FACTS)
"""Found at once, where each of a dozen classes would be asked."""


class Carried(NamedTuple):
    """What came of a command: its facts, and the number of the last record that was written with them.

    The facts are that record and those right before it. A command that travels, or that repeats another, has 0.
    """

    facts: list[LedgerFact]
    last: int


class PaperVenue:
    """One account on a market, offline or live; `fold` holds every account as far as it is durable.

    Where nobody looks at that (`folds=False`) it may be the fold of the journal's writer, ahead of what is published
    and another thread's; then what the writer folded is published.
    """

    name = "PAPER"
    is_live = False

    def __init__(
        self,
        bus: Bus,
        journal: SqlJournal,
        market: PaperMarket,
        fold: Fold,
        account: AccountId,
        *,
        folds: bool = True,
    ) -> None:
        self._bus, self._journal, self.market, self.fold, self._folds = bus, journal, market, fold, folds
        self.account = account
        self.acknowledged_ms = Histogram()
        """From a command to its durable answer."""
        self.on_sent: Callable[[], object] = _nothing
        """Called when a command was sent that is still under way: somebody must let the market's time pass."""
        self.to_present: Callable[[], object] = _nothing
        """Called before a command is carried out or sent: a live market's time is then brought to the present."""
        self._under_way: dict[int, asyncio.Future[list[KernelEvent]]] = {}
        """By ticket, who waits for what came of a command."""
        self.published = 0
        """The last record of which the facts are published, of those of this run."""
        self._closed = False
        self._open = asyncio.Event()
        self._open.set()

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return what can be traded, in the order in which it should be listed."""
        return self.market.exchange.pairs()

    async def submit(self, order: SubmitOrder) -> OrderAccepted | OrderRejected:
        """Send an order; see `Venue.submit`."""
        events, _ = await self._carry_out(order)
        answer = _first(events, OrderAccepted, order.order_id)
        if answer is None:  # a repeat: it changed nothing
            answer = self.market.exchange.first_answer(order)
        if answer is None:
            raise _silence()
        return answer

    async def submit_list(self, command: SubmitList) -> ListAccepted | OrderRejected:
        """Send orders that hang together; see `Venue.submit_list`."""
        events, _ = await self._carry_out(command)
        refusal = _first(events, OrderRejected, command.order_id)
        accepted = tuple(event for event in events if isinstance(event, OrderAccepted))
        if refusal is None and not accepted:  # a repeat: it changed nothing
            first = self.market.exchange.first_list_answer(command)
            if first is None:
                raise _silence()
            refusal, accepted = (first, ()) if isinstance(first, OrderRejected) else (None, first)
        return refusal or ListAccepted(command.order_id, command.kind, accepted)

    async def cancel(self, command: CancelOrder) -> OrderCancelled | ListCancelled | OrderRejected:
        """Take an open order or a whole list out; see `Venue.cancel`."""
        events, _ = await self._carry_out(command)
        answer = _first(events, OrderCancelled, command.order_id)
        if answer is not None:
            return answer
        gone = tuple(event for event in events if isinstance(event, OrderCancelled))
        if not gone:
            raise _silence()
        return ListCancelled(command.order_id, gone)

    def place_in_queue(self, order_id: OrderId) -> Place | None:
        """Return where an order stands in the queue of its price; see `Venue.place_in_queue`."""
        if not self._open.is_set():  # the market is being moved elsewhere, on another thread
            return None
        return self.market.exchange.place_in_queue(self.account, order_id)

    def trail_mark(self, order_id: OrderId) -> Ticks | None:
        """Return the best price that a waiting trailing stop has seen; see `Venue.trail_mark`."""
        return self.market.exchange.trail_mark(self.account, order_id)

    def waits(self, order_id: OrderId) -> WaitExplained | None:
        """Return what an order has met so far; see `Venue.waits`."""
        return self.market.exchange.waits(self.account, order_id) if self._open.is_set() else None

    async def amend(self, command: AmendOrder) -> OrderAmended | OrderRejected:
        """Change an open order; see `Venue.amend`."""
        events, _ = await self._carry_out(command)
        answer = _first(events, OrderAmended, command.order_id)
        if answer is None:
            raise _silence()
        return answer

    async def carry_out(self, command: Command) -> Carried:
        """Carry out one command of any account and return its facts, durable; none if it repeats an earlier one.

        Raises:
            VenueUnavailable, StorageUnavailable: as `check_open`, or the disk refused.
            InvalidInput: a deposit, fee or pair that cannot be.
        """
        if isinstance(command, Travelling):
            events, last = await self._carry_out(command)
            return Carried(facts_of(events), last)
        await self._open.wait()
        self.check_open()
        self.to_present()
        facts = facts_of(self.market.command(command))
        return Carried(facts, await self._durable([command, *facts]))

    async def execute(self, commands: Iterable[Command]) -> None:
        """Carry out commands that have no answer of their own, such as deposits and fees, as one transaction."""
        await self._open.wait()
        self.check_open()
        self.to_present()
        records: list[object] = []
        for command in commands:
            records += (command, *facts_of(self.market.command(command)))
        await self._durable(records)

    async def set_lot_method(self, command: SetLotMethod) -> None:
        """Keep how an account's sales are matched with its purchases; no business of the exchange.

        Raises:
            VenueUnavailable, StorageUnavailable: as `check_open`; nothing was kept.
        """
        await self._open.wait()
        self.check_open()
        await self._durable([command])

    def record(self, records: Sequence[object], at: Nanos | None = None) -> Future[int]:
        """Journal what happened and publish its facts once they are durable."""
        instant = self.market.now if at is None else at
        follows: list[Sequence[object]] | None = None if self._folds else []
        return self._journal.append(records, instant, partial(self._publish, records, instant, follows), follows)

    def _durable(self, records: Sequence[object]) -> asyncio.Future[int]:
        """Do the same for whoever waits on this loop: its own future costs less than one that threads may share."""
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        instant = self.market.now
        follows: list[Sequence[object]] | None = None if self._folds else []
        self._journal.enter(records, instant, done, partial(self._publish, records, instant, follows), follows)
        return done

    def note(self, record: DayRecord) -> None:
        """Journal what an account was worth; nobody waits for that."""
        self.record([record], record.at)

    @asynccontextmanager
    async def still(self) -> AsyncIterator[None]:
        """Let commands wait while the market is moved elsewhere.

        Raises:
            StorageUnavailable: the disk refuses, so nothing must be moved.
        """
        self.check_open()
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    async def cancel_everywhere(self) -> int:
        """Cancel the open orders of every account, in use or not; return how many there were once that is durable.

        Raises:
            VenueUnavailable, StorageUnavailable: as `check_open`.
        """
        await self._open.wait()
        self.check_open()
        if self.market.line.latency is None:
            return await self.cancel_everything()
        gone = await self._send_cancels()
        under_way = self.market.line.tickets_of(SubmitOrder, SubmitList)
        self.on_sent()
        await asyncio.gather(*(asyncio.shield(self._waiter(ticket)) for ticket in under_way))
        return gone + await self._send_cancels()  # of what arrived after the first ones were sent

    async def _send_cancels(self) -> int:
        """Let the cancels of all open orders travel; return how many orders they took out."""
        exchange = self.market.exchange
        cancels = [command for account in exchange.accounts() for command in exchange.cancels(account)]
        answers = await asyncio.gather(*(self._carry_out(command) for command in cancels))
        return sum(isinstance(event, OrderCancelled) for events, _ in answers for event in events)

    async def cancel_everything(self) -> int:
        """Do the same without asking whether it may be; for whoever holds the market `still`."""
        count, records = 0, list[object]()
        exchange = self.market.exchange
        for account in exchange.accounts():
            count += len(exchange.open_orders(account))
            for command in exchange.cancels(account):
                records += (command, *facts_of(self.market.command(command)))
        await durable(self.record(records))
        return count

    def close(self) -> None:
        """Accept nothing any more; what is under way is still answered."""
        self._closed = True

    def take(self, step: Slice) -> None:
        """Journal the facts of a step of the market; once they are durable, answer the commands that arrived in it."""
        facts = facts_of(step.facts)
        if not facts and not step.answers:
            return
        done = self.record(facts)
        for ticket, events in step.answers:
            waiter = self._under_way.pop(ticket, None)
            if waiter is not None:
                done.add_done_callback(partial(_answer, waiter, list(events)))

    async def _carry_out(self, command: Travelling) -> tuple[list[KernelEvent], int]:
        if not self._open.is_set():
            await self._open.wait()
        self.check_open()
        begun = time.perf_counter()
        self.to_present()
        reached("venue.before_match")
        if self.market.line.latency is not None:
            sent = await self._send(command)
            self.acknowledged_ms.record((time.perf_counter() - begun) * 1000)
            return sent, 0
        events = self.market.command(command)
        reached("venue.after_match")
        facts = facts_of(events)
        last = await self._durable([command, *facts] if facts else [])  # a repeat waits for what it repeats
        reached("venue.before_reply")
        self.acknowledged_ms.record((time.perf_counter() - begun) * 1000)
        return events, last if facts else 0

    async def _send(self, command: Travelling) -> list[KernelEvent]:
        """Let a command travel, and wait until what came of it is durable; a repeat waits for what it repeats."""
        line = self.market.line
        earlier = line.ticket_of(command) if isinstance(command, SubmitOrder | SubmitList) else None
        if earlier is not None:  # sent a moment ago, or by a run that was stopped
            self.on_sent()
            return await asyncio.shield(self._waiter(earlier))
        if self.market.exchange.repeats(command):
            await durable(self.record([]))
            return []
        sent = line.send(command, self.market.now)
        answer = self._waiter(sent.ticket)
        recorded = self.record([command])
        reached("venue.after_match")
        try:
            await durable(recorded)
        except CrsError as error:
            if self._under_way.pop(sent.ticket, None) is not None:  # else it has arrived, and is answered with that
                _fail(answer, error)
            raise
        self.on_sent()
        events = await asyncio.shield(answer)
        reached("venue.before_reply")
        return events

    def _waiter(self, ticket: int) -> asyncio.Future[list[KernelEvent]]:
        """Return the future of what comes of a command under way; all who wait for it share it."""
        waiter = self._under_way.get(ticket)
        if waiter is None:
            waiter = self._under_way[ticket] = asyncio.get_running_loop().create_future()
        return waiter

    def check_open(self) -> None:
        """Refuse while nothing can be made durable.

        Raises:
            VenueUnavailable: the exchange is closing.
            StorageUnavailable: the disk refuses.
        """
        if self._closed:
            raise VenueUnavailable("The paper exchange is closing. Start CRS Desktop again to trade.")
        failure = self._journal.failure
        if failure is not None:
            raise StorageUnavailable(str(failure))

    def _publish(self, records: Sequence[Any], at: Nanos, follows: Sequence[Sequence[object]] | None, seq: int) -> None:
        self.published = seq
        publish, first = self._bus.publish, seq - len(records) + 1
        for place, record in enumerate(records):
            kind = type(record)
            publish(Recorded(first + place, record, at))
            if kind is TradingStateChanged:
                publish(record)
            if kind not in _FOLDED:
                continue
            changes: Iterable[object] = self.fold.apply(record) if follows is None else follows[place]
            if kind in _FACTS:
                publish(record)
            for change in changes:
                if type(change) in CHANGES:
                    publish(change)


def facts_of(events: Iterable[KernelEvent]) -> list[LedgerFact]:
    """Return the facts of the ledger among the kernel's events; public trades are market data."""
    return [event for event in events if type(event) in _FACTS]  # type: ignore[misc] # as `isinstance` would tell


def _first(events: Iterable[KernelEvent], kind: type[A], order_id: OrderId) -> A | OrderRejected | None:
    for event in events:
        if isinstance(event, OrderRejected) and event.order_id == order_id:
            return event
        if isinstance(event, kind) and getattr(event, "order_id", None) == order_id:
            return event
    return None


def _answer(waiter: asyncio.Future[list[KernelEvent]], events: list[KernelEvent], done: Future[int]) -> None:
    """Answer who waits for a command."""
    error = done.exception()
    if error is None:
        waiter.set_result(events)
    else:
        _fail(waiter, error)


def _fail(waiter: asyncio.Future[list[KernelEvent]], error: BaseException) -> None:
    waiter.set_exception(error)
    waiter.exception()  # perhaps nobody waits any more


def _nothing() -> None:
    """Nobody lets the time pass."""


def _silence() -> VenueUnavailable:
    return VenueUnavailable("The paper exchange gave no answer; send the same order again.")


async def durable(done: Future[int]) -> int:
    """Wait for a future that is resolved on this loop's own thread."""
    waiter: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def settle(future: Future[int]) -> None:
        if waiter.done():  # whoever waited has gone
            return
        error = future.exception()
        if error is None:
            waiter.set_result(future.result())
        else:
            waiter.set_exception(error)

    done.add_done_callback(settle)
    return await waiter
