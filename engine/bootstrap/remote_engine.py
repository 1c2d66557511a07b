"""A running engine over an account on a CRS server, and who answers there."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field

from engine.adapters.crs.feed import CrsFeed
from engine.adapters.crs.http import CrsHttp
from engine.adapters.crs.link import Link
from engine.adapters.crs.queueplace import QueuePlaces
from engine.adapters.crs.replica import Replica
from engine.adapters.crs.venue import CrsVenue
from engine.bootstrap.conduct import Conduct
from engine.bus import Bus, Subscription
from engine.domain.course import TradingState
from engine.domain.order import AccountId, LotMethod
from engine.errors import StorageUnavailable, VenueUnavailable
from engine.observe.watchdog import LoopWatchdog
from engine.ports.clock import SystemClock
from engine.ports.server import ConnectionChanged, ConnectionState
from engine.profile import Profile, ProfileLock
from engine.risk.gate import RiskGate
from engine.services.alerts import Alerts
from engine.services.bars import Bars
from engine.services.deadman import DeadMan
from engine.services.emergency import Emergency
from engine.services.explain import Explainer
from engine.services.guard import RiskGuard
from engine.services.indicators import Indicators
from engine.services.lots import AccountLots
from engine.services.market_data import MarketData
from engine.services.orders import Orders
from engine.services.portfolio import Portfolio
from engine.services.prints import Prints
from engine.services.reconcile import Reconciled, Standing
from engine.services.riskwatch import RiskWatch
from engine.services.session import ServerSession
from engine.services.stories import OrderStories
from engine.services.switch import LocalSwitch
from engine.services.task import TaskOwner
from engine.settings import Settings

MARK_S = 1.0
"""Wall time between valuations of the account."""
ONLINE_S = 20.0
"""How long the first connection may take."""
MEASURE_S = 300.0
"""Between looks at the server's clock."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServerInfo:
    """Who answers, for the screen."""

    url: str
    host: str
    version: str
    market: str
    """`demo`: its own market with simulated flow, no real money; else the name of an upstream venue."""
    title: str = ""
    """That venue's name for the screen: paper money at its prices."""

    @property
    def is_demo(self) -> bool:
        """Whether no real money is at stake."""
        return self.market == "demo" or bool(self.title)


@dataclass(slots=True)
class RemoteEngine(Conduct):
    """An account on a server: its services and its connection. Has what `engine.bootstrap.front.FrontEngine` says.

    Beyond that: `session` (who is signed in), `link` (the connection: state, text), events `ConnectionChanged` and
    `Reconciled` on the bus.
    """

    profile: Profile
    settings: Settings
    session: ServerSession
    bus: Bus
    venue: CrsVenue
    feed: CrsFeed
    gate: RiskGate
    kill_switch: LocalSwitch
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
    link: Link
    _replica: Replica
    _places: QueuePlaces
    _guard: RiskGuard
    _lock: ProfileLock
    dead_man: DeadMan = field(init=False)
    _listening: Subscription = field(init=False)
    watchdog: LoopWatchdog = field(default_factory=LoopWatchdog)
    _tasks: TaskOwner = field(default_factory=lambda: TaskOwner("remote engine"))
    _broken: tuple[float, Standing] | None = None
    """Since when the connection is broken (monotonic), and what was open then."""
    _was_online: bool = False

    def __post_init__(self) -> None:
        self.dead_man = DeadMan(self.bus, SystemClock().elapsed, self.on_silence)
        self.orders.before = self.dead_man.look
        self._listening = self.bus.subscribe(ConnectionChanged, self._on_connection)

    @property
    def runner(self) -> None:
        """Return None: the market's time is the server's."""
        return

    @property
    def public(self) -> None:
        """Return None: the account is the server's."""
        return

    @property
    def recording(self) -> None:
        """Return None: the market is the server's."""
        return

    @property
    def recorder(self) -> None:
        """Return None: likewise."""
        return

    @property
    def recovery(self) -> None:
        """Return None: nothing is recovered from a disk of ours."""
        return

    @property
    def server(self) -> ServerInfo:
        """Who answers."""
        return server_of(self.session)

    @property
    def accounts(self) -> tuple[AccountId, ...]:
        """The accounts of who is signed in; `open_remote` opens another one."""
        return tuple(AccountId(each.account) for each in self.session.accounts)

    def metrics(self) -> dict[str, object]:
        """Return what was measured since the start."""
        return {
            "order_acknowledged_ms": self.venue.acknowledged_ms.summary()._asdict(),
            "loop_stall_ms": self.watchdog.stalls.summary()._asdict(),
            "connects": self.link.connects,
            "books_taken_anew": self.feed.resyncs,
            "records_missed": self._replica.gaps,
            "clock_skew_ms": http_of(self.session).clock.skew_ms,
        }

    async def apply(self, settings: Settings) -> None:
        """Make changed settings effective and keep them: limits at once, the rest when next used.

        Raises:
            InvalidSetting: the file holds something that must not be overwritten.
            StorageUnavailable: the disk refuses.
        """
        self.take(settings)

    async def set_trading_state(self, state: TradingState, reason: str = "") -> None:
        """Set the kill switch of this account on this machine; errors as `LocalSwitch.set`."""
        await self.kill_switch.set(state, reason)

    async def cancel_everywhere(self) -> int:
        """Cancel every open order of the account; errors as `CrsVenue.cancel_everywhere`."""
        return await self.venue.cancel_everywhere()

    async def set_lot_method(self, method: LotMethod) -> None:
        """Match the sales of the account with its purchases by another method, and keep that here.

        Raises:
            StorageUnavailable: it could not be kept; nothing changed.
        """
        await self.lots.choose(method)

    async def begin(self) -> None:
        """Connect, and wait for the first pictures; `open_remote` calls it.

        Raises:
            VenueUnavailable: no connection came to be in time.
        """
        online = asyncio.get_running_loop().create_future()

        def hear(event: ConnectionChanged) -> None:
            if event.state is ConnectionState.ONLINE and not online.done():
                online.set_result(None)
            elif event.state is ConnectionState.CLOSED and not online.done():
                online.set_exception(VenueUnavailable(event.text))

        subscription = self.bus.subscribe(ConnectionChanged, hear)
        self.link.start()
        try:
            async with asyncio.timeout(ONLINE_S):
                await online
        except TimeoutError:
            raise VenueUnavailable(self.link.text or "The server's streams do not open.") from None
        finally:
            subscription.close()
        self.portfolio.mark()
        self.watchdog.start()
        self.dead_man.arm(self.settings.risk.dead_man_s)
        self.dead_man.start()
        self.indicators.watch()
        self._tasks.start(self._keep_marking())
        self._tasks.start(self._keep_measuring())
        self._tasks.start(self.alerts.start())

    async def close(self) -> None:
        """End the connection and everything on it; nobody is signed out. Safe to call twice."""
        await self._tasks.join()
        await self.link.close()
        await self._replica.close()
        await self.feed.close()
        await self.indicators.join()
        await self.watchdog.close()
        try:
            await self.alerts.close()
        except StorageUnavailable as error:
            log.warning("alerts not saved", extra={"cause": str(error)})
        self._listening.close()
        self.prints.close()
        guards = (self.dead_man, self.watch, self.emergency, self.indicators, self._guard, self._places)
        for service in (*guards, self.portfolio, self.lots, self.stories, self.orders, self.bars, self.market_data):
            service.close()
        self._lock.release()

    def _on_connection(self, event: ConnectionChanged) -> None:
        """Remember how a break found the account, and say afterwards what happened meanwhile."""
        if event.state is ConnectionState.WAITING and self._was_online:
            self._was_online = False
            self._broken = time.monotonic(), Standing(self.orders)
        elif event.state is ConnectionState.ONLINE:
            self._was_online = True
            self.emergency.go_on()
            if self._broken is not None:
                since, standing = self._broken
                self._broken = None
                report = Reconciled(time.monotonic() - since, standing.changes(self.venue.settle_unknown()))
                self.bus.publish(report)

    async def _keep_marking(self) -> None:
        while True:
            self.portfolio.mark()
            await asyncio.sleep(MARK_S)

    async def _keep_measuring(self) -> None:
        while True:
            await asyncio.sleep(MEASURE_S)
            try:
                await http_of(self.session).measure()
            except VenueUnavailable as error:
                log.info("the server's clock was not measured: %s", error)


def server_of(session: ServerSession) -> ServerInfo:
    """Return who answers there."""
    http = http_of(session)
    about = http.about
    if about is None:
        return ServerInfo(http.url, http.host, "", "")
    return ServerInfo(http.url, http.host, about.version, about.market, about.title)


def http_of(session: ServerSession) -> CrsHttp:
    """Return the connections of a session; only those over the network have an engine behind them."""
    if not isinstance(session.api, CrsHttp):
        raise TypeError("only sessions over the network have an engine behind them")
    return session.api
