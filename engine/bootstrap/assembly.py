"""Putting the parts together: recover what was, or make what never was, and start."""

from __future__ import annotations

import copy
import logging
from dataclasses import dataclass, field
from functools import partial

from engine.adapters.paper.feed import OfflineFeed
from engine.adapters.paper.past import Past, read_past
from engine.adapters.paper.recovery import How, Makers, RecallingGate, RecoveryReport, recover, seat_all
from engine.adapters.paper.runner import MarketRunner
from engine.adapters.paper.venue import PaperVenue
from engine.adapters.sql.chaincheck import look_again
from engine.adapters.sql.journal import SqlJournal
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.recent import read_orders
from engine.adapters.sql.statement import last_trading
from engine.bootstrap.account import account_to_use
from engine.bootstrap.engine import Engine, first_commands, past_of
from engine.bootstrap.ground import Ground, opened_journal, parts_on, prepare
from engine.bus import Bus
from engine.domain.command import Command, ListPair
from engine.domain.course import MarketOpened, TradingStateChanged
from engine.exchange.offline import OfflineMarket, load_market, open_market
from engine.market.recording import Recordings
from engine.portfolio.fold import Fold
from engine.ports.secrets import SecretStore
from engine.profile import Profile, ProfileLock
from engine.risk.gate import RiskGate
from engine.services.latency import latency_of
from engine.services.limits import limits_of
from engine.services.offload import offload
from engine.services.order_fold import OrderPast
from engine.settings import Settings, load

log = logging.getLogger(__name__)


async def open_engine(
    profile: Profile,
    *,
    market: str | None = None,
    seed: int | None = None,
    speed: float | None = None,
    secrets: SecretStore | None = None,
    lock: ProfileLock | None = None,
) -> Engine:
    """Open a profile: recover its accounts and market, or make the first ones, and start.

    Args:
        profile: where the data lives; made if missing.
        market: `simulated` or `replay`; None goes on with what ran last.
        seed: of a simulated market; None goes on with what ran last.
        speed: market seconds per second; None takes the setting.
        secrets: where the key of encrypted accounts is; None finds the place that this machine has.
        lock: shared by another engine of this program on the same profile (`FrontEngine.share_lock`); it is given back
            if nothing opens.

    Raises:
        ProfileInUse: another program runs on this profile.
        InvalidSetting: the settings file holds a bad value.
        SecretsLocked: the accounts are encrypted, and a passphrase must bring their key first.
        StorageUnavailable: the disk refuses.
        StorageCorrupt: the journal is damaged.
        StorageTooNew: a newer version wrote it.
    """
    lock = lock or ProfileLock(profile)
    try:
        settings = load(profile.settings_file)
        await prepare(profile, secrets)
        return await open_on(profile, profile, settings, lock, (market, seed), speed)
    except BaseException:
        lock.release()
        raise


Asked = tuple[str | None, int | None]
"""Which market somebody wants: its kind and seed; None goes on with what ran last."""


async def open_on(
    profile: Profile,
    home: Profile,
    settings: Settings,
    lock: ProfileLock,
    asked: Asked,
    speed: float | None,
    recordings: Recordings | None = None,
) -> Engine:
    """Open the offline accounts of a directory; `recordings` finds the market of `recording:NAME`. Errors as above."""
    bus, gate = Bus(), RiskGate(limits_of(settings))
    recalling = RecallingGate(gate)
    open_one = partial(_open_market, recalling, recordings)
    makers = Makers(recalling, open_one, partial(load_market, gate=recalling, recordings=recordings))
    async with opened_journal(home, bus) as (journal, exists):
        start = await offload(_start, home, settings, makers, asked, exists)
        return await _assemble(profile, home, settings, lock, bus, gate, journal, start, speed, asked)


@dataclass(frozen=True, slots=True)
class _Start:
    """What there is to go on with."""

    past: Past
    fold: Fold
    market: OfflineMarket
    report: RecoveryReport
    opened: MarketOpened
    makers: Makers
    orders: OrderPast = field(default_factory=OrderPast)
    """Of the account to use."""
    trading: TradingStateChanged | None = None
    """The last change of the kill switch."""


def _start(home: Profile, settings: Settings, makers: Makers, asked: Asked, exists: bool) -> _Start:
    """Read the journal and make the market; runs off the loop."""
    if exists:
        look_again(home.database)
        with Reader(home.database) as reader:
            past = read_past(reader)
            if past.market is not None:
                market, report = recover(past, reader, makers)
                fold = copy.deepcopy(past.books.fold)
                orders = read_orders(reader, account_to_use(settings, fold.accounts()))
                return _Start(past, fold, market, report, past.market, makers, orders, last_trading(reader))
    else:
        past = Past()
    first = (asked[0] or settings.market.kind, settings.market.seed if asked[1] is None else asked[1])
    market = makers.open(*first)
    report = RecoveryReport(How.FIRST, past.records, 0, 0, "A new paper account was opened.")
    return _Start(past, copy.deepcopy(past.books.fold), market, report, MarketOpened(*first, market.now), makers)


def _open_market(gate: RecallingGate, recordings: Recordings | None, kind: str, seed: int) -> OfflineMarket:
    return open_market(kind, seed=seed, gate=gate, recordings=recordings)


async def _assemble(
    profile: Profile,
    home: Profile,
    settings: Settings,
    lock: ProfileLock,
    bus: Bus,
    gate: RiskGate,
    journal: SqlJournal,
    start: _Start,
    speed: float | None,
    asked: Asked,
) -> Engine:
    past, market = start.past, start.market
    account = account_to_use(settings, start.fold.accounts())
    pairs, kind = market.exchange.pairs(), start.opened.kind
    first = None if account in start.fold.accounts() else first_commands(kind, account, pairs, settings)
    journal.begin(past)
    venue = PaperVenue(bus, journal, market, start.fold, account)
    feed = OfflineFeed(bus, market)
    runner = MarketRunner(
        bus,
        journal,
        venue,
        feed,
        make_market=start.makers.open,
        seat=partial(_seat_from, home),
        kind=kind,
        seed=start.opened.seed,
        speed=settings.market.speed if speed is None else speed,
        coarse=past.coarse_at(past.records),
    )
    ground = Ground(
        profile=profile,
        home=home,
        settings=settings,
        bus=bus,
        journal=journal,
        venue=venue,
        feed=feed,
        gate=gate,
        past=past,
        fold=start.fold,
        orders=start.orders,
        trading=start.trading,
        report=start.report,
        lock=lock,
        past_prints=feed.past_prints,
    )
    engine = Engine(runner=runner, **parts_on(ground))
    try:
        await _begin(engine, start, first, asked)
    except BaseException:
        await offload(journal.close, 0.0)  # nothing that waits was acknowledged: no need to wait for a full disk
        await engine.close()
        raise
    engine.start()
    log.info("engine open", extra={"how": start.report.how, "records": start.report.records, "account": account})
    return engine


async def _begin(engine: Engine, start: _Start, first: list[Command] | None, asked: Asked) -> None:
    """Take up the account, journal what is new (pairs, market, first account), and open the market asked for."""
    venue, runner, past = engine.venue, engine.runner, start.past
    if first is None:
        await engine.lots.take_up(venue.account)
    records: list[object] = [ListPair(pair) for pair in venue.pairs() if past.pairs.get(pair.symbol) != pair]
    if past.market is None:
        records.append(start.opened)
    if records:
        venue.record(records)
    if first is not None:
        await venue.execute(first)
    runner.set_latency(latency_of(engine.settings))
    if start.report.how is not How.RERUN:
        runner.save()
    kind, seed = asked[0] or runner.kind, runner.seed if asked[1] is None else asked[1]
    if (kind, seed) != (runner.kind, runner.seed):
        await runner.restart_with(kind, seed)


def _seat_from(profile: Profile, market: OfflineMarket) -> None:
    seat_all(past_of(profile), market)
