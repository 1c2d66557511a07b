"""The ASGI application: `/v1`, streams, the facade and health, all on one port."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.routing import Route as HttpRoute
from starlette.types import ASGIApp

from engine.server.api import EXCHANGE, ROUTES, system
from engine.server.facade.bodies import BinanceBodies
from engine.server.facade.routes import facade_routes
from engine.server.hall.entrance import Halls
from engine.server.http.dispatch import Endpoint
from engine.server.http.edge import Edge
from engine.server.http.failures import HANDLERS
from engine.server.http.switch import Switch
from engine.server.observe.routes import health_routes
from engine.server.openapi import openapi_route
from engine.server.services import Services
from engine.server.ws.endpoint import StreamEndpoint


def make_app(services: Services) -> ASGIApp:
    """Return the application over a server's parts, behind its edge: what this process's role serves."""
    settings = services.settings
    has_market = services.hall is not None or settings.market != "none"
    known = ROUTES if has_market else tuple(route for route in ROUTES if route not in EXCHANGE)
    served = (
        (*known, openapi_route(known, f"/{services.hall.name}" if services.hall else ""))
        if settings.serves_requests
        else system.ROUTES
    )
    api: list[BaseRoute] = [
        HttpRoute(route.path, Endpoint(route, services), methods=[route.method]) for route in served
    ]
    api += facade_routes(services) if has_market else ()
    routes = [*api, *health_routes(services)]
    if settings.serves_streams and has_market:
        routes.append(WebSocketRoute("/v1/ws", StreamEndpoint(services)))
    app = Starlette(routes=routes, exception_handlers=HANDLERS)
    app.router.redirect_slashes = False  # it would answer with an address made of what the client says it called
    whole = BinanceBodies(Edge(Switch(app, api), services))
    if services.hall is not None or not services.halls:
        return whole
    return Halls(whole, {name: make_app(each) for name, each in services.halls.items()})
