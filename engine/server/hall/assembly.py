"""Opening the halls of a server: each its own exchange, view and channels, everything else the server's."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from engine.adapters.exchanges.venue.spec import VenueSpec
from engine.adapters.exchanges.venues import spec_of
from engine.adapters.history.kept import kept_in
from engine.adapters.sql.address import store_at
from engine.adapters.sql.pool import pooled
from engine.bootstrap.hall import HallEngine, open_hall
from engine.profile import Profile
from engine.server.auth.port import AccessEnded
from engine.server.core.hall import HallCore
from engine.server.hall.database import hall_url, made
from engine.server.hall.door import HallDoor
from engine.server.hall.hall import Hall
from engine.server.market import MarketView
from engine.server.services import Services
from engine.server.settings import ServerSettings
from engine.server.ws.streams import telling
from engine.services.offload import offload

log = logging.getLogger(__name__)


@asynccontextmanager
async def halls_of(root: Services) -> AsyncIterator[dict[str, Services]]:
    """Lend the parts of every hall that the settings name; none is waited for that cannot be reached.

    Raises:
        CrsError: a database, the disk or another process is in the way.
    """
    stacks = [AsyncExitStack() for _ in root.settings.upstream]
    try:
        for name, stack in zip(root.settings.upstream, stacks, strict=True):
            root.halls[name] = await stack.enter_async_context(_hall(root, name))
        yield root.halls
    finally:  # all at once: a venue that does not say goodbye holds up no other
        ended = await asyncio.gather(*(stack.aclose() for stack in stacks), return_exceptions=True)
        for error in ended:
            if isinstance(error, BaseException):
                log.error("a hall did not end in order", exc_info=error)


@asynccontextmanager
async def _hall(root: Services, name: str) -> AsyncIterator[Services]:
    settings = root.settings
    async with AsyncExitStack() as stack:
        engine = await opened(settings, name)
        stack.push_async_callback(engine.close)
        database = pooled(hall_url(settings, name))
        stack.callback(database.dispose)
        core, hall = HallCore(engine), Hall(engine, settings.paper_start)
        ended = root.bus.subscribe(AccessEnded, engine.bus.publish)
        stack.callback(ended.close)
        market = MarketView(core.bus, core)
        stack.callback(market.close)
        await market.start()
        channels = await stack.enter_async_context(telling(core.bus, market, database))
        services = replace(
            root, bus=core.bus, core=core, market=market, exchange_db=database, channels=channels,
            journal=core.journal, hall=hall, authenticator=HallDoor(root, hall),
        )  # fmt: skip
        await engine.start()
        yield services


async def opened(settings: ServerSettings, name: str) -> HallEngine:
    """Open the exchange of a hall; whoever opened it starts and closes it.

    Raises:
        CrsError: as `open_hall`.
    """
    data = Profile(settings.data_dir)
    url = await offload(made, settings, name)
    return await open_hall(
        data.venue(name),
        addressed(settings, name),
        store=store_at(url, shard=f"{settings.shard}/{name}"),
        wanted=settings.upstream_pairs,
        history=kept_in(data.bars_dir),
    )


def addressed(settings: ServerSettings, name: str) -> VenueSpec:
    """Return a venue where the settings say it is."""
    spec, url = spec_of(name), settings.upstream_urls.get(name, "")
    return spec.at(url, "ws" + url.removeprefix("http")) if url else spec
