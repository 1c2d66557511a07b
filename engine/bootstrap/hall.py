"""A public exchange's market for many paper accounts, no desktop around it: what a server runs as a hub.

    hall = await open_hall(Profile(data_dir).venue("binance"), spec_of("binance"), store=store)
    await hall.start()          it connects by itself, and goes on trying

The accounts are what the venue's own journal says. The hall is there whether the venue can be reached or not: until
then its books are not known, and after a start every open order waits at the back of its
queue (`engine.exchange.live`).
One connection serves everybody.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from functools import partial

from engine.adapters.exchanges.feed.feed import History
from engine.adapters.exchanges.venue.connection import Connection
from engine.adapters.exchanges.venue.spec import VenueSpec
from engine.adapters.paper.live_runner import LiveRunner
from engine.adapters.paper.past import Past, read_past
from engine.adapters.paper.recovery import How, RecoveryReport, seat_all
from engine.adapters.paper.venue import PaperVenue
from engine.adapters.sql.chaincheck import look_again
from engine.adapters.sql.journal import SqlJournal
from engine.adapters.sql.logtail import read_tail
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.restore import finish
from engine.adapters.sql.sqlitestore import store_of
from engine.adapters.sql.store import Store
from engine.bootstrap.exchange import PRICE_BAND_BPS
from engine.bootstrap.hall_engine import HallEngine as HallEngine
from engine.bootstrap.hall_engine import HallFeed
from engine.bus import Bus
from engine.domain.command import ListPair
from engine.domain.course import MarketOpened
from engine.domain.number import Nanos
from engine.domain.order import AccountId
from engine.exchange.live import LiveMarket
from engine.exchange.packing import pack
from engine.profile import Profile, ProfileLock
from engine.risk.gate import RiskGate
from engine.risk.limits import RiskLimits
from engine.services.offload import offload

KIND = "live"
"""Of the market, in the journal."""

log = logging.getLogger(__name__)


async def open_hall(
    home: Profile,
    spec: VenueSpec,
    *,
    store: Store | None = None,
    wanted: Iterable[str] = (),
    history: History | None = None,
) -> HallEngine:
    """Open the market of a venue: recover its accounts, or begin with none; nothing is asked of the venue yet.

    Args:
        home: the directory of this venue's hall; one process at a time has it.
        spec: the venue, perhaps one on this machine.
        store: the database of its journal; None is the file in the directory.
        wanted: symbols to follow.
        history: puts a cache before the venue's bars.

    Raises:
        ProfileInUse: another process is the writer.
        StorageUnavailable, StorageCorrupt, StorageTooNew: its journal cannot be used.
    """
    lock = ProfileLock(home)
    try:
        finish(home.database)
        await offload(read_tail, home.database)
        return await _open(home, spec, store_of(store or home.database), lock, tuple(wanted), history)
    except BaseException:
        lock.release()
        raise


async def _open(
    home: Profile, spec: VenueSpec, store: Store, lock: ProfileLock, wanted: tuple[str, ...], history: History | None
) -> HallEngine:
    bus, gate = Bus(), RiskGate(RiskLimits(max_price_deviation_bps=PRICE_BAND_BPS))
    exists = await offload(store.revision) is not None
    journal = SqlJournal(store, deliver=asyncio.get_running_loop().call_soon_threadsafe, on_state=bus.publish)
    connection = Connection(spec, bus)
    try:
        await asyncio.wrap_future(journal.ready)
        past, last_at = await offload(_read, store) if exists else (Past(), Nanos(0))
        feed = HallFeed(bus, connection, last_at, history)
        market = HallMarket(past.pairs.values(), at=last_at, gate=gate)
        seat_all(past, market)
        report = _report(spec, past)
        engaged = tuple(_engaged(past))
        journal.begin(past)
        venue = PaperVenue(bus, journal, market, past.books.fold, AccountId(""), folds=False)
        if past.market is None:
            venue.record([MarketOpened(KIND, 0, market.now)])
        unlisted = [pair for pair in market.exchange.pairs() if past.pairs.get(pair.symbol) != pair]
        if unlisted:
            venue.record([ListPair(pair) for pair in unlisted])
        runner = LiveRunner(bus, journal, venue, market, feed, seed=past.records)
        runner.save()
    except BaseException:
        await connection.close()
        await offload(journal.close, 0.0)
        raise
    log.info("hall open", extra={"venue": spec.name, "records": report.records, "how": report.how})
    return HallEngine(
        spec=spec, bus=bus, journal=journal, venue=venue, feed=feed, runner=runner, market=market, recovery=report,
        past=past, wanted=wanted, engaged=engaged, opened_ms=time.time_ns() // 1_000_000,
        _connection=connection, _lock=lock,
    )  # fmt: skip


class HallMarket(LiveMarket):
    """The market of a hall, with more accounts than should be written down every few seconds."""

    def freeze(self) -> Callable[[], bytes]:
        """Return what makes a dump of the instant alone: a start goes by the journal and the feed."""
        return partial(pack, "live", {"now": self.now})


def _report(spec: VenueSpec, past: Past) -> RecoveryReport:
    """Return how the start went."""
    waiting = sum(len(past.fold.orders(account)) for account in past.fold.accounts())
    if past.market is None:
        return RecoveryReport(How.FIRST, 0, 0, 0, f"Paper accounts on {spec.title} were opened for the first time.")
    text = f"Nothing was filled while this was closed; {waiting:,} open orders wait at the back of their queues."
    return RecoveryReport(How.SEATED, past.records, 0, waiting, text)


def _read(store: Store) -> tuple[Past, Nanos]:
    """Return what the journal says, and the last instant at which the hall is known to have run."""
    look_again(store)
    with Reader(store) as reader:
        past = read_past(reader)
        snapshot = reader.snapshot()
        return past, max(past.last_at, Nanos(snapshot.at if snapshot is not None else 0))


def _engaged(past: Past) -> Iterable[str]:
    """Return the pairs in which something is held or open."""
    fold = past.fold
    for account in fold.accounts():
        yield from (order.symbol for order in fold.orders(account))
        yield from (each.symbol for each in fold.positions(account) if each.qty)
