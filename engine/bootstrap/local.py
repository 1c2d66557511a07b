"""A running engine whose accounts are in a journal on this machine, and what a front may ask of it as a whole.

On which market they trade is what `Engine` (offline) and `PublicEngine` (a public exchange) differ in.
"""

from __future__ import annotations

import asyncio
import logging
from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.adapters.paper.killswitch import KillSwitch
from engine.adapters.paper.past import Past, read_past
from engine.adapters.paper.recovery import How, RecoveryReport
from engine.adapters.paper.venue import PaperVenue, durable
from engine.adapters.sql.backup import create_daily
from engine.adapters.sql.codec import FACTS
from engine.adapters.sql.journal import SqlJournal
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.recent import read_orders
from engine.bootstrap.account import next_account
from engine.bootstrap.aftercheck import check_records
from engine.bootstrap.conduct import Conduct
from engine.bus import Bus
from engine.domain.command import Command
from engine.domain.course import Latency, TradingState
from engine.domain.order import AccountId, LotMethod
from engine.errors import CrsError, InvalidInput, StorageUnavailable
from engine.observe.watchdog import LoopWatchdog
from engine.ports.clock import SystemClock
from engine.ports.feed import MarketFeed
from engine.ports.venue import AccountSelected
from engine.profile import Profile, ProfileLock
from engine.risk.gate import RiskGate
from engine.services.alerts import Alerts
from engine.services.bars import Bars
from engine.services.deadman import DeadMan
from engine.services.emergency import Emergency
from engine.services.explain import Explainer
from engine.services.indicators import Indicators
from engine.services.latency import latency_of
from engine.services.lots import AccountLots
from engine.services.market_data import MarketData
from engine.services.offload import offload
from engine.services.order_fold import OrderPast
from engine.services.orders import Orders
from engine.services.portfolio import Portfolio
from engine.services.prints import Prints
from engine.services.riskwatch import RiskWatch
from engine.services.stories import OrderStories
from engine.services.task import TaskOwner
from engine.settings import Settings, changed, save

MARK_S = 1.0
"""Wall time between valuations of the account."""

BACKUP_AFTER_S = 10.0
"""Wall time from the start to the day's backup."""

CHECK_AFTER_S = 3.0
"""Wall time from the start to the check of the whole journal…"""

CHECK_PAUSE_S = 0.03
"""…and between its pieces, so that it takes a tenth of the program's time at most."""

log = logging.getLogger(__name__)


def past_of(profile: Profile) -> Past:
    """Return what the journal of a profile says; reads the disk."""
    with Reader(profile.database) as reader:
        return read_past(reader)


def _orders_of(profile: Profile, account: AccountId) -> tuple[OrderPast, int]:
    """Return the orders of an account and the record up to which they were read; reads the disk."""
    with Reader(profile.database) as reader:
        return read_orders(reader, account), reader.tip().seq


class Clockwork(Protocol):
    """What drives the market that the accounts trade on."""

    def start(self) -> None: ...  # noqa: D102 - the names say it
    async def close(self) -> None: ...  # noqa: D102
    def set_latency(self, latency: Latency | None) -> None: ...  # noqa: D102


@dataclass(slots=True, kw_only=True)
class LocalEngine(Conduct):
    """A running engine: one account on a market, its services and its journal."""

    profile: Profile
    home: Profile
    """Where the accounts' database is: the profile, or the venue's directory in it."""
    settings: Settings
    bus: Bus
    journal: SqlJournal
    venue: PaperVenue
    feed: MarketFeed
    gate: RiskGate
    kill_switch: KillSwitch
    emergency: Emergency
    watch: RiskWatch
    market_data: MarketData
    bars: Bars
    prints: Prints
    alerts: Alerts
    orders: Orders
    lots: AccountLots
    portfolio: Portfolio
    explainer: Explainer
    stories: OrderStories
    indicators: Indicators
    recovery: RecoveryReport
    _lock: ProfileLock
    dead_man: DeadMan = field(init=False)
    watchdog: LoopWatchdog = field(default_factory=LoopWatchdog)
    _tasks: TaskOwner = field(default_factory=lambda: TaskOwner("engine"))

    def __post_init__(self) -> None:
        self.dead_man = DeadMan(self.bus, SystemClock().elapsed, self.on_silence)
        self.orders.before = self.dead_man.look

    @property
    @abstractmethod
    def clockwork(self) -> Clockwork:
        """What drives the market."""

    @abstractmethod
    def opening(self, account: AccountId) -> list[Command]:
        """Return the commands that open another account here; errors as `reset_account`."""

    def metrics(self) -> dict[str, object]:
        """Return what was measured since the start, each a distribution in milliseconds."""
        return {
            "order_acknowledged_ms": self.venue.acknowledged_ms.summary()._asdict(),
            "loop_stall_ms": self.watchdog.stalls.summary()._asdict(),
            "journal_waiting": self.journal.waiting,
        }

    @property
    def server(self) -> None:
        """Return None: nothing leaves this machine."""
        return

    @property
    def accounts(self) -> tuple[AccountId, ...]:
        """Every paper account of this profile, oldest first."""
        return self.venue.fold.accounts()

    async def apply(self, settings: Settings) -> None:
        """Make changed settings effective and keep them: risk limits and latency at once, the rest when next used.

        Raises:
            InvalidSetting: the file holds something that must not be overwritten.
            StorageUnavailable: the disk refuses.
        """
        self.take(settings)
        self.clockwork.set_latency(latency_of(settings))

    async def set_trading_state(self, state: TradingState, reason: str = "") -> None:
        """Set the kill switch for every account, now and after a restart.

        Raises:
            InvalidInput: a breach halted trading, and no reason is given for going on.
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
        commands = self.opening(account)
        await self.orders.cancel_all()
        await self.venue.execute(commands)
        await self.select_account(account)
        return account

    async def select_account(self, account: AccountId) -> None:
        """Use another account of this profile, now and at the next start.

        Raises:
            InvalidInput: there is no such account.
            StorageUnavailable, StorageCorrupt: its past cannot be read; the one before stays in use.
            InvalidSetting, StorageUnavailable: it is in use, but the next start will not know.
        """
        if account not in self.accounts:
            raise InvalidInput(f"There is no account {account}; there are {', '.join(self.accounts)}.")
        await self.lots.take_up(account)
        await self._show_orders_of(account)
        self.bus.publish(AccountSelected(account))
        self.portfolio.mark()
        await self.remember_account(account)

    async def remember_account(self, account: AccountId) -> None:
        """Keep which account is in use, for the next start; errors as `select_account`."""
        self.settings = changed(self.settings, "account.selected", account)
        save(self.settings, self.profile.settings_file)

    async def set_lot_method(self, method: LotMethod) -> None:
        """Match the sales of the account in use with its purchases by another method, in the past too, and keep that.

        Raises:
            VenueUnavailable, StorageUnavailable: it could not be kept; nothing changed.
            StorageCorrupt: the past cannot be read.
        """
        await self.lots.choose(method)

    async def _show_orders_of(self, account: AccountId) -> None:
        """Turn to an account and show its past, and what happens to it while that is being read."""
        heard: list[tuple[int, Any]] = []
        subscriptions = [
            self.bus.subscribe(kind, lambda fact: heard.append((self.venue.published, fact))) for kind in FACTS
        ]
        try:
            past, read = await offload(_orders_of, self.home, account)
            if self.venue.published < read:  # the disk is ahead of what is published: let that catch up
                await durable(self.venue.record([]))
        finally:
            for subscription in subscriptions:
                subscription.close()
        self.venue.account = account
        self.orders.go_on(past, [fact for seq, fact in heard if seq > read])

    async def close(self) -> None:
        """Stop the market where it stands, write what waits and give the profile free; safe to call twice."""
        await self._tasks.join()
        await self.indicators.join()
        await self.watchdog.close()
        self.venue.close()
        await self.clockwork.close()
        await self._close_alerts()
        self.prints.close()
        guards = (self.dead_man, self.watch, self.emergency, self.kill_switch, self.indicators)
        for service in (*guards, self.portfolio, self.lots, self.stories, self.orders, self.bars, self.market_data):
            service.close()
        await offload(self.journal.close)
        self._lock.release()

    def start(self) -> None:
        """Let the market move and the account be valued; whoever opened it calls it."""
        self.watchdog.start()
        self.dead_man.arm(self.settings.risk.dead_man_s)
        self.dead_man.start()
        self.clockwork.start()
        self.indicators.watch()
        self._tasks.start(self._keep_marking())
        self._tasks.start(self.alerts.start())
        if self.recovery.how is not How.FIRST:
            self._tasks.start(self._back_up())
            self._tasks.start(self._check_journal())

    async def _close_alerts(self) -> None:
        try:
            await self.alerts.close()
        except StorageUnavailable as error:
            log.warning("alerts not saved", extra={"cause": str(error)})

    async def _check_journal(self) -> None:
        """Look at the records that the start did not look at; the first bad one stops trading."""
        last = self.recovery.records
        await check_records(self.home.database, self.journal, last, CHECK_AFTER_S, CHECK_PAUSE_S)

    async def _back_up(self) -> None:
        """Make the day's backup, when the start is over; whatever keeps it from being made stops nothing."""
        await asyncio.sleep(BACKUP_AFTER_S)
        try:
            made = await offload(create_daily, self.home.database, SystemClock().wall())
        except CrsError as error:
            log.warning("no daily backup: %s", error)
        else:
            if made is not None:
                log.info("daily backup", extra={"file": made.path.name, "records": made.records})

    async def _keep_marking(self) -> None:
        await self.market_data.start()
        while True:
            self.portfolio.mark()
            await asyncio.sleep(MARK_S)
