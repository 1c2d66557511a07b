"""The crash machine: it lets a program run, ends it somewhere, and checks everything that had been promised."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import pytest

from engine.adapters.paper.past import read_past
from engine.adapters.paper.venue import durable
from engine.adapters.sql.canonical import encode
from engine.adapters.sql.codec import DAYS, FACTS, decode
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import verify
from engine.bootstrap import Engine, open_engine
from engine.domain.command import SubmitList, SubmitOrder
from engine.domain.event import OrderAccepted, OrderRejected
from engine.domain.order import OrderId, Reason
from engine.ports.journal import JournalEntry
from engine.ports.venue import ListAccepted
from engine.profile import Profile
from tests.faults.headless import Job
from tests.faults.lists import check_lists
from tests.unmeasured import UNMEASURED

ROOT = Path(__file__).resolve().parent.parent.parent

KILLED = -signal.SIGKILL if sys.platform != "win32" else 1

PATIENCE_S = 90.0

TRIED_AGAIN = 40
"""Commands of a run that are sent again after it was killed."""

Line = dict[str, str]


@dataclass(slots=True)
class Ended:
    """How a run ended, and what it had said."""

    status: int
    lines: list[Line]

    @property
    def told(self) -> list[tuple[str, str]]:
        """Kind and payload of every fact that somebody was told."""
        return [(line["kind"], line["payload"]) for line in self.lines if line["said"] == "told"]

    @property
    def sent(self) -> list[SubmitOrder | SubmitList]:
        """The orders and lists that were sent, in order."""
        kinds = ("SubmitOrder", "SubmitList")
        return [
            decode(line["kind"], line["payload"])
            for line in self.lines
            if line["said"] == "sent" and line["kind"] in kinds
        ]


class Nursery:
    """Runs jobs in forks of a process that has everything imported; `close` ends it."""

    def __init__(self) -> None:
        if not hasattr(os, "fork"):
            pytest.skip("programs are forked here")
        self._errors: IO[str] = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by `close`
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.headless"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=ROOT,
            env={**os.environ, **UNMEASURED},
            text=True,
        )

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE_S)
        self._process.stdout.close()
        self._errors.close()

    def run(self, job: Job, after_open: tuple[float, Callable[[int], object]] | None = None) -> Ended:
        """Run a job to its end; `after_open` is what to do with its process so many seconds after it opened."""
        Path(job.said).write_bytes(b"")
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(job)) + "\n")
        self._process.stdin.flush()
        child = self._answer()
        if after_open is not None:
            self._await_open(job)
            time.sleep(after_open[0])
            after_open[1](child)  # it cannot be gone: nobody waits for it but the nursery, which says so
        ended = Ended(self._answer(), said(job))
        self._errors.seek(0)
        complaints = self._errors.read()
        assert "Traceback" not in complaints, complaints
        return ended

    def _answer(self) -> int:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        self._errors.seek(0)
        assert line, self._errors.read()
        return int(line)

    def _await_open(self, job: Job) -> None:
        until = time.monotonic() + PATIENCE_S
        while not said(job):
            assert time.monotonic() < until, "it never opened"
            time.sleep(0.005)


def said(job: Job) -> list[Line]:
    """Return the whole lines that a job has written so far."""
    text = Path(job.said).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Lend a nursery."""
    each = Nursery()
    try:
        yield each
    finally:
        each.close()


@dataclass(slots=True)
class Machine:
    """One profile, killed again and again; `promised` is all that anybody was ever told of it."""

    nursery: Nursery
    directory: Path
    market: str = "small"
    promised: set[tuple[str, str]] = field(default_factory=set)
    seen: Counter[str] = field(default_factory=Counter)
    """How often what happened: kinds of facts told, ways of coming back, answers to what was sent again."""

    def job(self, program: str = "trade", **options: Any) -> Job:  # noqa: ANN401 - fields of a job
        """Return a job on this profile."""
        said_in = self.directory.with_name(self.directory.name + ".said")
        return Job(program, str(self.directory), str(said_in), market=self.market, **options)

    def killed_at(self, point: str, seed: int) -> Ended:
        """Let the trader run into a fail point, and check."""
        ended = self.nursery.run(self.job(seed=seed, failpoint=point, commands=4_000))
        assert ended.status == KILLED, f"{point} was never reached"
        self.check(ended)
        return ended

    def killed_after(self, seconds: float, seed: int) -> Ended:
        """Kill the trader so long after it opened, and check."""
        ended = self.nursery.run(self.job(seed=seed), (seconds, lambda process: os.kill(process, signal.SIGKILL)))
        assert ended.status == KILLED
        self.check(ended)
        return ended

    def start(self) -> None:
        """Start an engine and close it in order."""
        asyncio.run(self._started())

    async def _started(self) -> None:
        await (await self._opened()).close()

    def check(self, ended: Ended) -> None:
        """Check everything that was promised: on the disk, in an engine opened on it, in another one after that."""
        if not (self.directory / "crs.sqlite").exists():
            assert not ended.told
            return
        self.promised.update(ended.told)
        self.seen.update(kind for kind, _ in ended.told)
        with Reader(self.directory / "crs.sqlite") as reader:
            entries = list(reader.entries())
            self._check_disk(reader, entries)
        asyncio.run(self._check_engines(ended))

    def _check_disk(self, reader: Reader, entries: list[JournalEntry]) -> None:
        verify(reader)
        facts = [(entry.kind, entry.payload) for entry in entries]
        missing = self.promised - set(facts)
        assert not missing, f"told and missing: {sorted(missing)[:3]}"
        records = [decode(entry.kind, entry.payload, entry.schema_version) for entry in entries]
        accepted = Counter((each.account, each.order_id) for each in records if isinstance(each, OrderAccepted))
        assert set(accepted.values()) <= {1}, "an order was accepted twice"
        fills = reader.table("trade")
        assert len({(row["account"], row["order_id"], row["trade_id"]) for row in fills}) == len(fills), "double fill"
        check_lists([each for each in records if isinstance(each, FACTS)])

    async def _check_engines(self, ended: Ended) -> None:
        with Reader(self.directory / "crs.sqlite") as reader:
            before = read_past(reader).books.fold
        engine = await self._opened()
        try:
            self.seen[engine.recovery.how] += 1
            if before.accounts():  # else it was killed before it had opened one
                assert engine.venue.fold.state_hash() == before.state_hash()
            _check_exchange(engine)
            await _all_arrived(engine)
            await self._send_again(engine, ended)
            _check_exchange(engine)
            hashes = engine.venue.fold.state_hash(), engine.venue.market.exchange.state_hash()
        finally:
            await engine.close()
        engine = await self._opened()
        try:
            assert (engine.venue.fold.state_hash(), engine.venue.market.exchange.state_hash()) == hashes
        finally:
            await engine.close()

    async def _opened(self) -> Engine:
        engine = await open_engine(Profile(self.directory), speed=1)
        engine.runner.pause()
        return engine

    async def _send_again(self, engine: Engine, ended: Ended) -> None:
        """Send the last orders again: those that are known get their first answer, and nothing is written for them."""
        first = _first_answers(engine.journal.entries())
        commands = ended.sent[-TRIED_AGAIN:]
        unknown = [each for each in commands if each.order_id not in first]
        before = _asked_and_answered(engine)
        for command in (each for each in commands if each.order_id in first):
            answer = await _answers(engine, command)
            assert answer == first[command.order_id], f"another answer to {command}"
            self.seen["known again"] += 1
        assert _asked_and_answered(engine) == before, "a repeat was written"
        for command in unknown:
            answer = await _answers(engine, command)
            assert _first_answers(engine.journal.entries())[command.order_id] == answer
            assert await _answers(engine, command) == answer
            self.seen["new again"] += 1


async def _answers(engine: Engine, command: SubmitOrder | SubmitList) -> list[str]:
    if isinstance(command, SubmitOrder):
        return [encode(await engine.venue.submit(command))]
    answer = await engine.venue.submit_list(command)
    return [encode(each) for each in answer.orders] if isinstance(answer, ListAccepted) else [encode(answer)]


def _asked_and_answered(engine: Engine) -> int:
    """Return how many records there are, but for what the account was worth, which is noted at any time."""
    notes = {kind.__name__ for kind in DAYS}
    return sum(entry.kind not in notes for entry in engine.journal.entries())


def _first_answers(entries: Iterable[JournalEntry]) -> dict[OrderId, list[str]]:
    """Return how each order and list was answered first, as texts of the journal."""
    found: dict[OrderId, list[str]] = {}
    sent = set[OrderId]()
    for entry in entries:
        record = decode(entry.kind, entry.payload, entry.schema_version)
        if isinstance(record, SubmitOrder | SubmitList):
            sent.add(record.order_id)
        elif isinstance(record, OrderAccepted) and record.list_id in sent:
            found.setdefault(record.list_id, []).append(entry.payload)
        elif isinstance(record, OrderAccepted | OrderRejected) and record.order_id in sent:
            said_of_a_cancel = isinstance(record, OrderRejected) and record.reason is Reason.UNKNOWN_ORDER
            if not said_of_a_cancel:
                found.setdefault(record.order_id, [entry.payload])
    return found


async def _all_arrived(engine: Engine) -> None:
    """Let what was under way to a replayed exchange at the kill arrive."""
    while engine.venue.market.line.under_way:  # noqa: ASYNC110 - no event tells
        await asyncio.sleep(0.01)  # the paused runner lets just so much time pass
    await durable(engine.venue.record([]))


def _check_exchange(engine: Engine) -> None:
    fold, exchange = engine.venue.fold, engine.venue.market.exchange
    assert exchange.accounts() == fold.accounts()
    for account in fold.accounts():
        assert exchange.balances(account) == fold.balances(account)
        assert exchange.open_orders(account) == fold.orders(account)
