"""One request as the edge knows it: made before anything is done, read by whatever answers."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from random import getrandbits

from starlette.types import Scope

from engine.server.http.address import address_of, network_of
from engine.server.limits.tier import Tier
from engine.server.services import Services

KEY = "crs.visit"
"""Where an ASGI scope holds it."""


@dataclass(slots=True)
class Visit:
    """A request between its first byte and its answer."""

    ip: str
    net: str
    """What is counted and blocked together."""
    request_id: str = field(default_factory=lambda: f"{getrandbits(64):016x}")
    """Tells requests apart, and is no secret: random bytes of the system would cost a change of threads."""
    begun: float = field(default_factory=time.perf_counter)
    who: str = ""
    """`user:7` or `key:3`, once that is known."""
    trust: float = 1.0
    """What that one's trust returns to."""
    tier: Tier | None = None
    """As what it was counted."""
    word: str = ""
    """The word of the problem, if it was refused."""


def visit_of(scope: Scope, services: Services) -> Visit:
    """Return the visit of a scope, made now if no edge stands before the application."""
    visit: Visit | None = scope.get(KEY)
    if visit is None:
        ip = address_of(scope, services)
        visit = scope[KEY] = Visit(ip, network_of(ip))
    return visit
