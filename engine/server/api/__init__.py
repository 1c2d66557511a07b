"""The REST API `/v1`: one module per subject, each with its `ROUTES`."""

from __future__ import annotations

from engine.server.api import (
    account,
    admin,
    auth,
    blocks,
    markets,
    metrics,
    orderlists,
    orders,
    selfcare,
    system,
    users,
)
from engine.server.http.route import Route

EXCHANGE: tuple[Route, ...] = (*account.ROUTES, *orders.ROUTES, *orderlists.ROUTES)
"""What there is only where there is a market."""

ROUTES: tuple[Route, ...] = (
    *system.ROUTES,
    *markets.ROUTES,
    *auth.ROUTES,
    *selfcare.ROUTES,
    *EXCHANGE,
    *admin.ROUTES,
    *users.ROUTES,
    *blocks.ROUTES,
    *metrics.ROUTES,
)
