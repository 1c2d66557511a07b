"""Bringing the offline market back after a stop, however it came.

The accounts are what the journal says. The market is loaded from its last snapshot and run again with
the journaled commands at their instants; if that gives exactly the journaled facts, everybody's place
in every queue is as it was. If not (no snapshot, another version of the generator, a damaged one), the
books are made afresh at the last instant and our orders join the back of their queues.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from engine.adapters.paper.past import Past
from engine.adapters.paper.venue import facts_of
from engine.adapters.sql.codec import COMMANDS, FACTS
from engine.adapters.sql.reader import Reader, StoredSnapshot
from engine.domain.command import AmendOrder, Fault, SubmitList, SubmitOrder
from engine.domain.course import (
    LatencyChanged,
    MarketJumped,
    MarketOpened,
    MarketReopened,
    PaceChanged,
    TradingStateChanged,
)
from engine.domain.event import OrderRejected
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import AccountId, OrderId, Reason
from engine.exchange.latency import TRAVELLING
from engine.exchange.offline import OfflineMarket, PaperMarket
from engine.ports.journal import JournalEntry
from engine.risk.gate import RiskContext

RERUN_BUDGET_S = 8.0
"""Longer than this nobody should wait for queue places."""

RERUN_STEP = NANOS_PER_SECOND
"""Market time between looks at the clock."""

GATED = (Reason.HALTED, Reason.LIMIT_EXCEEDED)

log = logging.getLogger(__name__)


class How(StrEnum):
    """In which way a market came back."""

    FIRST = "first"
    """There was none before."""
    RERUN = "rerun"
    """Loaded and run again: as it was, queue places included."""
    SEATED = "seated"
    """Fresh books, our orders at the back of their queues."""


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """How the start went; `text` is for the log pane."""

    how: How
    records: int
    rerun: int
    """Records after the snapshot that were carried out again."""
    open_orders: int
    text: str


class Gate(Protocol):
    """What the exchange asks before it takes an order."""

    def check(self, order: SubmitOrder | AmendOrder, context: RiskContext | None) -> Fault | None:
        """Return why the order must not be sent."""
        ...


Refusals = dict[tuple[AccountId, OrderId, Nanos], Fault]
"""What the gate refused, by whose order, its id and when."""


class RecallingGate:
    """The risk gate; while a market is run again it answers what it answered then."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._recalling = False
        self._answer: Fault | None = None
        self._refusals: Refusals = {}
        self._clock: Callable[[], Nanos] | None = None

    def check(self, order: SubmitOrder | AmendOrder, context: RiskContext | None) -> Fault | None:
        """Return why the order must not be sent."""
        if not self._recalling:
            return self._gate.check(order, context)
        if self._clock is None:
            return self._answer
        return self._refusals.get((order.account, order.order_id, self._clock()))

    def recall(self, answer: OrderRejected | None) -> None:
        """Answer the next order like this; it was refused for this reason, if any."""
        self._recalling, self._clock = True, None
        self._answer = Fault(answer.reason, answer.text) if answer is not None else None

    def recall_by_instant(self, refusals: Refusals, clock: Callable[[], Nanos]) -> None:
        """Answer orders that arrive later: refuse those that were refused at the instant at which they arrive."""
        self._recalling, self._refusals, self._clock = True, refusals, clock

    def wake(self) -> None:
        """Judge for itself again."""
        self._recalling = False


class Diverged(Exception):  # noqa: N818 - it never leaves this module
    """The market did not do again what it did then; says where."""


@dataclass(frozen=True, slots=True)
class Makers:
    """How to open a market of a kind and seed, and how to load a dumped one; both behind `gate`."""

    gate: RecallingGate
    open: Callable[[str, int], OfflineMarket]
    load: Callable[[bytes], OfflineMarket]


def recover(past: Past, reader: Reader, makers: Makers) -> tuple[OfflineMarket, RecoveryReport]:
    """Return the journal's market at its last instant, with every account in it.

    Raises:
        StorageCorrupt: the journal after the snapshot is damaged.
    """
    assert past.market is not None, "only a journal with a market can be recovered"  # noqa: S101 - the caller's promise
    open_orders = sum(len(past.books.fold.orders(account)) for account in past.books.fold.accounts())
    snapshot, why = reader.snapshot(), "there was no snapshot of the books"
    if snapshot is not None:
        try:
            market, count = _run_again(past, snapshot, list(reader.records(snapshot.seq)), makers)
        except Exception as error:  # whatever is wrong with the snapshot, the journal is enough
            why = str(error) if isinstance(error, Diverged) else f"the snapshot could not be used ({error})"
            log.warning("market seated anew", extra={"reason": why})
        else:
            text = f"The market goes on where it stopped: {past.records:,} records, {_orders(open_orders)} in place."
            if market.line.under_way:
                text += f" {len(market.line.under_way)} sent but not arrived yet: still on their way to the exchange."
            return market, RecoveryReport(How.RERUN, past.records, count, open_orders, text)
        finally:
            makers.gate.wake()
    market = _seated(past, makers)
    text = (
        f"The books were made afresh because {why}. Balances and fills are complete: "
        f"{past.records:,} records, {_orders(open_orders)} at the back of the queues."
    )
    if past.under_way:
        ids = ", ".join(asked.order_id for asked in past.under_way)
        log.warning("sent and never arrived", extra={"orders": ids})
        text += (
            f" Sent, but never arrived at the exchange and never acknowledged: {ids}. Send again what you still want."
        )
    return market, RecoveryReport(How.SEATED, past.records, 0, open_orders, text)


def _refusals(records: Sequence[object]) -> Refusals:
    """Return what the gate refused; a list's refusal holds for each of its orders."""
    members = {
        (record.account, record.order_id): [order.order_id for order in record.orders]
        for record in records
        if isinstance(record, SubmitList)
    }
    found: Refusals = {}
    for record in records:
        if isinstance(record, OrderRejected) and record.reason in GATED:
            fault = Fault(record.reason, record.text)
            for order_id in (record.order_id, *members.get((record.account, record.order_id), ())):
                found[record.account, order_id, record.at] = fault
    return found


def _orders(count: int) -> str:
    return "no open order" if count == 0 else "1 open order" if count == 1 else f"{count:,} open orders"


def _run_again(
    past: Past, snapshot: StoredSnapshot, records: Sequence[tuple[JournalEntry, Any]], makers: Makers
) -> tuple[OfflineMarket, int]:
    if past.market is None or any(isinstance(record, MarketOpened) for _, record in records):
        raise Diverged("another market was opened after the last snapshot")
    market = makers.load(snapshot.data)
    refusals = _refusals([*market.line.under_way, *(record for _, record in records)])
    rerun = _Rerun(market, makers.gate, past.coarse_at(snapshot.seq), refusals)
    for index, (entry, record) in enumerate(records):
        after = records[index + 1][1] if index + 1 < len(records) else None
        rerun.take(entry, record, after)
    rerun.compare(past)
    return rerun.market, len(records)


class _Rerun:
    """A market doing again what the journal says it did."""

    def __init__(self, market: OfflineMarket, gate: RecallingGate, coarse: bool, refusals: Refusals) -> None:
        self.market, self._gate, self._coarse, self._refusals = market, gate, coarse, refusals
        gate.recall_by_instant(refusals, lambda: self.market.exchange.now)
        self._produced: list[object] = []
        self._expected: list[object] = []
        self._deadline = time.monotonic() + RERUN_BUDGET_S

    def take(self, entry: JournalEntry, record: Any, after: object) -> None:  # noqa: ANN401 - any kind of record
        """Carry out one record; `after` is the one that follows it."""
        if isinstance(record, FACTS):
            self._expected.append(record)
            self._advance(record.at)
            if self.market.ended and len(self._produced) < len(self._expected):  # no time passes: what is sent arrives
                self._produced += facts_of(self.market.advance(self.market.now).facts)
        elif isinstance(record, TRAVELLING) and self.market.line.latency is not None:
            self._advance(entry.ts_ns)
            self._gate.recall_by_instant(self._refusals, lambda: self.market.exchange.now)
            self.market.line.send(record, self.market.now)
        elif isinstance(record, COMMANDS):
            self._advance(entry.ts_ns)
            self._gate.recall(after if isinstance(after, OrderRejected) and after.reason in GATED else None)
            self._produced += facts_of(self.market.command(record))
        elif isinstance(record, PaceChanged):
            self._advance(record.at)
            self._coarse = record.coarse
        elif isinstance(record, LatencyChanged):
            self._advance(record.at)
            self.market.line.latency = record.latency
        elif isinstance(record, TradingStateChanged):  # what it refused is recalled with the commands
            self._advance(record.at)
        elif isinstance(record, MarketJumped):
            self._advance(record.at)
            self._produced += facts_of(self.market.jump(record.to))
        elif isinstance(record, MarketReopened):
            self._advance(record.at)
            self._produced += facts_of(self.market.reopen(record.to))

    def compare(self, past: Past) -> None:
        """Check that the same facts happened and that the exchange holds what the accounts hold.

        Raises:
            Diverged: it does not.
        """
        if self._produced != self._expected:
            raise Diverged("running the market again gave other fills than the journal has")
        fold, exchange = past.books.fold, self.market.exchange
        for account in fold.accounts():
            if exchange.balances(account) != fold.balances(account):
                raise Diverged(f"the snapshot has other balances of {account} than the journal")
            if exchange.open_orders(account) != fold.orders(account):
                raise Diverged(f"the snapshot has other open orders of {account} than the journal")

    def _advance(self, until: int) -> None:
        while self.market.now < until and not self.market.ended:
            if time.monotonic() > self._deadline:
                raise Diverged("too much market time had passed since the last snapshot")
            target = Nanos(min(until, self.market.now + RERUN_STEP))
            self._produced += facts_of(self.market.advance(target, coarse=self._coarse).facts)


def _seated(past: Past, makers: Makers) -> OfflineMarket:
    opened = past.market
    assert opened is not None, "as checked by `recover`"  # noqa: S101 - a promise between two functions
    market = makers.open(opened.kind, opened.seed)
    if past.last_at != market.now:  # earlier too: one may have jumped back
        market.jump(past.last_at)
    seat_all(past, market)
    return market


def seat_all(past: Past, market: PaperMarket) -> None:
    """Put every account of a journal into a market that has none: money, fees, open orders, answers given."""
    fold, exchange = past.books.fold, market.exchange
    exchange.count_trades_from(fold.counters.last_trade)
    for account in fold.accounts():
        accepted, lists = fold.accepted(account), past.open_lists(account)
        rates, order_rates = past.rates.get(account), fold.order_rates(account)
        exchange.seat(account, fold.balances(account), fold.orders(account), accepted, rates, order_rates, lists)
        for order_id, outcome in past.answers.get(account, ()):
            if order_id not in accepted and order_id not in lists:
                exchange.recall(account, order_id, outcome)
