"""Putting a server's parts together, and taking them apart in order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from engine.adapters.sql.pool import pooled
from engine.bootstrap.exchange import open_exchange
from engine.ports.clock import SystemClock
from engine.profile import Profile
from engine.server.auth.strangers import Strangers
from engine.server.core.local import LocalCore
from engine.server.limits.assembly import limiter_of
from engine.server.market import MarketView
from engine.server.services import Services
from engine.server.settings import ServerSettings
from engine.server.ws.streams import opened


@asynccontextmanager
async def assembled(settings: ServerSettings) -> AsyncIterator[Services]:
    """Lend the parts of a server process; what was opened is closed in the reverse order.

    Raises:
        CrsError: a database, the disk or another process is in the way; the sentence says which.
    """
    async with AsyncExitStack() as stack:
        exchange_db = pooled(settings.exchange_url)
        stack.callback(exchange_db.dispose)
        engine = await open_exchange(Profile(settings.data_dir), seed=settings.seed, database=exchange_db)
        stack.push_async_callback(engine.close)
        core = LocalCore(engine)
        market = MarketView(core.bus, core)
        stack.callback(market.close)
        await engine.start()
        await market.start()
        hub, channels = await stack.enter_async_context(opened(core, settings.streams))
        yield Services(
            settings=settings,
            clock=SystemClock(),
            bus=core.bus,
            core=core,
            market=market,
            exchange_db=exchange_db,
            limiter=limiter_of(settings),
            authenticator=Strangers(),
            hub=hub,
            channels=channels,
        )
