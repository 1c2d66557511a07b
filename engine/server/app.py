"""The ASGI application: `/v1`, streams, the facade and health, all on one port."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.routing import Route as HttpRoute

from engine.server.api import ROUTES, system
from engine.server.http.dispatch import Endpoint
from engine.server.services import Services
from engine.server.ws.endpoint import StreamEndpoint


def make_app(services: Services) -> Starlette:
    """Return the application over a server's parts: what this process's role serves."""
    settings = services.settings
    routes: list[BaseRoute] = []
    if settings.serves_requests:
        routes += [HttpRoute(each.path, Endpoint(each, services), methods=[each.method]) for each in ROUTES]
    else:
        routes += [HttpRoute(each.path, Endpoint(each, services), methods=[each.method]) for each in system.ROUTES]
    if settings.serves_streams:
        routes.append(WebSocketRoute("/v1/ws", StreamEndpoint(services)))
    return Starlette(routes=routes)
