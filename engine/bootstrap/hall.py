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
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from engine.adapters.exchanges.connection import Connection
from engine.adapters.exchanges.feed import History, PublicFeed
from engine.adapters.exchanges.spec import VenueSpec
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
from engine.bootstrap.aftercheck import check_records
from engine.bootstrap.exchange import CHECK_AFTER_S, CHECK_PAUSE_S, PRICE_BAND_BPS
from engine.bootstrap.hallpairs import chosen
from engine.bootstrap.public_account import rates_here
from engine.bus import Bus
from engine.domain.command import Command, ListPair
from engine.domain.course import MarketOpened
from engine.domain.instrument import InstrumentKind
from engine.domain.market import FeedState
from engine.domain.number import Nanos
from engine.domain.order import AccountId
from engine.errors import CrsError, InvalidInput
from engine.exchange.live import LiveMarket
from engine.ports.feed import FeedStateChanged
from engine.profile import Profile, ProfileLock
from engine.risk.gate import RiskGate
from engine.risk.limits import RiskLimits
from engine.services.offload import offload
from engine.services.task import TaskOwner

KIND = "live"
"""Of the market, in the journal."""

FIRST_TRY_S, LAST_TRY_S = 1.0, 60.0
"""How long the first try to reach the venue is waited after, and the longest pause between tries."""

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class HallEngine:
    """The running market of one venue; whoever opened it closes it."""

    spec: VenueSpec
    bus: Bus
    journal: SqlJournal
    venue: PaperVenue
    feed: PublicFeed
    runner: LiveRunner
    market: LiveMarket
    recovery: RecoveryReport
    past: Past
    """The journal's writer's; another thread's."""
    wanted: tuple[str, ...]
    """Symbols to follow, those that the venue lists; none: a short list of its own."""
    engaged: tuple[str, ...]
    """Symbols of what was held or open at the start."""
    opened_ms: int
    text: str = ""
    """Why nothing can be followed yet; empty when something is."""
    connects: int = 0
    """How often the venue's list of instruments was reached; 0: never in this run."""
    _connection: Connection
    _lock: ProfileLock
    _tasks: TaskOwner = field(default_factory=lambda: TaskOwner("hall"))

    @property
    def name(self) -> str:
        """The venue's name."""
        return self.spec.name

    @property
    def title(self) -> str:
        """Its name for the screen."""
        return self.spec.title

    @property
    def trades(self) -> bool:
        """Whether paper orders are taken; contracts are shown only."""
        return self.spec.kind is InstrumentKind.SPOT

    @property
    def now(self) -> Nanos:
        """The venue's time; this machine's until it was asked."""
        return self._connection.now

    @property
    def epoch(self) -> int:
        """Which writer this is."""
        return self.journal.epoch or self.opened_ms

    async def start(self) -> None:
        """Let the market move and begin to reach for the venue; who wants to hear of all of it subscribes before."""
        self.runner.start()
        last, journal = self.recovery.records, self.journal
        self._tasks.start(check_records(journal.store, journal, last, CHECK_AFTER_S, CHECK_PAUSE_S))
        self._tasks.start(self._connect())

    async def close(self) -> None:
        """Take nothing more, write what waits, let the venue and the directory go."""
        await self._tasks.join()
        self.venue.close()
        await self.feed.close()
        await self.runner.close()
        await offload(self.journal.close)
        self._lock.release()

    async def welcome(self, opening: Sequence[Command], account: AccountId) -> None:
        """Open an account with money, at the fees that the venue has now, as one transaction.

        Raises:
            VenueUnavailable, StorageUnavailable: it was not opened.
        """
        listed, offered = self.market.exchange.pairs(), self.feed.pairs()
        await self.venue.execute([*opening, *rates_here(listed, offered, (account,), {})])

    # Reaching the venue

    async def _connect(self) -> None:
        """Try until the venue is reached, then follow what is wanted."""
        pause_s, connection = FIRST_TRY_S, self._connection
        self._say(f"Connecting to {self.title}…")
        while True:
            try:
                await connection.ask(
                    connection.dialect.ask_time(), patience_s=0.0
                )  # it says at once if nobody is there
                await connection.open()
                break
            except CrsError as error:
                self._say(f"{error} Next try in {pause_s:.0f} s.")
                log.warning("upstream not reached", extra={"venue": self.name, "text": str(error)})
            await asyncio.sleep(pause_s * random.uniform(0.8, 1.2))  # noqa: S311 - so that many do not come at once
            pause_s = min(LAST_TRY_S, 2 * pause_s)
        self.connects += 1
        await self._follow()

    async def _follow(self) -> None:
        symbols, missing = chosen(self.spec, self.feed.instruments(), self.wanted)
        if missing:
            log.warning("pairs that are not listed", extra={"venue": self.name, "pairs": missing})
        for symbol in dict.fromkeys((*symbols, *self.engaged, *self._with_orders())):
            try:
                await self.feed.follow(symbol)
            except InvalidInput as error:
                log.warning("a pair is not followed: %s", error)
        if not self.feed.pairs():
            self._say(f"{self.title} lists nothing of what was asked for: {', '.join(missing) or 'no pair at all'}.")
            return
        self.text = ""
        await self._renew_fees()

    async def _renew_fees(self) -> None:
        """Give every account the fees that the venue has now, where they are others."""
        exchange = self.market.exchange
        changed = rates_here(exchange.pairs(), self.feed.pairs(), exchange.accounts(), self.past.rates)
        if not changed:
            return
        try:
            await self.venue.execute(changed)
        except CrsError as error:
            log.warning("fees not renewed: %s", error)

    def _with_orders(self) -> Iterable[str]:
        exchange = self.market.exchange
        return (order.symbol for account in exchange.accounts() for order in exchange.open_orders(account))

    def _say(self, text: str) -> None:
        self.text = text
        self.bus.publish(FeedStateChanged(FeedState.CONNECTING, text, self.feed.now))


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
        market = LiveMarket(past.pairs.values(), at=last_at, gate=gate)
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


class HallFeed(PublicFeed):
    """The feed of a hall: its time stands still until the venue was asked for it."""

    def __init__(self, bus: Bus, connection: Connection, since: Nanos, history: History | None) -> None:
        super().__init__(bus, connection, history=history)
        self._since = since

    @property
    def now(self) -> Nanos:
        """The venue's time, however wrong this machine's clock is; before it is known, when the hall was closed."""
        return self._connection.now if self._connection.clock.is_measured else self._since


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
