"""Servers in a test's own process, open at once: what a market's lead and a password's hash cost is held elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from unittest.mock import patch

from engine.adapters.paper import wallclock
from engine.bootstrap import exchange
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.ports.clock import Clock
from engine.server.assembly import assembled
from engine.server.auth import password
from engine.server.services import Services
from engine.server.settings import ServerSettings

LEAD = Nanos(15 * NANOS_PER_SECOND)
"""Market time traded before people come: prints of every pair, for a sixth of the work."""

CHEAP_KIB = 64


@asynccontextmanager
async def opened_at_once(settings: ServerSettings, clock: Clock | None = None) -> AsyncIterator[Services]:
    """Assemble a server whose market has traded for less long, and whose password hashes cost next to nothing."""
    async with AsyncExitStack() as stack:
        with ExitStack() as cheap:
            cheap.enter_context(patch.object(wallclock, "LEAD", LEAD))
            cheap.enter_context(patch.object(exchange, "LEAD", LEAD))
            cheap.enter_context(patch.multiple(password, ARGON_KIB=CHEAP_KIB, BCRYPT_ROUNDS=4))
            services = await stack.enter_async_context(assembled(settings, clock))
        yield services
