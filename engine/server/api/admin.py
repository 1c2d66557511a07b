"""What operators may see and do."""

from __future__ import annotations

from engine.server.http.route import Route

ROUTES: tuple[Route, ...] = ()
