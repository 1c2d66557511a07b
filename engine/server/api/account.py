"""What an account holds and did."""

from __future__ import annotations

from engine.server.http.route import Route

ROUTES: tuple[Route, ...] = ()
