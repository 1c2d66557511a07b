"""The facade's paths."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route, WebSocketRoute

from engine.server.facade import account, general, listing, marketdata, trading, userstream, wallet
from engine.server.facade.operation import Front, Operation
from engine.server.facade.rest import RestEndpoint
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
    """Return the routes of the facade that this process's role serves."""
    front, settings = Front.over(services), services.settings
    routes: list[BaseRoute] = []
    if settings.serves_requests:
        routes += (
            Route(f"{each.base}{each.path}", RestEndpoint(each, front), methods=[each.method]) for each in OPERATIONS
        )
    if settings.serves_streams:
        routes.append(WebSocketRoute("/ws-api/v3", ApiSocket(front, OPERATIONS)))
        routes.append(WebSocketRoute("/stream", StreamSocket(front, wrapped=True)))
        for path in ("/ws", "/ws/{names:path}", "/stream/{names:path}"):
            routes.append(WebSocketRoute(path, StreamSocket(front, wrapped=False)))
    return routes
