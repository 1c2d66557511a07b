"""The ASGI application: `/v1`, streams, the facade and health, all on one port."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.routing import Route as HttpRoute

from engine.server.api import ROUTES
from engine.server.facade.routes import facade_routes
from engine.server.http.dispatch import Endpoint
from engine.server.services import Services
from engine.server.ws.endpoint import StreamEndpoint


def make_app(services: Services) -> Starlette:
    """Return the application over a server's parts."""
    return Starlette(
        routes=[*_api(services), WebSocketRoute("/v1/ws", StreamEndpoint(services)), *facade_routes(services)]
    )


def _api(services: Services) -> list[BaseRoute]:
    return [HttpRoute(route.path, Endpoint(route, services), methods=[route.method]) for route in ROUTES]
