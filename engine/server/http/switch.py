"""Routes without parameters, found at once: a look-up instead of one pattern after the other."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable

from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send


class Switch:
    """An ASGI application before a router: what it does not know goes on to that."""

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._known = {
            (method, route.path): route
            for route in routes
            if isinstance(route, Route) and not route.param_convertors
            for method in route.methods or ()
            if method != "HEAD"  # a router answers that without a body
        }

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer a request."""
        route = self._known.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if route is None:
            return self._app(scope, receive, send)
        scope["route"], scope["path_params"] = route, {}
        return route.app(scope, receive, send)
