"""The streams of a server process, opened and closed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from engine.bus import Bus
from engine.ports.clock import Clock
from engine.server.market import MarketView
from engine.server.settings import Streams
from engine.server.ws.channels import Channels
from engine.server.ws.hub import Hub

if TYPE_CHECKING:
    from sqlalchemy import Engine


@asynccontextmanager
async def opened(
    bus: Bus, clock: Clock, view: MarketView, exchange_db: Engine, limits: Streams
) -> AsyncIterator[tuple[Hub, Channels]]:
    """Lend the hub and the channels over a market; `view` must have started before."""
    hub = Hub(bus, clock, limits)
    hub.start()
    try:
        async with telling(bus, view, exchange_db) as channels:
            yield hub, channels
    finally:
        await hub.close()


@asynccontextmanager
async def telling(bus: Bus, view: MarketView, exchange_db: Engine) -> AsyncIterator[Channels]:
    """Lend the channels over a market; `view` must have started before."""
    channels = Channels(bus, view, exchange_db)
    channels.start()
    try:
        yield channels
    finally:
        await channels.close()
