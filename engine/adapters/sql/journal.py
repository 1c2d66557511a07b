"""The journal in a database: one writer thread, group commit, commit before acknowledge.

Appends queue up while the disk is busy and are then written as one transaction, together with the
projections. When the disk refuses, the appends that wait are answered with `StorageUnavailable`, but
their records stay in memory, in order, and are tried again until the disk takes them or the program
ends: what was acknowledged is on the disk, what is on the disk was in this order.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from functools import partial
from pathlib import Path

from engine.adapters.sql.batch import Append, Item, Promise, Snapshot, write, write_accounts
from engine.adapters.sql.books import Keeper
from engine.adapters.sql.chain import Tip
from engine.adapters.sql.projector import Projector
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.sqlitestore import store_of
from engine.adapters.sql.store import Store
from engine.adapters.sql.tables import prepare
from engine.domain.number import Nanos
from engine.errors import CrsError, StorageUnavailable, WriterFenced
from engine.observe.failpoint import reached
from engine.observe.metrics import Histogram
from engine.ports.clock import Clock, SystemClock
from engine.ports.journal import JournalEntry, StorageStateChanged

MAX_BATCH = 512
"""Appends in one transaction; more wait for the next one."""

RETRY_S = 0.5
"""Pause after a refused transaction."""

AT_ONCE = 3
"""How often a transaction that met a passing failure is tried again before anybody is refused."""

SNAPSHOT_RECORDS = 10_000
"""Records between snapshots of the accounts: a start folds at most so many, a quarter of a second of work."""

RECORDS_PER_ORDER = 4
"""…and at least so many for each open order, all of which a snapshot holds: else those would cost more than orders."""

log = logging.getLogger(__name__)


Deliver = Callable[[Callable[[], None]], object]
"""How a call gets to the thread that wants answers, e.g. `loop.call_soon_threadsafe`."""


class SqlJournal:
    """The append-only record of an exchange: it opens at once, writes after `begin`, and `close` drains it.

    Answers (futures and `then`) are given through `deliver`, one call per transaction, in order.
    """

    def __init__(
        self,
        where: Path | Store,
        *,
        deliver: Deliver | None = None,
        on_state: Callable[[StorageStateChanged], None] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.store = store_of(where)
        self.ready: Future[None] = Future()
        """Resolves when the database is open; raises what keeps it from opening at the first try."""
        self._deliver: Deliver = deliver or _call
        self._on_state = on_state
        self._clock = clock or SystemClock()
        self._queue: deque[Item] = deque()
        self._wake = threading.Condition()
        self._closing = False
        self._deadline = float("inf")
        self._failure: CrsError | None = None
        self._projector = Projector()
        self._keeper: Keeper | None = None
        self._tip = Tip()
        self._last_at = 0
        self._doubt: tuple[list[Item], Tip] | None = None
        """A batch whose commit failed, and where the journal ends if it was done all the same."""
        self._writing = self.store.writing()
        self.commit_ms, self.batch_size = Histogram(), Histogram()
        """How long a batch takes from its first statement to the end of its commit, and how many appends it has."""
        self._tries = 0
        """Of the batch at hand, since nobody was refused."""
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> CrsError | None:
        """Why nothing can be written now; None when all is well."""
        return self._failure

    @property
    def epoch(self) -> int:
        """Which writer of its shard this is; 0 where only one can be. Known when `ready` is."""
        return self._writing.epoch

    @property
    def waiting(self) -> int:
        """How many appends are not on the disk yet."""
        return len(self._queue)

    def begin(self, keeper: Keeper) -> None:
        """Start writing; `keeper` has folded every record that is on the disk, and is the writer's from now on."""
        with self._wake:
            self._keeper = keeper
            self._wake.notify()

    def append(
        self,
        records: Sequence[object],
        at: Nanos,
        then: Callable[[int], None] | None = None,
        follows: list[Sequence[object]] | None = None,
    ) -> Future[int]:
        """Queue records as one transaction with their projections; never blocks; see `enter`.

        Args:
            records: commands, facts and changes of course, and what follows from them.
            at: the venue's instant, for records without their own.
            then: called once they are durable, even if that is after the future was failed.
            follows: an empty list that holds by then what follows from each record, as the writer folded it.

        Returns:
            The last record's number, or `StorageUnavailable` if the disk refused: not acknowledged, but
            kept and tried again.
        """
        done: Future[int] = Future()
        self.enter(records, at, done, then, follows)
        return done

    def enter(
        self,
        records: Sequence[object],
        at: Nanos,
        done: Promise,
        then: Callable[[int], None] | None = None,
        follows: list[Sequence[object]] | None = None,
    ) -> None:
        """Do the same and answer `done`, which may be a future of the loop to which answers are delivered."""
        append = Append(records, at, self._clock.wall(), done, then)
        if follows is not None:
            append.follows = follows
        self._put(append)

    def snapshot(self, data: bytes | Callable[[], bytes], at: Nanos, prices: Mapping[str, str]) -> Future[int]:
        """Queue the market's state and last prices as of everything appended before; resolves to that record.

        `data` may be a call that makes it: then the writer's thread does.
        """
        done: Future[int] = Future()
        self._put(Snapshot(data, at, self._clock.wall(), done, json.dumps(prices)))
        return done

    def stop(self, failure: CrsError) -> None:
        """Refuse everything from now on: what is on the disk cannot be trusted."""
        self._fail(failure, final=True)

    def entries(self, after: int = 0) -> Iterator[JournalEntry]:
        """Yield committed records in order, those with `seq` > `after`."""
        with Reader(self.store) as reader:
            yield from reader.entries(after)

    def close(self, timeout_s: float = 10.0) -> None:
        """Write what waits, then stop; what the disk still refuses after the timeout is given up, unacknowledged."""
        with self._wake:
            self._closing = True
            self._deadline = time.monotonic() + timeout_s
            self._wake.notify()
        self._thread.join()

    def _put(self, item: Item) -> None:
        with self._wake:
            if self._closing:
                item.done.set_exception(StorageUnavailable("The journal is closed."))
                return
            self._queue.append(item)
            if self._failure is not None:  # not acknowledged, but kept and tried again
                item.done.set_exception(self._failure)
            if len(self._queue) == 1:  # else the writer is at work and looks again
                self._wake.notify()

    def _run(self) -> None:
        try:
            opened = self._open()
            while opened and (items := self._next()) and self._keeper is not None:
                self._write(items, self._keeper)
                if self._keeper.folded >= max(SNAPSHOT_RECORDS, RECORDS_PER_ORDER * self._projector.open_orders):
                    self._keep_accounts(self._keeper)
            if opened and self._keeper is not None:
                self._keep_accounts(self._keeper)
        except Exception as error:  # a bug: refuse everything from now on rather than lose it silently
            log.exception("journal writer stopped")
            self._fail(StorageUnavailable(f"The journal stopped: {error}. Please restart the program."), final=True)
        finally:
            self._writing.close()
            self._give_up()

    def _open(self) -> bool:
        """Open the database, waiting for it as long as somebody wants it; False if it cannot be opened at all."""
        while True:
            try:
                self._writing.open(partial(prepare, where=self.store))
                with Reader(self.store) as reader:
                    self._tip = reader.tip()
                    self._projector = Projector(reader.pairs(), reader.open_order_rows())
            except Exception as error:
                self._writing.close()
                failure = self.store.explained(error)
                self._fail(failure)
                with suppress(InvalidStateError):
                    self.ready.set_exception(failure)
                if not isinstance(failure, StorageUnavailable) or not self._pause():
                    return False
            else:
                self._recovered()
                with suppress(InvalidStateError):
                    self.ready.set_result(None)
                return True

    def _next(self) -> list[Item]:
        """Return what waits, blocking until there is something; nothing when closed and empty."""
        with self._wake:
            while (not self._queue or self._keeper is None) and not self._closing:
                self._wake.wait()
            return [self._queue[index] for index in range(min(MAX_BATCH, len(self._queue)))]

    def _write(self, items: list[Item], keeper: Keeper) -> None:
        try:
            if self._doubt is not None:
                self._settle(*self._doubt)
                return
            reached("journal.before_write")
            begun = time.perf_counter()
            with self._writing.begin() as cursor:
                tip = write(cursor, items, self._tip, self._projector, keeper, self.store.writes)
                reached("journal.before_commit")
                self._doubt = items, tip
            reached("journal.after_commit")
        except WriterFenced as error:  # for good: another process writes, and knows more than we do
            self._fail(error, final=True)
            self._give_up()
            return
        except Exception as error:
            self._refused(error)
            return
        self.commit_ms.record((time.perf_counter() - begun) * 1000)
        self.batch_size.record(len(items))
        self._committed(items, tip)

    def _refused(self, error: Exception) -> None:
        """Take note that a batch was not written, or not known to be, and wait before the next try."""
        if self._doubt is None:
            self._projector.roll_back()
        if self._tries < AT_ONCE and self.store.passing(error):
            self._tries += 1
            log.info("journal tries again", extra={"cause": type(error).__name__})
            return
        self._fail(self.store.explained(error))
        if not self._pause():
            self._give_up()

    def _settle(self, items: list[Item], tip: Tip) -> None:
        """Find out whether a batch is on the disk whose commit failed; if not, it is written again."""
        self._writing.settle()
        with Reader(self.store) as reader:
            done = reader.tip() == tip != self._tip  # a batch of snapshots alone may be written twice
        if done:
            self._committed(items, tip)
        else:
            self._doubt = None
            self._projector.roll_back()

    def _committed(self, items: Sequence[Item], tip: Tip) -> None:
        self._doubt, self._tries = None, 0
        self._projector.commit()
        self._tip, self._last_at = tip, items[-1].at
        with self._wake:
            for _ in items:
                self._queue.popleft()
        self._recovered()
        reached("journal.before_acknowledge")
        self._send(lambda: _acknowledge(items))

    def _keep_accounts(self, keeper: Keeper) -> None:
        """Write a snapshot of the accounts, if the disk has all that was folded; without one a start takes longer."""
        if not keeper.folded or self._failure is not None:
            return
        data = keeper.snapshot(self._tip.hash)
        keeper.folded = 0
        if data is None:
            return
        try:
            with self._writing.begin() as cursor:
                write_accounts(cursor, data, self._tip, self._last_at, self._clock.wall(), self.store.writes)
        except Exception as error:
            log.warning("no snapshot of the accounts: %s", self.store.explained(error))

    def _fail(self, failure: CrsError, *, final: bool = False) -> None:
        with self._wake:
            first = self._failure is None
            self._failure = failure
            self._closing |= final
            waiting = list(self._queue)
        if first:
            log.error("journal refused", extra={"text": str(failure)})
        if first:  # who is refused finds it known
            self._publish(StorageStateChanged(False, str(failure), self._clock.wall()))
        self._send(lambda: _refuse(waiting, failure))

    def _recovered(self) -> None:
        if self._failure is not None:
            self._failure = None
            log.info("journal writes again")
            self._publish(StorageStateChanged(True, self.store.again, self._clock.wall()))

    def _publish(self, event: StorageStateChanged) -> None:
        if self._on_state is not None:
            on_state = self._on_state
            self._send(lambda: on_state(event))

    def _send(self, call: Callable[[], None]) -> None:
        try:
            self._deliver(call)
        except RuntimeError:  # the loop that wanted to know is gone
            call()

    def _pause(self) -> bool:
        """Wait before the next try; False when there should be none."""
        until = time.monotonic() + RETRY_S
        with self._wake:
            while (now := time.monotonic()) < min(until, self._deadline):
                if self._closing and not self._queue:
                    return False
                self._wake.wait(min(until, self._deadline) - now)
            return time.monotonic() < self._deadline

    def _give_up(self) -> None:
        with self._wake:
            self._closing = True
            left = list(self._queue)
            self._queue.clear()
        if left:
            failure = self._failure or StorageUnavailable("The journal is closed.")
            log.error("records given up, none of them acknowledged", extra={"count": len(left)})
            self._send(lambda: _refuse(left, failure))


def _call(call: Callable[[], None]) -> None:
    call()


def _acknowledge(items: Sequence[Item]) -> None:
    for item in items:
        if item.then is not None:
            item.then(item.seq)
        if not item.done.done():
            try:
                item.done.set_result(item.seq)
            except RuntimeError:  # of a loop that is gone, and with it whoever waited there
                continue


def _refuse(items: Sequence[Item], failure: CrsError) -> None:
    for item in items:
        if not item.done.done():
            try:
                item.done.set_exception(failure)
            except RuntimeError:  # likewise
                continue
