"""An account on a CRS server as a running engine: the same services as on paper, over the network.

    session = await find_server(profile, url)      look who answers there; speak to it from now on
    await session.resume() / .sign_in(…)           be somebody
    engine = await open_remote(profile, session)   one of one's accounts

What belongs to a machine with its own market is not here: no runner, no jumps, no speed, no journal, no backups; see
`engine.bootstrap.front` for how a window asks. The session outlives the engine: closing one signs nobody out.
"""

from __future__ import annotations

import logging
import secrets as random
from functools import partial
from importlib.metadata import version
from pathlib import Path

from engine.adapters.crs.feed import CrsFeed
from engine.adapters.crs.grid import pair_of
from engine.adapters.crs.http import CrsHttp
from engine.adapters.crs.link import Link
from engine.adapters.crs.past import Choices, ReplicaHistory, ReplicaStories
from engine.adapters.crs.queueplace import QueuePlaces
from engine.adapters.crs.replica import Replica
from engine.adapters.crs.venue import CrsVenue
from engine.adapters.files.alerts import AlertFile
from engine.adapters.indicators.process import WorkerProcess
from engine.adapters.secrets.choice import secrets_of
from engine.bootstrap.remote_engine import RemoteEngine as RemoteEngine
from engine.bootstrap.remote_engine import ServerInfo as ServerInfo
from engine.bootstrap.remote_engine import http_of
from engine.bootstrap.remote_engine import server_of as server_of
from engine.bus import Bus
from engine.domain.number import Nanos
from engine.domain.order import AccountId, OrderId
from engine.errors import InvalidInput, SignInNeeded, StorageUnavailable, VenueUnavailable
from engine.ports.secrets import SecretStore
from engine.profile import Profile, ProfileLock
from engine.risk.gate import RiskGate
from engine.services.alerts import Alerts
from engine.services.bars import Bars
from engine.services.emergency import Emergency
from engine.services.explain import Explainer
from engine.services.guard import RiskGuard
from engine.services.indicators import Indicators
from engine.services.limits import limits_of
from engine.services.lots import AccountLots
from engine.services.market_data import MarketData
from engine.services.offload import offload
from engine.services.orders import Orders
from engine.services.portfolio import Portfolio
from engine.services.prints import Prints
from engine.services.riskwatch import RiskWatch
from engine.services.session import ServerSession
from engine.services.stories import OrderStories
from engine.services.switch import LocalSwitch
from engine.settings import Settings, load
from engine.wire.market import Markets

MILLI = 1_000_000

log = logging.getLogger(__name__)


async def find_server(profile: Profile, url: str, secrets: SecretStore | None = None) -> ServerSession:
    """Look who answers at an address and return a session with it, signed out; `close_server` ends it.

    Args:
        profile: where a vault would be.
        url: as typed; `https` is meant where nothing is said.
        secrets: where tokens are kept; None finds the place that this machine has (`secrets_of`).

    Raises:
        InvalidInput: it is no address, one that would send passwords in the open, or one without a market.
        VersionMismatch: this program or the server is too old for the other.
        VenueUnavailable, ServerUntrusted, NotACrsServer: it cannot be reached, or is something else.
    """
    http = CrsHttp(url, version=version("crs-desktop"))
    try:
        await http.meet()
    except BaseException:
        await http.close()
        raise
    kept: SecretStore = await offload(secrets_of, profile) if secrets is None else secrets
    return ServerSession(http, kept, Bus())


async def close_server(session: ServerSession) -> None:
    """End the connections of a session; nobody is signed out. Safe to call twice."""
    await http_of(session).close()


async def open_remote(
    profile: Profile, session: ServerSession, account: AccountId | None = None, *, lock: ProfileLock | None = None
) -> RemoteEngine:
    """Open an account on the server of a session, and follow it until closed.

    Args:
        profile: settings, alerts and choices live there; nothing of the account is kept on the disk.
        session: signed in.
        account: one of the session's; None takes the first.
        lock: shared by another engine of this program on the same profile (`FrontEngine.share_lock`); it is given back
            if nothing opens.

    Raises:
        SignInNeeded: nobody is signed in.
        InvalidInput: the account is another one's.
        InvalidSetting: the settings file holds a bad value.
        ProfileInUse: another program, or the paper engine, still runs on this profile.
        VenueUnavailable, VersionMismatch: the server cannot be reached, or not be understood.
        StorageUnavailable: the disk refuses.
    """
    lock = lock or ProfileLock(profile)
    try:
        if not session.is_signed_in or session.user is None:
            raise SignInNeeded(session.text or "Sign in first.")
        owned = [AccountId(each.account) for each in session.accounts]
        chosen = account or (owned[0] if owned else AccountId(""))
        if chosen not in owned:
            known = ", ".join(owned) or "none"
            raise InvalidInput(f"You have no account {chosen or 'on this server'}; there are {known}.")
        return await _open(profile, load(profile.settings_file), session, chosen, lock)
    except BaseException:
        lock.release()
        raise


async def _open(
    profile: Profile, settings: Settings, session: ServerSession, account: AccountId, lock: ProfileLock
) -> RemoteEngine:
    http, bus = http_of(session), Bus()
    clock = await http.measure()
    markets = await http.call("GET", "/v1/markets", Markets, signed=False)
    replica = Replica(http, bus, account)
    await replica.load()
    pairs = tuple(replica.pairs.get(each.symbol) or pair_of(each) for each in markets.markets)
    if not pairs:
        raise VenueUnavailable(f"{http.host} lists no market yet.")
    own = profile.server_dir(http.url)
    await offload(_make, own)
    choices = await offload(Choices, own / "accounts.json")
    feed = CrsFeed(bus, http, pairs, Nanos(clock.market_ms * MILLI))
    market_data = MarketData(bus, feed)
    bars = Bars(bus, feed, market_data)
    places = QueuePlaces(bus, feed.book, market_data.last_price)
    venue = CrsVenue(bus, http, replica, pairs, now=lambda: feed.now, places=places)
    gate = RiskGate(limits_of(settings))
    orders = Orders(bus, venue, new_id=OrderIds())
    orders.restore(replica.facts)
    for record in orders.records():
        places.accepted(replica.accepted[record.order.order_id])
    lots = AccountLots(bus, venue, replica.fold, ReplicaHistory(replica, choices), choices.keep)
    await lots.take_up(account)
    portfolio = Portfolio(bus, venue, feed, market_data, replica.fold, lots)
    guard = RiskGuard(bus, feed, market_data, replica.fold, gate, account)
    venue.guard = guard.check
    switch = LocalSwitch(
        bus, gate, lambda: feed.now, partial(choices.keep_trading, account), choices.trading(account)
    )  # fmt: skip
    link = Link(http, bus, (replica, feed), ticket=session.ticket, account=account)
    feed.again, feed.give_up = link.again, link.drop
    engine = RemoteEngine(
        profile=profile,
        settings=settings,
        session=session,
        bus=bus,
        venue=venue,
        feed=feed,
        gate=gate,
        kill_switch=switch,
        emergency=Emergency(bus, venue, replica.fold, switch, gate, orders.new_id),
        watch=RiskWatch(bus, venue, gate, switch, settings.risk.on_breach),
        market_data=market_data,
        bars=bars,
        prints=Prints(bus, feed, feed.past_prints),
        alerts=Alerts(bus, feed, market_data, bars, AlertFile(own / "alerts.json")),
        orders=orders,
        lots=lots,
        portfolio=portfolio,
        explainer=Explainer(venue, feed, portfolio, lots),
        stories=OrderStories(bus, venue, orders, ReplicaStories(replica)),
        indicators=Indicators(bus, profile.indicator_dir, WorkerProcess),
        link=link,
        _replica=replica,
        _places=places,
        _guard=guard,
        _lock=lock,
    )
    try:
        await engine.begin()
    except BaseException:
        await engine.close()
        raise
    log.info("server account open", extra={"server": http.host, "records": replica.last})
    return engine


class OrderIds:
    """Order ids that no other run has used: a random beginning, and a count."""

    def __init__(self) -> None:
        self._prefix, self._count = f"d{random.token_hex(5)}", 0

    def __call__(self) -> OrderId:
        """Return the next id."""
        self._count += 1
        return OrderId(f"{self._prefix}-{self._count}")


def _make(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StorageUnavailable(f"{path} cannot be made: {error.strerror}.") from error
