"""Putting a server's parts together, and taking them apart in order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from engine.adapters.sql.address import store_at
from engine.adapters.sql.pool import pooled
from engine.bootstrap.exchange import data_lock, open_exchange
from engine.ports.clock import Clock, SystemClock
from engine.profile import Profile
from engine.server.auth.identity import open_identity
from engine.server.core.local import LocalCore
from engine.server.core.nothing import NoCore
from engine.server.core.port import Core
from engine.server.hall.assembly import halls_of
from engine.server.limiting import audited, limiting
from engine.server.link.assembly import followed, published
from engine.server.market import MarketView
from engine.server.observe.monitor import watched
from engine.server.services import Services
from engine.server.settings import ServerSettings
from engine.server.ws.streams import opened

if TYPE_CHECKING:
    from sqlalchemy import Engine as SqlEngine


@asynccontextmanager
async def assembled(settings: ServerSettings, clock: Clock | None = None) -> AsyncIterator[Services]:
    """Lend the parts of a server process; what was opened is closed in the reverse order.

    Raises:
        CrsError: a database, the disk or another process is in the way; the sentence says which.
    """
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        exchange_db = pooled(settings.exchange_url if settings.market != "none" else "sqlite://")
        stack.callback(exchange_db.dispose)
        core, market = await _core(settings, exchange_db, stack)
        limits = await stack.enter_async_context(limiting(settings))
        identity = await open_identity(settings, core.bus, clock)
        stack.push_async_callback(identity.close)
        limits.guard.audit = audited(identity)
        hub, channels = await stack.enter_async_context(opened(core.bus, clock, market, exchange_db, settings.streams))
        services = Services(
            settings=settings,
            clock=clock,
            bus=core.bus,
            core=core,
            market=market,
            exchange_db=exchange_db,
            limiter=limits.limiter,
            authenticator=identity.gate,
            identity=identity,
            guard=limits.guard,
            hub=hub,
            channels=channels,
            keeper=limits.keeper,
            redis=limits.redis,
            journal=core.journal if isinstance(core, LocalCore) else None,
        )
        await stack.enter_async_context(halls_of(services))
        yield await stack.enter_async_context(watched(services))


async def _core(settings: ServerSettings, exchange_db: SqlEngine, stack: AsyncExitStack) -> tuple[Core, MarketView]:
    """Open the exchange, here or where another process runs it, and what this process sees of its markets."""
    if settings.is_gateway:
        remote = await stack.enter_async_context(followed(settings))
        market = MarketView(remote.bus, remote)
        stack.callback(market.close)
        await market.start()
        return remote, market
    if settings.market == "none":
        stack.callback(data_lock(Profile(settings.data_dir)).release)
        nothing = NoCore()
        return nothing, MarketView(nothing.bus, nothing)
    store = store_at(settings.exchange_url, shard=settings.shard)
    engine = await open_exchange(Profile(settings.data_dir), seed=settings.seed, database=exchange_db, store=store)
    stack.push_async_callback(engine.close)
    core = LocalCore(engine)
    market = MarketView(core.bus, core)
    stack.callback(market.close)
    await engine.start()
    await market.start()
    if settings.role == "core":
        await stack.enter_async_context(published(core, settings, engine.epoch, market.prints))
    return core, market
