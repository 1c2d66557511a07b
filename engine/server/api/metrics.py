"""How the server is doing, for its operators."""

from __future__ import annotations

from engine.server.http.route import Access, Call, Route
from engine.server.observe.figures import figures_of
from engine.server.principal import Role
from engine.wire.metrics import Metrics


async def metrics(call: Call) -> Metrics:
    """Answer with every figure."""
    return figures_of(call.services.watch)


ROUTES = (
    Route(
        "GET", "/v1/metrics", metrics, "How the server is doing: health, machine, requests, databases, limits",
        "operators", Metrics, access=Access.SESSION, roles=(Role.ADMIN,),
    ),
)  # fmt: skip
