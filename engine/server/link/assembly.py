"""Both ends of the link, opened and closed with their connections."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from engine.errors import VenueUnavailable
from engine.server.core.port import Core
from engine.server.link.clerk import Clerk, Prints
from engine.server.link.publisher import Publisher
from engine.server.link.remote import RemoteCore
from engine.server.link.streams import linked
from engine.server.settings import ServerSettings

if TYPE_CHECKING:
    from redis.asyncio import Redis

PATIENCE_S = 60.0
"""How long a gateway that starts waits for the exchange."""


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Redis]:
    """Lend a connection."""
    redis = linked(url)
    try:
        yield redis
    finally:
        await redis.aclose()


@asynccontextmanager
async def published(core: Core, settings: ServerSettings, epoch: int, prints: Prints) -> AsyncIterator[Publisher]:
    """Let gateways follow and ask a core of this process."""
    async with AsyncExitStack() as stack:
        redis = await stack.enter_async_context(connected(settings.redis))
        reading = await stack.enter_async_context(connected(settings.redis))
        publisher = Publisher(redis, settings.shard, epoch, core)
        clerk = Clerk(reading, redis, settings.shard, core, publisher, prints)
        publisher.start()
        stack.push_async_callback(publisher.close)
        await clerk.start()
        stack.push_async_callback(clerk.close)
        yield publisher


@asynccontextmanager
async def followed(settings: ServerSettings) -> AsyncIterator[RemoteCore]:
    """Lend the core of another process.

    Raises:
        VenueUnavailable: it was not heard within a minute.
    """
    async with AsyncExitStack() as stack:
        reading = await stack.enter_async_context(connected(settings.redis))
        asking = await stack.enter_async_context(connected(settings.redis))
        core = RemoteCore(reading, asking, settings.shard)
        stack.push_async_callback(core.close)
        if not await core.start(PATIENCE_S):
            raise VenueUnavailable(
                f"No exchange of shard {settings.shard!r} was heard on Redis for {PATIENCE_S:.0f} s. "
                "Start one with --role core and the same --redis."
            )
        yield core
