"""The composition root: a profile becomes a running engine.

The only place where the parts meet. Everything a front needs hangs on `Engine`; whoever opened it
closes it, which writes what waits, keeps the state of the market and gives the profile free.
"""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from engine.adapters.paper.feed import OfflineFeed
from engine.adapters.paper.killswitch import KillSwitch
from engine.adapters.paper.past import Past, read_past
from engine.adapters.paper.recovery import How, Makers, RecallingGate, RecoveryReport, recover, seat_all
from engine.adapters.paper.runner import MarketRunner
from engine.adapters.paper.venue import PaperVenue
from engine.adapters.sql.codec import FACTS
from engine.adapters.sql.database import REVISION, check_revision
from engine.adapters.sql.journal import SqlJournal
from engine.adapters.sql.reader import Reader
from engine.bus import Bus
from engine.domain.asset import Asset
from engine.domain.command import CancelOrder, Command, Deposit, ListPair, SetFees
from engine.domain.course import MarketOpened, TradingState
from engine.domain.order import AccountId, OrderId
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import InvalidInput, InvalidSetting
from engine.exchange.offline import OfflineMarket, load_market, open_market
from engine.market.catalogue import PAIRS
from engine.observe.watchdog import LoopWatchdog
from engine.portfolio.fold import Fold
from engine.ports.venue import AccountSelected
from engine.profile import Profile, ProfileLock
from engine.risk.gate import RiskGate
from engine.services.bars import Bars
from engine.services.limits import limits_of
from engine.services.market_data import MarketData
from engine.services.offload import offload
from engine.services.orders import Orders
from engine.services.portfolio import Portfolio
from engine.services.task import TaskOwner
from engine.settings import Settings, changed, load, save

ACCOUNT_PREFIX = "PAPER-"

MARK_S = 1.0
"""Wall time between valuations of the account."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Engine:
    """A running engine: one account on the offline market, its services and its journal."""

    profile: Profile
    settings: Settings
    bus: Bus
    journal: SqlJournal
    venue: PaperVenue
    feed: OfflineFeed
    runner: MarketRunner
    gate: RiskGate
    kill_switch: KillSwitch
    market_data: MarketData
    bars: Bars
    orders: Orders
    portfolio: Portfolio
    recovery: RecoveryReport
    _lock: ProfileLock
    watchdog: LoopWatchdog = field(default_factory=LoopWatchdog)
    _tasks: TaskOwner = field(default_factory=lambda: TaskOwner("engine"))

    def metrics(self) -> dict[str, object]:
        """Return what was measured since the start, each a distribution in milliseconds."""
        return {
            "order_acknowledged_ms": self.venue.acknowledged_ms.summary()._asdict(),
            "loop_stall_ms": self.watchdog.stalls.summary()._asdict(),
            "journal_waiting": self.journal.waiting,
        }

    @property
    def accounts(self) -> tuple[AccountId, ...]:
        """Every paper account of this profile, oldest first."""
        return self.venue.fold.accounts()

    async def apply(self, settings: Settings) -> None:
        """Make changed settings effective and keep them: risk limits and fees at once, the rest when next used.

        Raises:
            InvalidSetting: the file holds something that must not be overwritten.
            StorageUnavailable: the disk refuses.
        """
        limits = limits_of(settings)
        save(settings, self.profile.settings_file)
        before, self.settings = self.settings, settings
        self.gate.limits = limits
        fees = (settings.account.maker_fee, settings.account.taker_fee)
        if fees != (before.account.maker_fee, before.account.taker_fee):
            await self.venue.execute(fee_commands(self.venue.account, self.venue.pairs(), settings))

    async def set_trading_state(self, state: TradingState, reason: str = "") -> None:
        """Set the kill switch for every account, now and after a restart.

        Raises:
            StorageUnavailable: the disk refuses; a stricter state holds all the same, a laxer one does not.
        """
        await self.kill_switch.set(state, reason)

    async def cancel_everywhere(self) -> int:
        """Cancel the open orders of every account, in use or not, and return how many there were.

        Raises:
            StorageUnavailable: the disk refuses.
        """
        return await self.venue.cancel_everywhere()

    async def reset_account(self) -> AccountId:
        """Open a new account with the starting balances and use it; the old one stays in the journal.

        Raises:
            InvalidSetting: the starting balances name an asset that is not traded here.
            StorageUnavailable: the disk refuses; the old account stays in use.
        """
        account = next_account(self.accounts)
        commands = opening(account, self.venue.pairs(), self.settings)
        for order in self.venue.market.exchange.open_orders(self.venue.account):
            await self.venue.cancel(CancelOrder(self.venue.account, order.order_id))
        await self.venue.execute(commands)
        await self.select_account(account)
        return account

    async def select_account(self, account: AccountId) -> None:
        """Use another account of this profile, now and at the next start.

        Raises:
            InvalidInput: there is no such account.
        """
        if account not in self.accounts:
            raise InvalidInput(f"There is no account {account}; there are {', '.join(self.accounts)}.")
        facts = await self._facts_of(account)
        self.venue.account = account
        self.orders.restart(facts)
        self.settings = changed(self.settings, "account.selected", account)
        save(self.settings, self.profile.settings_file)
        self.bus.publish(AccountSelected(account))
        self.gate.day_pnl = self.portfolio.day_pnl()

    async def _facts_of(self, account: AccountId) -> list[object]:
        """Return everything that happened to an account, also while its past was being read."""
        heard: list[Any] = []
        subscriptions = [self.bus.subscribe(kind, heard.append) for kind in FACTS]
        try:
            past = await offload(_past_of, self.profile)
        finally:
            for subscription in subscriptions:
                subscription.close()
        facts = past.facts.get(account, [])
        known = set(facts)
        return [*facts, *(fact for fact in heard if fact.account == account and fact not in known)]

    async def close(self) -> None:
        """Stop the market where it stands, write what waits and give the profile free; safe to call twice."""
        await self._tasks.join()
        await self.watchdog.close()
        self.venue.close()
        await self.runner.close()
        for service in (self.kill_switch, self.portfolio, self.orders, self.bars, self.market_data):
            service.close()
        await offload(self.journal.close)
        self._lock.release()

    def start(self) -> None:
        """Let the market move and the account be valued; `open_engine` calls it."""
        self.watchdog.start()
        self.runner.start()
        self._tasks.start(self._keep_marking())

    async def _keep_marking(self) -> None:
        await self.market_data.start()
        while True:
            self.portfolio.mark()
            self.gate.day_pnl = self.portfolio.day_pnl()
            await asyncio.sleep(MARK_S)


async def open_engine(
    profile: Profile, *, market: str | None = None, seed: int | None = None, speed: float | None = None
) -> Engine:
    """Open a profile: recover its accounts and market, or make the first ones, and start.

    Args:
        profile: where the data lives; made if missing.
        market: `simulated` or `replay`; None goes on with what ran last.
        seed: of a simulated market; None goes on with what ran last.
        speed: market seconds per second; None takes the setting.

    Raises:
        ProfileInUse: another program runs on this profile.
        InvalidSetting: the settings file holds a bad value.
        StorageUnavailable: the disk refuses.
        StorageCorrupt: the journal is damaged.
        StorageTooNew: a newer version wrote it.
    """
    settings = load(profile.settings_file)
    lock = ProfileLock(profile)
    try:
        return await _open(profile, settings, lock, market, seed, speed)
    except BaseException:
        lock.release()
        raise


async def _open(
    profile: Profile,
    settings: Settings,
    lock: ProfileLock,
    kind: str | None,
    seed: int | None,
    speed: float | None,
) -> Engine:
    bus, gate = Bus(), RiskGate(limits_of(settings))
    revision = check_revision(profile.database)
    journal = SqlJournal(
        profile.database, deliver=asyncio.get_running_loop().call_soon_threadsafe, on_state=bus.publish
    )
    try:
        if revision not in (None, REVISION):  # it is being migrated: read it afterwards
            await asyncio.wrap_future(journal.ready)
        start = await offload(_start, profile, settings, gate, kind, seed, revision is not None)
        return await _assemble(profile, settings, lock, bus, gate, journal, start, speed, (kind, seed))
    except BaseException:
        await offload(journal.close, 0.0)
        raise


@dataclass(frozen=True, slots=True)
class _Start:
    """What there is to go on with."""

    past: Past
    fold: Fold
    market: OfflineMarket
    report: RecoveryReport
    opened: MarketOpened
    makers: Makers


def _start(
    profile: Profile, settings: Settings, gate: RiskGate, kind: str | None, seed: int | None, exists: bool
) -> _Start:
    """Read the journal and make the market; runs off the loop."""
    recalling = RecallingGate(gate)
    makers = Makers(recalling, partial(_open_market, recalling), partial(load_market, gate=recalling))
    if exists:
        with Reader(profile.database) as reader:
            past = read_past(reader)
            if past.market is not None:
                market, report = recover(past, reader, makers)
                return _Start(past, copy.deepcopy(past.books.fold), market, report, past.market, makers)
    else:
        past = Past()
    first = (kind or settings.market.kind, settings.market.seed if seed is None else seed)
    market = makers.open(*first)
    report = RecoveryReport(How.FIRST, past.records, 0, 0, "A new paper account was opened.")
    return _Start(past, copy.deepcopy(past.books.fold), market, report, MarketOpened(*first, market.now), makers)


def _open_market(gate: RecallingGate, kind: str, seed: int) -> OfflineMarket:
    return open_market(kind, seed=seed, gate=gate)


async def _assemble(
    profile: Profile,
    settings: Settings,
    lock: ProfileLock,
    bus: Bus,
    gate: RiskGate,
    journal: SqlJournal,
    start: _Start,
    speed: float | None,
    asked: tuple[str | None, int | None],
) -> Engine:
    past, market = start.past, start.market
    account = _account_to_use(settings, start.fold.accounts())
    first = None if account in start.fold.accounts() else opening(account, market.exchange.pairs(), settings)
    journal.begin(past.books)
    venue = PaperVenue(bus, journal, market, start.fold, account)
    feed = OfflineFeed(bus, market)
    runner = MarketRunner(
        bus,
        journal,
        venue,
        feed,
        make_market=start.makers.open,
        seat=partial(_seat_from, profile),
        kind=start.opened.kind,
        seed=start.opened.seed,
        speed=settings.market.speed if speed is None else speed,
        coarse=past.coarse_at(past.records),
    )
    market_data = MarketData(bus, feed)
    orders = Orders(bus, venue, new_id=OrderIds(past.records))
    orders.restore(past.facts.pop(account, ()))
    engine = Engine(
        profile=profile,
        settings=settings,
        bus=bus,
        journal=journal,
        venue=venue,
        feed=feed,
        runner=runner,
        gate=gate,
        kill_switch=KillSwitch(bus, venue, gate, past.trading),
        market_data=market_data,
        bars=Bars(bus, feed, market_data),
        orders=orders,
        portfolio=Portfolio(bus, venue, feed, market_data, start.fold),
        recovery=start.report,
        _lock=lock,
    )
    try:
        await _begin(engine, start, first)
        kind, seed = asked[0] or runner.kind, runner.seed if asked[1] is None else asked[1]
        if (kind, seed) != (runner.kind, runner.seed):
            await runner.restart_with(kind, seed)
    except BaseException:
        await engine.close()
        raise
    engine.start()
    log.info("engine open", extra={"how": start.report.how, "records": past.records, "account": account})
    return engine


async def _begin(engine: Engine, start: _Start, first: list[Command] | None) -> None:
    """Journal what is new: pairs, the market, the first account."""
    venue, past = engine.venue, start.past
    records: list[object] = [ListPair(pair) for pair in venue.pairs() if past.pairs.get(pair.symbol) != pair]
    if past.market is None:
        records.append(start.opened)
    if records:
        venue.record(records)
    if first is not None:
        await venue.execute(first)
    if start.report.how is not How.RERUN:
        engine.runner.save()


def _past_of(profile: Profile) -> Past:
    with Reader(profile.database) as reader:
        return read_past(reader)


def _seat_from(profile: Profile, market: OfflineMarket) -> None:
    seat_all(_past_of(profile), market)


def _account_to_use(settings: Settings, known: Sequence[AccountId]) -> AccountId:
    selected = AccountId(settings.account.selected)
    if selected in known:
        return selected
    return known[-1] if known else next_account(known)


def next_account(known: Sequence[AccountId]) -> AccountId:
    """Return the id of a new account: the first that was never used."""
    return AccountId(f"{ACCOUNT_PREFIX}{len(known) + 1}")


def opening(account: AccountId, pairs: Sequence[TradingPair], settings: Settings) -> list[Command]:
    """Return the commands that open an account with its starting balances and fees.

    What another market lists and this one does not (a replay has one pair) is left out, as it could
    neither be traded nor valued here. If nothing is left, the default balances stand in.

    Raises:
        InvalidSetting: the starting balances name an asset that no market has, or nothing at all.
    """
    asked = {code: amount for code, amount in settings.account.starting_balances.items() if amount}
    if not asked:
        raise InvalidSetting("account.starting_balances is empty; a new account needs something to trade with.")
    assets = _assets(pairs)
    known = _assets(spec.pair for spec in PAIRS) | assets
    for code in asked:
        if code not in known:
            raise InvalidSetting(
                f"account.starting_balances names {code!r}, which is not traded here; choose from {', '.join(known)}."
            )
    here = {code: amount for code, amount in asked.items() if code in assets}
    if here != asked:
        log.warning("starting balances left out", extra={"assets": sorted(asked.keys() - here.keys())})
    deposits = [
        Deposit(account, code, units)
        for code, amount in (here or Settings().account.starting_balances).items()
        if (units := assets[code].units(amount))
    ]
    return [*deposits, *fee_commands(account, pairs, settings)]


def _assets(pairs: Iterable[TradingPair]) -> dict[str, Asset]:
    return {asset.code: asset for pair in pairs for asset in (pair.quote, pair.base)}


def fee_commands(account: AccountId, pairs: Sequence[TradingPair], settings: Settings) -> list[Command]:
    """Return the commands that give an account the fees of the settings."""
    maker, taker = FeeRate.parse(settings.account.maker_fee), FeeRate.parse(settings.account.taker_fee)
    return [SetFees(account, pair.symbol, maker, taker) for pair in pairs]


class OrderIds:
    """Order ids that no earlier run of the profile has used: the journal's length at start, and a count."""

    def __init__(self, records: int) -> None:
        self._prefix, self._count = f"c{records}", 0

    def __call__(self) -> OrderId:
        """Return the next id."""
        self._count += 1
        return OrderId(f"{self._prefix}-{self._count}")
