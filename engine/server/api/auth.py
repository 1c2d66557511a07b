"""Signing up, in and out."""

from __future__ import annotations

from engine.server.http.route import Route

ROUTES: tuple[Route, ...] = ()
