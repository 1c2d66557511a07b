"""The streams of a server process, opened and closed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from engine.ports.clock import SystemClock
from engine.server.core.port import Core
from engine.server.settings import Streams
from engine.server.ws.channels import Channels
from engine.server.ws.hub import Hub


@asynccontextmanager
async def opened(core: Core, limits: Streams) -> AsyncIterator[tuple[Hub, Channels]]:
    """Lend the hub and the channels over a core."""
    hub, channels = Hub(core.bus, SystemClock(), limits), Channels(core)
    hub.start()
    channels.start()
    try:
        yield hub, channels
    finally:
        await channels.close()
        await hub.close()
