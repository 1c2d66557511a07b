"""The server itself: its time, its version."""

from __future__ import annotations

from importlib.metadata import version

from engine.server.http.route import Access, Call, Route
from engine.wire.market import ServerTime, Venues, Version

OLDEST_CLIENT = "0.1.0"
"""The oldest desktop that still understands what this server says."""


async def time(call: Call) -> ServerTime:
    """Answer with both clocks."""
    return ServerTime(call.services.clock.wall() // 1_000_000, call.services.core.now // 1_000_000)


async def about(call: Call) -> Version:
    """Answer with what runs."""
    services = call.services
    if services.hall is not None:
        return Version(version("crs-desktop"), OLDEST_CLIENT, services.hall.name, services.hall.title)
    return Version(version("crs-desktop"), OLDEST_CLIENT, services.settings.market)


async def venues(call: Call) -> Venues:
    """Answer with the upstream markets and how they stand."""
    halls = (each.hall for each in call.services.halls.values())
    return Venues(tuple(hall.told() for hall in halls if hall is not None))


ROUTES = (
    Route("GET", "/v1/time", time, "The server's time and the market's", "system", ServerTime, access=Access.PUBLIC),
    Route("GET", "/v1/version", about, "What runs here", "system", Version, access=Access.PUBLIC),
    Route("GET", "/v1/venues", venues, "Upstream markets and how they stand", "system", Venues, access=Access.PUBLIC),
)
