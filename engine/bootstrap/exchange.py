"""The exchange alone: many accounts, no desktop around it. What a server runs.

Recovered as a desktop's profile is: the journal is folded, the market loaded from its snapshot and run again.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from engine.adapters.paper.feed import OfflineFeed
from engine.adapters.paper.past import Past, read_past
from engine.adapters.paper.recovery import How, Makers, RecallingGate, RecoveryReport, recover, seat_all
from engine.adapters.paper.venue import PaperVenue
from engine.adapters.paper.wallclock import LEAD, WallClockRunner
from engine.adapters.sql.bartable import BarTable
from engine.adapters.sql.chaincheck import look_again
from engine.adapters.sql.journal import SqlJournal
from engine.adapters.sql.logtail import read_tail
from engine.adapters.sql.pool import pooled
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.restore import finish
from engine.adapters.sql.sqlitestore import store_of
from engine.adapters.sql.store import Store
from engine.bootstrap.aftercheck import check_records
from engine.bootstrap.barkeeper import BarKeeper
from engine.bus import Bus
from engine.domain.command import ListPair
from engine.domain.course import MarketOpened
from engine.domain.number import Nanos
from engine.domain.order import AccountId
from engine.errors import ProfileInUse, StorageUnavailable
from engine.exchange.offline import OfflineMarket, load_market, open_market
from engine.ports.clock import Clock, SystemClock
from engine.profile import Profile, ProfileLock
from engine.risk.gate import RiskGate
from engine.risk.limits import RiskLimits
from engine.services.offload import offload
from engine.services.task import TaskOwner

PRICE_BAND_BPS = 5_000
"""Server accounts have one limit unless told otherwise: half the market price either way."""

if TYPE_CHECKING:
    from sqlalchemy import Engine as SqlEngine

CHECK_AFTER_S, CHECK_PAUSE_S = 3.0, 0.03
"""Wall time from the start to the check of the whole journal, and between its pieces."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class ExchangeEngine:
    """A running exchange; whoever opened it closes it."""

    profile: Profile
    bus: Bus
    journal: SqlJournal
    venue: PaperVenue
    feed: OfflineFeed
    runner: WallClockRunner
    keeper: BarKeeper
    gate: RiskGate
    recovery: RecoveryReport
    _lock: ProfileLock
    opened_ms: int
    """When, by this machine's clock."""
    _own_database: SqlEngine | None = None
    _tasks: TaskOwner = field(default_factory=lambda: TaskOwner("exchange"))

    @property
    def epoch(self) -> int:
        """Which writer this is; a later one has a higher number, and its events count."""
        return self.journal.epoch or self.opened_ms

    async def start(self) -> None:
        """Bring the market to the present and let it move; who wants to hear of all of it subscribes before.

        Raises:
            StorageUnavailable: the disk refuses.
        """
        await self.runner.catch_up()
        await self.keeper.mend()
        self.runner.start()
        last, journal = self.recovery.records, self.journal
        self._tasks.start(check_records(journal.store, journal, last, CHECK_AFTER_S, CHECK_PAUSE_S))

    async def close(self) -> None:
        """Take nothing more, write what waits, keep the market, give the profile free."""
        await self._tasks.join()
        self.venue.close()
        await self.runner.close()
        await self.keeper.keep(self.runner.market.traded())
        await self.keeper.close()
        await offload(self.journal.close)
        if self._own_database is not None:
            self._own_database.dispose()
        self._lock.release()


async def open_exchange(
    profile: Profile,
    *,
    seed: int,
    store: Store | None = None,
    database: SqlEngine | None = None,
    clock: Clock | None = None,
) -> ExchangeEngine:
    """Open the exchange of a data directory: recover it, or make it at this very hour; `start` lets it move.

    Args:
        profile: the data directory; one process at a time has it.
        seed: of a new market.
        store: the database; None is the file in the data directory.
        database: the same, to keep closed bars in; whoever made it disposes of it.
        clock: what the market keeps to; None is this machine's.

    Raises:
        ProfileInUse: another process is the writer.
        StorageUnavailable, StorageCorrupt, StorageTooNew: its journal cannot be used.
    """
    lock = data_lock(profile)
    try:
        finish(profile.database)
        await offload(read_tail, profile.database)
        door = store_of(store or profile.database)
        bars = database or pooled(f"sqlite:///{profile.database}")
        engine = await _open(profile, door, lock, seed, bars, clock or SystemClock())
        engine._own_database = bars if database is None else None
        return engine
    except BaseException:
        lock.release()
        raise


def data_lock(profile: Profile) -> ProfileLock:
    """Return the right to write to a server's data directory.

    Raises:
        ProfileInUse: another process has it.
        StorageUnavailable: it cannot be written.
    """
    try:
        return ProfileLock(profile)
    except StorageUnavailable as error:
        said = str(error).replace("profile directory", "data directory").replace("--profile-dir", "--data-dir")
        raise StorageUnavailable(said) from error
    except ProfileInUse as error:
        raise ProfileInUse(
            f"Another CRS program has the data directory {profile.data_dir}. "
            "Stop it, or choose another with --data-dir."
        ) from error


async def _open(
    profile: Profile, store: Store, lock: ProfileLock, seed: int, database: SqlEngine, clock: Clock
) -> ExchangeEngine:
    bus, gate = Bus(), RiskGate(RiskLimits(max_price_deviation_bps=PRICE_BAND_BPS))
    exists = await offload(store.revision) is not None
    journal = SqlJournal(store, deliver=asyncio.get_running_loop().call_soon_threadsafe, on_state=bus.publish)
    try:
        await asyncio.wrap_future(journal.ready)
        recalling = RecallingGate(gate)
        makers = Makers(recalling, partial(_open_market, recalling), partial(load_market, gate=recalling))
        past, market, report = await offload(_start, store, makers, seed, exists)
        opened = past.market or MarketOpened("simulated", seed, market.now)
        journal.begin(past)
        venue = PaperVenue(bus, journal, market, past.books.fold, AccountId(""), folds=False)
        feed = OfflineFeed(bus, market)
        keeper = BarKeeper(bus, feed, BarTable(database, venue.pairs()))
        runner = WallClockRunner(
            bus, journal, venue, feed,
            make_market=makers.open, seat=partial(_seat_from, store), kind=opened.kind, seed=opened.seed,
            coarse=past.coarse_at(past.records), clock=clock, keep=keeper.keep,
        )  # fmt: skip
        records: list[object] = [ListPair(pair) for pair in venue.pairs() if past.pairs.get(pair.symbol) != pair]
        if past.market is None:
            records.append(opened)
        if records:
            venue.record(records)
        if past.market is None:
            await runner.jump(Nanos(clock.wall() - LEAD))
        runner.save()
    except BaseException:
        await offload(journal.close, 0.0)
        raise
    log.info("exchange open", extra={"how": report.how, "records": report.records})
    opened_ms = clock.wall() // 1_000_000
    return ExchangeEngine(profile, bus, journal, venue, feed, runner, keeper, gate, report, lock, opened_ms)


def _start(store: Store, makers: Makers, seed: int, exists: bool) -> tuple[Past, OfflineMarket, RecoveryReport]:
    if exists:
        look_again(store)
        with Reader(store) as reader:
            past = read_past(reader)
            if past.market is not None:
                market, report = recover(past, reader, makers)
                return past, market, report
    market = makers.open("simulated", seed)
    return Past(), market, RecoveryReport(How.FIRST, 0, 0, 0, "A new exchange was opened.")


def _open_market(gate: RecallingGate, kind: str, seed: int) -> OfflineMarket:
    return open_market(kind, seed=seed, gate=gate)


def _seat_from(store: Store, market: OfflineMarket) -> None:
    with Reader(store) as reader:
        seat_all(read_past(reader), market)
