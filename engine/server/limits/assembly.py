"""Putting the limiter together as the settings say."""

from __future__ import annotations

from engine.server.limits.memory import MemoryLimiter
from engine.server.limits.port import Limiter, Unlimited
from engine.server.limits.scale import Scale
from engine.server.settings import ServerSettings


def limiter_of(settings: ServerSettings) -> Limiter:
    """Return whoever counts in this server."""
    if settings.limits == "off":
        return Unlimited()
    return MemoryLimiter(Scale(settings.limit_times, settings.limit_times_of))
