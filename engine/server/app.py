"""The ASGI application: `/v1`, streams, the facade and health, all on one port."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.routing import Route as HttpRoute
from starlette.types import ASGIApp

from engine.server.api import ROUTES
from engine.server.http.dispatch import Endpoint
from engine.server.http.edge import Edge
from engine.server.http.failures import HANDLERS
from engine.server.services import Services


def make_app(services: Services) -> ASGIApp:
    """Return the application over a server's parts, behind its edge."""
    app = Starlette(routes=[*_api(services)], exception_handlers=HANDLERS)
    app.router.redirect_slashes = False  # it would answer with an address made of what the client says it called
    return Edge(app, services)


def _api(services: Services) -> list[BaseRoute]:
    return [HttpRoute(route.path, Endpoint(route, services), methods=[route.method]) for route in ROUTES]
