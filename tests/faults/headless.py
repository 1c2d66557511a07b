"""What is killed: a headless engine that trades in every way, and smaller programs that write files.

Each is a function of a job (see `Job`) and runs until it is killed or has done what it was asked for. It writes one
JSON line per thing that it sent or that it was told, at once, so that a test knows what was promised before the end:
`{"said": "open" | "sent" | "told" | "closed", "kind": …, "payload": …}`; kind and payload are as in the journal.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from random import Random

from crs_desktop.viewmodels.drawings.desk import FILE
from crs_desktop.viewmodels.drawings.file import DrawingFile
from crs_desktop.viewmodels.layout import Layout, LayoutFile
from crs_desktop.viewmodels.workspace import Workspace
from engine.adapters.files.alerts import AlertFile
from engine.adapters.sql import journal
from engine.adapters.sql.backup import create
from engine.adapters.sql.canonical import encode
from engine.adapters.sql.codec import FACTS
from engine.adapters.sql.manifest import Kind
from engine.adapters.sql.restore import restore
from engine.adapters.sql.tables import move
from engine.bootstrap import Engine, assembly, open_engine
from engine.domain.command import AmendOrder, CancelOrder, SubmitList, SubmitOrder
from engine.domain.course import TradingState
from engine.domain.event import OrderRejected
from engine.errors import CrsError
from engine.exchange.offline import load_market, open_market
from engine.observe import failpoint
from engine.ports.venue import ListAccepted, ListCancelled
from engine.profile import Profile
from engine.settings import Settings, changed, load, save
from tests.engine.adapters.small_market import load_small, open_small
from tests.faults.orders import Drawn

SPEED = 20.0
NOW_NS = 1_800_000_000 * 10**9


@dataclass(frozen=True, slots=True)
class Job:
    """What to run."""

    program: str
    directory: str
    said: str
    """The file of what was said."""
    seed: int = 1
    market: str = "small"
    failpoint: str = ""
    commands: int = 10**9
    """After so many the trader closes in order."""


class Trader:
    """Sends commands of every kind and moves the market about."""

    def __init__(self, engine: Engine, job: Job, say: Callable[..., None]) -> None:
        self._engine, self._job, self._say = engine, job, say
        self._random = Random(job.seed)  # noqa: S311 - a repeatable stream
        self._drawn = Drawn(engine, self._random)
        self.ending = asyncio.Event()

    async def run(self) -> None:
        """Trade until asked to end."""
        sent = 0
        while sent < self._job.commands and not self.ending.is_set():
            await asyncio.gather(*(self._act() for _ in range(4)))
            sent += 4
            await self._course()
            await asyncio.sleep(self._random.random() * 0.01)

    async def _act(self) -> None:
        random, drawn = self._random, self._drawn
        chosen: tuple[Callable[[], SubmitOrder | SubmitList | CancelOrder | AmendOrder | None], ...]
        chosen = (drawn.order, drawn.order, drawn.order, drawn.orders, drawn.cancel, drawn.amend)
        command = random.choice(chosen)()
        if command is None:
            return
        self._say("sent", command)
        with suppress(CrsError):  # refused by a disk or while closing: not acknowledged
            answer = await self._send(command)
            if isinstance(answer, ListAccepted | ListCancelled):
                for each in answer.orders:
                    self._say("told", each)
            else:
                self._say("told", answer)
            if isinstance(answer, OrderRejected) and random.random() < 0.2:
                await self._send(command)  # again, as somebody would who did not see the answer

    async def _send(self, command: SubmitOrder | SubmitList | CancelOrder | AmendOrder) -> object:
        venue = self._engine.venue
        if isinstance(command, SubmitOrder):
            return await venue.submit(command)
        if isinstance(command, SubmitList):
            return await venue.submit_list(command)
        return await (venue.cancel(command) if isinstance(command, CancelOrder) else venue.amend(command))

    async def _course(self) -> None:
        """Now and then save, jump, open another market, or pull the kill switch and let it go."""
        chance, engine = self._random.random(), self._engine
        with suppress(CrsError):
            if chance < 0.10:
                engine.runner.save()
            elif chance < 0.11:
                await engine.set_trading_state(TradingState.HALTED, "a test")
                await engine.set_trading_state(TradingState.ACTIVE)
            elif chance < 0.115:
                await engine.runner.restart()


async def trade(job: Job, say: Callable[..., None]) -> None:
    """Trade; SIGTERM ends it in order."""
    profile = Profile(Path(job.directory))
    if not profile.settings_file.exists():
        profile.create()
        settings = changed(Settings(), "account.starting_balances", {"USDT": 1_000_000, "BTC": 10})
        save(changed(settings, "risk.max_open_orders", 60), profile.settings_file)
    kind = "replay" if job.market == "replay" else "simulated"
    engine = await open_engine(profile, market=kind, seed=7, speed=SPEED)
    for fact in FACTS:
        engine.bus.subscribe(fact, lambda event: say("told", event))
    trader = Trader(engine, job, say)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, trader.ending.set)
    say("open")
    trading = asyncio.create_task(trader.run())
    ended = asyncio.create_task(trader.ending.wait())
    await asyncio.wait((trading, ended), return_when=asyncio.FIRST_COMPLETED)
    await engine.close()  # with commands under way: they are answered or refused
    await trading
    ended.cancel()
    say("closed")


def write(job: Job, say: Callable[..., None]) -> None:
    """Do one of the things that write files, as `crs` and the window do."""
    profile = Profile(Path(job.directory))
    match job.program:
        case "back_up":
            create(profile.database, Kind.MANUAL, NOW_NS)
        case "restore":
            newest = max((profile.data_dir / "backups").glob("crs-*.sqlite"))
            restore(profile.database, newest, NOW_NS)
        case "migrate":
            move(profile.database, job.market, NOW_NS)
        case "settings":
            save(changed(load(profile.settings_file), "market.seed", job.seed), profile.settings_file)
        case "drawings":
            DrawingFile(profile.data_dir / FILE).save({"pairs": {}, "tools": {"seed": job.seed}})
        case "alerts":
            AlertFile(profile.alerts_file).save(str(job.seed).encode())
        case "layout":
            LayoutFile(profile.layout_file).save(Layout((Workspace(symbol=f"S{job.seed}"),)))
    say("closed")


def run(job: Job) -> None:
    """Run a job in this process."""
    with open(job.said, "ab", buffering=0) as out:

        def say(what: str, fact: object = None) -> None:
            """Say something at once."""
            line = {"said": what}
            if fact is not None:
                line |= {"kind": type(fact).__name__, "payload": encode(fact)}
            out.write(json.dumps(line).encode() + b"\n")

        small = job.market not in ("simulated", "replay")
        assembly.open_market = open_small if small else open_market  # type: ignore[attr-defined]
        assembly.load_market = load_small if small else load_market  # type: ignore[attr-defined]
        journal.SNAPSHOT_RECORDS, journal.RECORDS_PER_ORDER = 60, 1
        failpoint.disarm()
        failpoint.arm(job.failpoint)
        if job.program == "trade":
            asyncio.run(trade(job, say))
        else:
            write(job, say)


def nursery() -> None:
    """Run each job that comes in as a JSON line in a fork of this process: what it needs is imported already.

    Prints two JSON lines per job: its process id, and how it ended, as `Popen.returncode` says it.
    """
    for name in ("engine.adapters.sql.migrations", "engine.adapters.sql.schema", "sqlalchemy.dialects.sqlite.pysqlite"):
        import_module(name)
    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            status = 1
            try:
                run(Job(**json.loads(line)))
                status = 0
            finally:
                if status:
                    traceback.print_exc()
                os._exit(status)
        print(json.dumps(child), flush=True)
        print(json.dumps(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])), flush=True)


if __name__ == "__main__":
    nursery()
