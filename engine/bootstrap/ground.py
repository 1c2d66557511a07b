"""What an engine with a journal on this machine stands on, and the services that are put on it.

Shared by the offline market (`engine.bootstrap.assembly`) and paper accounts on a public exchange
(`engine.bootstrap.public`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from engine.adapters.files.alerts import AlertFile
from engine.adapters.indicators.process import WorkerProcess
from engine.adapters.paper.killswitch import KillSwitch
from engine.adapters.paper.past import Past
from engine.adapters.paper.recovery import RecoveryReport
from engine.adapters.paper.venue import PaperVenue
from engine.adapters.sql.database import REVISION, check_revision
from engine.adapters.sql.encrypted import finish_moving
from engine.adapters.sql.history import SqlHistory
from engine.adapters.sql.journal import SqlJournal
from engine.adapters.sql.logtail import read_tail
from engine.adapters.sql.restore import finish
from engine.adapters.sql.why import SqlStories
from engine.bootstrap.sealed import unlock_database
from engine.bus import Bus
from engine.domain.course import TradingStateChanged
from engine.domain.market import TradeTick
from engine.domain.number import Nanos
from engine.domain.order import OrderId
from engine.portfolio.fold import Fold
from engine.ports.feed import MarketFeed
from engine.ports.secrets import SecretStore
from engine.profile import Profile, ProfileLock
from engine.risk.gate import RiskGate
from engine.services.alerts import Alerts
from engine.services.bars import Bars
from engine.services.emergency import Emergency
from engine.services.explain import Explainer
from engine.services.indicators import Indicators
from engine.services.lots import AccountLots
from engine.services.market_data import MarketData
from engine.services.offload import offload
from engine.services.order_fold import OrderPast
from engine.services.orders import Orders
from engine.services.portfolio import Portfolio
from engine.services.prints import Prints
from engine.services.riskwatch import RiskWatch
from engine.services.stories import OrderStories
from engine.settings import Settings

log = logging.getLogger(__name__)

PastPrints = Callable[[str], tuple[Nanos, Sequence[TradeTick]] | None]


def no_past(_symbol: str) -> None:
    """Return None: prints are known from now on."""
    return


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the services stand on; `past` is the journal's writer's once that has begun, `fold` is a copy."""

    profile: Profile
    home: Profile
    """Where the accounts' database is."""
    settings: Settings
    bus: Bus
    journal: SqlJournal
    venue: PaperVenue
    feed: MarketFeed
    gate: RiskGate
    past: Past
    fold: Fold
    orders: OrderPast
    """Of the account to use."""
    trading: TradingStateChanged | None
    """The last change of the kill switch."""
    report: RecoveryReport
    lock: ProfileLock
    past_prints: PastPrints = no_past


def parts_on(ground: Ground) -> dict[str, Any]:
    """Return the fields of a `LocalEngine`: the ground and every service on it, nothing of it started."""
    bus, venue, feed, past, fold = ground.bus, ground.venue, ground.feed, ground.past, ground.fold
    home, settings, gate = ground.home, ground.settings, ground.gate
    market_data = MarketData(bus, feed)
    bars = Bars(bus, feed, market_data)
    orders = Orders(bus, venue, new_id=OrderIds(past.records))
    orders.go_on(ground.orders)
    lots = AccountLots(bus, venue, fold, SqlHistory(home.database), venue.set_lot_method)
    kill_switch = KillSwitch(bus, venue, gate, past.trading, ground.trading)
    portfolio = Portfolio(bus, venue, feed, market_data, fold, lots, days=dict(past.days), keep=venue.note)
    watch = RiskWatch(
        bus, venue, gate, kill_switch, settings.risk.on_breach,
        highs=dict(past.highs), breaches=past.breaches, keep=venue.note,
    )  # fmt: skip
    return {
        "profile": ground.profile,
        "home": home,
        "settings": settings,
        "bus": bus,
        "journal": ground.journal,
        "venue": venue,
        "feed": feed,
        "gate": gate,
        "kill_switch": kill_switch,
        "emergency": Emergency(bus, venue, fold, kill_switch, gate, orders.new_id),
        "watch": watch,
        "market_data": market_data,
        "bars": bars,
        "prints": Prints(bus, feed, ground.past_prints),
        "alerts": Alerts(bus, feed, market_data, bars, AlertFile(home.alerts_file)),
        "orders": orders,
        "lots": lots,
        "portfolio": portfolio,
        "explainer": Explainer(venue, feed, portfolio, lots),
        "stories": OrderStories(bus, venue, orders, SqlStories(home.database)),
        "indicators": Indicators(bus, home.indicator_dir, WorkerProcess),
        "recovery": ground.report,
        "_lock": ground.lock,
    }


async def prepare(profile: Profile, secrets: SecretStore | None) -> None:
    """Make a profile's database ready to be opened: end what was begun, bring its key, look at its log.

    Raises:
        SecretsLocked: the accounts are encrypted, and a passphrase must bring their key first.
        StorageUnavailable, StorageCorrupt: the disk refuses, or what was promised is not there.
    """
    await offload(finish_moving, profile.database)
    await offload(unlock_database, profile, secrets)
    finish(profile.database)
    await offload(_look_at_the_log, profile)


def _look_at_the_log(profile: Profile) -> None:
    """Say what a run that was not closed in order left behind; refuse to drop what was promised."""
    tail = read_tail(profile.database)
    if tail.transactions:
        log.info("the last run did not end in order", extra={"transactions": tail.transactions})
    if tail.unfinished:
        log.warning("an unfinished write was left out", extra={"bytes": tail.unfinished})


@asynccontextmanager
async def opened_journal(profile: Profile, bus: Bus) -> AsyncIterator[tuple[SqlJournal, bool]]:
    """Lend a profile's journal, open, and whether there was one; it is closed again only if what follows fails.

    Raises:
        StorageUnavailable, StorageCorrupt, StorageTooNew: it cannot be used.
    """
    revision = check_revision(profile.database)
    journal = SqlJournal(
        profile.database, deliver=asyncio.get_running_loop().call_soon_threadsafe, on_state=bus.publish
    )
    try:
        if revision not in (None, REVISION):  # it is being migrated: read it afterwards
            await asyncio.wrap_future(journal.ready)
        yield journal, revision is not None
    except BaseException:
        await offload(journal.close, 0.0)
        raise


class OrderIds:
    """Order ids that no earlier run of the profile has used: the journal's length at start, and a count."""

    def __init__(self, records: int) -> None:
        self._prefix, self._count = f"c{records}", 0

    def __call__(self) -> OrderId:
        """Return the next id."""
        self._count += 1
        return OrderId(f"{self._prefix}-{self._count}")
