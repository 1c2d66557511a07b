"""A route as data: what it takes, what it answers, who may call it, how it is limited. OpenAPI is made from these."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from engine.server.limits.tier import Tier, Verdict
from engine.server.principal import Principal, Role, Scope

if TYPE_CHECKING:
    from engine.server.services import Services

Handler = Callable[["Call"], Awaitable[Any]]
"""Returns what `Route.answer` says; None with status 204."""


class Access(StrEnum):
    """Who may call a route."""

    PUBLIC = "public"
    """Anybody."""
    USER = "user"
    """Whoever is signed in, by session or by key."""
    SESSION = "session"
    """A person's session only, no API key."""


@dataclass(frozen=True, slots=True)
class Route:
    """One operation."""

    method: str
    path: str
    """Starlette's, e.g. `/v1/orders/{order_id}`."""
    handler: Handler
    summary: str
    """One line for the documentation."""
    tag: str
    answer: Any = None
    """A struct; None = no content."""
    status: int = 200
    body: Any = None
    query: Any = None
    """A struct whose fields are strings or numbers with defaults."""
    access: Access = Access.USER
    scope: Scope = Scope.READ
    """What an API key needs."""
    roles: tuple[Role, ...] = ()
    """Which roles may; empty = all."""
    step_up: bool = False
    """Whether a proof of presence must be recent."""
    tier: Tier = Tier.MARKET
    idempotent: bool = False
    """Whether the header `Idempotency-Key` makes a repeat harmless."""
    refuses: tuple[int, ...] = ()
    """Statuses of problems besides 400, 401, 403, 413, 429, 500 and 503, which any route may answer."""


@dataclass(slots=True)
class Call:
    """One request on its way through a handler."""

    services: Services
    route: Route
    request_id: str
    ip: str
    headers: dict[str, str]
    """Lower case names."""
    params: dict[str, str]
    """Of the path."""
    body: Any = None
    query: Any = None
    principal: Principal | None = None
    answer_headers: dict[str, str] = field(default_factory=dict)
    verdict: Verdict | None = None
    """Of the limit that was counted last."""

    @property
    def who(self) -> Principal:
        """The author; only where the route demands one."""
        assert self.principal is not None, "the dispatcher refuses strangers"  # noqa: S101 - a promise of dispatch
        return self.principal
