"""Everything that a request may need, put together once by `assembly`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.bus import Bus
from engine.observe.tally import Tally
from engine.ports.clock import Clock
from engine.server.auth.identity import Identity
from engine.server.auth.port import Authenticator
from engine.server.core.port import Core, JournalVitals
from engine.server.limits.doorkeeper import Doorkeeper
from engine.server.limits.guard import Guard
from engine.server.limits.port import Limiter
from engine.server.market import MarketView
from engine.server.redis.connection import RedisLink
from engine.server.settings import ServerSettings

if TYPE_CHECKING:
    from sqlalchemy import Engine as SqlEngine

    from engine.server.hall.hall import Hall
    from engine.server.observe.monitor import Monitor
    from engine.server.ws.channels import Channels
    from engine.server.ws.hub import Hub


@dataclass(slots=True)
class Services:
    """The parts of one server process."""

    settings: ServerSettings
    clock: Clock
    bus: Bus
    core: Core
    market: MarketView
    exchange_db: SqlEngine
    """Reads of the journal's projections; the writer has its own connection."""
    limiter: Limiter
    authenticator: Authenticator
    identity: Identity
    """Users, sessions, keys and the security log."""
    guard: Guard
    """Who is blocked, who is trusted how far."""
    hub: Hub
    """Everybody who has a socket open."""
    channels: Channels
    """What `/v1/ws` has to tell."""
    keeper: Doorkeeper = field(default_factory=Doorkeeper)
    """Of this process's connections."""
    redis: RedisLink | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server was asked to stop: nothing new is taken in."""
    journal: JournalVitals | None = None
    """Only where it is written."""
    monitor: Monitor | None = None
    tally: Tally = field(default_factory=Tally)
    """Of this process's requests."""
    hall: Hall | None = None
    """The upstream venue whose market this is; None at the root."""
    halls: dict[str, Services] = field(default_factory=dict)
    """The parts of every upstream venue, by name; the same for all of them."""

    @property
    def watch(self) -> Monitor:
        """Who watches this process."""
        assert self.monitor is not None, "assembly starts it"  # noqa: S101 - a promise of assembly
        return self.monitor
