"""Rows 21, 29, 31 and 48: locks, clocks, sleep and SIGTERM; nothing waits by the wall clock, nothing leaps."""

from __future__ import annotations

import ast
import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from engine.adapters.paper.runner import LONGEST_S
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import verify
from engine.bootstrap import open_engine
from engine.domain.event import OrderAccepted
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND
from engine.domain.order import Side
from engine.errors import StorageUnavailable
from engine.ports.journal import StorageStateChanged
from engine.profile import Profile
from engine.services.bars import BarClosed
from tests.engine.adapters.desk import limit, opened, works_again
from tests.engine.adapters.small_market import MIDDLE, SYMBOL
from tests.faults.headless import SPEED
from tests.faults.machine import Machine, Nursery

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("small_market")]

ROOT = Path(__file__).resolve().parents[2]
LOW = MIDDLE - 5_000
HOUR_S = 3_600
STALL_MS = 1_500.0
"""What the loop may be late on a busy machine; a lock that it waited for would make it two seconds."""

LOCKS = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("ROLLBACK")
"""


@contextmanager
def locked(database: Path, seconds: float) -> Iterator[None]:
    """Let another process lock a database for a while."""
    command = [sys.executable, "-c", LOCKS, str(database), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        yield
        assert other.wait() == 0


async def trades_through_a_lock(directory: Path, seconds: float) -> None:
    engine = await open_engine(Profile(directory), speed=1)
    try:
        states: list[bool] = []
        engine.bus.subscribe(StorageStateChanged, lambda event: states.append(event.ok))
        kept = limit(engine, Side.BUY, LOW)
        with locked(engine.profile.database, seconds):
            refused = 0
            while engine.journal.failure is None:
                with pytest.raises(StorageUnavailable, match=r"has locked the database.*resumes"):
                    await engine.orders.submit(kept)
                refused += 1
            assert engine.runner.text, "the market goes on while nothing can be kept"
            with Reader(engine.profile.database) as reader:  # whoever only looks is not kept from it
                assert reader.table("portfolio_balance")
            await works_again(engine, seconds + 20)
        assert isinstance(await engine.orders.submit(kept), OrderAccepted)
        assert (refused, states) == (1, [False, True])
        assert engine.watchdog.stalls.summary().max < STALL_MS, "the loop waited for the lock"
    finally:
        await engine.close()
    with Reader(directory / "crs.sqlite") as reader:
        verify(reader)


async def test_row_21_sqlite_locked(tmp_path: Path) -> None:
    await trades_through_a_lock(tmp_path, 3)


@pytest.mark.soak
async def test_row_21_sqlite_locked_30_s(tmp_path: Path) -> None:
    await trades_through_a_lock(tmp_path, 30)


READS_THE_WALL = {
    "engine/ports/clock.py": "the one clock",
    "engine/adapters/sql/backup.py": "the age of a file",
    "engine/adapters/sql/tables.py": "the name of a backup",
    "crs_desktop/startup.py": "the age of the process",
    "crs_desktop/shell/dialogs.py": "the name of a report",
    "engine/adapters/crs/http.py": "when a server told to wait until, if it did not tell its own time",
    "engine/adapters/sql/postgres/fence.py": "since when a writer writes, for people",
    "engine/cli/server_signin.py": "when a token ends, and when a request was signed",
    "engine/server/auth/mail.py": "the name of a letter's file",
    "engine/server/link/clerk.py": "whether somebody on another machine still waits (ADR 14)",
    "engine/server/link/remote.py": "until when that is",
    "engine/server/observe/figures.py": "for how long a process runs, for people",
    "engine/server/observe/monitor.py": "since when",
    "engine/server/redis/keep.py": "how old is what several machines share",
    "engine/server/core/nothing.py": "the time of a server that has no market",
    "engine/bootstrap/hall.py": "which writer is the later one",
    "engine/adapters/exchanges/net/refused.py": "when an exchange told to wait until, if it did not tell its own time",
    "engine/adapters/exchanges/loopback/binance/rest.py": "the minute in which an exchange counts requests",
    "engine/adapters/practice/ledger.py": "the time of blocks: no block is earlier than the one before",
    "engine/adapters/practice/store.py": "the age of a file",
    "engine/cli/feed_serve.py": "when the market of a loopback exchange begins",
}
"""Who reads the wall clock, and what for: no timeout within a machine is of it."""


def test_row_29_clock_no_timeout_is_of_the_wall() -> None:
    found = set()
    for package in ("engine", "crs_desktop"):
        for path in (ROOT / package).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if name.startswith("engine/cli/bench"):
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
                if called in ("time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "date.today"):
                    found.add(name)

    assert found <= READS_THE_WALL.keys(), "a clock that a person can set decides something"


@pytest.mark.parametrize("hours", [2, -2])
async def test_row_29_clock_jumps(hours: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.time_ns
    engine = await open_engine(Profile(tmp_path), speed=60)
    try:
        closed: list[BarClosed] = []
        engine.bus.subscribe(BarClosed, closed.append)
        await engine.bars.watch(SYMBOL, Timeframe.S1)
        first, begun = limit(engine, Side.BUY, LOW), time.monotonic()
        market_begun = engine.runner.now
        await engine.orders.submit(first)
        await asyncio.sleep(0.5)
        monkeypatch.setattr(time, "time_ns", lambda: real() + hours * HOUR_S * NANOS_PER_SECOND)
        monkeypatch.setattr(time, "time", lambda: real() / NANOS_PER_SECOND + hours * HOUR_S)
        await asyncio.sleep(0.5)
        assert isinstance(await engine.orders.submit(limit(engine, Side.BUY, LOW - 1)), OrderAccepted)
        passed_s = (engine.runner.now - market_begun) / NANOS_PER_SECOND

        assert 0 < passed_s <= (time.monotonic() - begun) * 60
        starts = [each.bar.start for each in closed]
        assert len(starts) > 5
        assert starts == sorted(set(starts)), "a bar came twice, or out of order"
        history = await engine.bars.history(SYMBOL, Timeframe.S1, count=100)
        assert list(history.start) == sorted(set(history.start))
    finally:
        await engine.close()
    with Reader(tmp_path / "crs.sqlite") as reader:
        verify(reader)
        ordered = [entry.ts_ns for entry in reader.entries()]
    assert ordered == sorted(ordered), "the journal is in the order of the machine's clock"


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone of a process cannot be set here")
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_row_29_clock_daylight_saving(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from crs_desktop.viewmodels.format import clock, date_clock

    nights = [1_792_890_000, 1_774_746_000]  # 2026-10-25 01:00 and 2026-03-29 01:00 UTC, when Europe changes
    instants = [(night + minute * 60) * NANOS_PER_SECOND for night in nights for minute in range(-180, 181, 30)]
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    expected = [(clock(each), date_clock(each)) for each in instants]
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        shown = [(clock(each), date_clock(each)) for each in instants]
    finally:
        monkeypatch.undo()
        time.tzset()

    assert shown == expected
    assert len(set(shown)) == len(instants), "two instants look the same"


async def test_row_31_suspend_and_resume_by_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.monotonic
    async with opened(tmp_path, speed=1) as running:
        running.runner.resume()
        await asyncio.sleep(0.3)
        order, before = limit(running, Side.BUY, LOW), running.runner.now
        sent = asyncio.create_task(running.orders.submit(order))
        await asyncio.sleep(0)

        monkeypatch.setattr(time, "monotonic", lambda: real() + 8 * HOUR_S)
        answer = await sent
        await asyncio.sleep(0.3)

        assert isinstance(answer, OrderAccepted)
        assert answer.at == before, "the order was sent into another market than it was meant for"
        assert running.runner.now - before < (LONGEST_S + 5) * NANOS_PER_SECOND, "the market leapt"
        assert [each.order_id for each in running.orders.open()] == [order.order_id]


def test_row_31_suspend_and_resume_of_the_process(tmp_path: Path, forks: Nursery) -> None:
    machine, asleep_s = Machine(forks, tmp_path / "profile"), 2.0
    job = machine.job(seed=31)

    def sleep_and_wake(process: int) -> None:
        os.kill(process, signal.SIGSTOP)
        time.sleep(asleep_s)
        os.kill(process, signal.SIGCONT)
        time.sleep(0.5)
        os.kill(process, signal.SIGTERM)

    ended = forks.run(job, after_open=(0.5, sleep_and_wake))

    assert ended.status == 0
    machine.check(ended)
    with Reader(machine.directory / "crs.sqlite") as reader:
        times = [entry.ts_ns for entry in reader.entries()]
    leap_s = max(after - before for before, after in pairwise(times)) / NANOS_PER_SECOND
    assert leap_s < asleep_s * SPEED * 0.75, f"the market leapt {leap_s:.0f} s"


@pytest.mark.parametrize(
    ("disk", "after_s"), [("", 0.5), ("journal.before_commit:1+=pause 0.05", 1.0)], ids=["quick disk", "slow disk"]
)
def test_row_48_sigterm_under_load(disk: str, after_s: float, tmp_path: Path, forks: Nursery) -> None:
    machine = Machine(forks, tmp_path / "profile")

    ended = forks.run(machine.job(seed=48, failpoint=disk), after_open=(after_s, lambda process: os.kill(process, 15)))

    assert ended.status == 0
    assert ended.lines[-1]["said"] == "closed"
    assert len(ended.told) > 5
    machine.check(ended)
    assert machine.seen["rerun"] == 1


@pytest.mark.soak
def test_row_48_sigterm_while_the_disk_refuses(tmp_path: Path, forks: Nursery) -> None:
    machine = Machine(forks, tmp_path / "profile")
    job = machine.job(seed=49, failpoint="journal.before_write:30+=error EIO")

    ended = forks.run(job, after_open=(1.0, lambda process: os.kill(process, 15)))

    assert (ended.status, ended.lines[-1]["said"]) == (0, "closed")
    machine.check(ended)
