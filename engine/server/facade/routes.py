"""The facade's paths."""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from engine.server.facade import account, general, listing, marketdata, trading, userstream, wallet
from engine.server.facade.operation import Front, Operation
from engine.server.facade.rest import RestEndpoint, reply
from engine.server.facade.sockets import StreamSocket
from engine.server.facade.wsapi import ApiSocket
from engine.server.services import Services

OPERATIONS: tuple[Operation, ...] = (
    *general.OPERATIONS,
    *marketdata.OPERATIONS,
    *account.OPERATIONS,
    *trading.OPERATIONS,
    *listing.OPERATIONS,
    *userstream.OPERATIONS,
    *wallet.OPERATIONS,
)


def facade_routes(services: Services) -> list[BaseRoute]:
    """Return the routes of the facade."""
    front = Front.over(services)
    routes: list[BaseRoute] = [
        Route(f"{each.base}{each.path}", RestEndpoint(each, front), methods=[each.method]) for each in OPERATIONS
    ]
    routes += (WebSocketRoute(path, ApiSocket(front, OPERATIONS)) for path in ("/ws-api/v3", "/ws-api/v3/"))
    for path in ("/ws", "/ws/{names:path}", "/stream/{names:path}"):
        routes.append(WebSocketRoute(path, StreamSocket(front, wrapped=False)))
    routes.append(WebSocketRoute("/stream", StreamSocket(front, wrapped=True)))
    return [*routes, *(Mount(path, app=nothing_here) for path in ("/api", "/sapi"))]


async def nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 404 to what Binance has and this server has not."""
    del scope, receive
    await reply(send, 404, {"code": -1000, "msg": "There is no such endpoint here."}, {})
