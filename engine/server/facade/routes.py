"""The facade's paths."""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from engine.server.facade import account, general, listing, marketdata, trading
from engine.server.facade.operation import Front, Operation
from engine.server.facade.rest import RestEndpoint, reply
from engine.server.services import Services

OPERATIONS: tuple[Operation, ...] = (
    *general.OPERATIONS,
    *marketdata.OPERATIONS,
    *account.OPERATIONS,
    *trading.OPERATIONS,
    *listing.OPERATIONS,
)


def facade_routes(services: Services) -> list[BaseRoute]:
    """Return the routes of the facade."""
    front = Front(services)
    routes: list[BaseRoute] = [
        Route(f"/api/v3/{each.path}", RestEndpoint(each, front), methods=[each.method]) for each in OPERATIONS
    ]
    return [*routes, *(Mount(path, app=nothing_here) for path in ("/api", "/sapi"))]


async def nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 404 to what Binance has and this server has not."""
    del scope, receive
    await reply(send, 404, {"code": -1000, "msg": "There is no such endpoint here."}, {})
