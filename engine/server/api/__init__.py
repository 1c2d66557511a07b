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

ROUTES: tuple[Route, ...] = (
    *system.ROUTES,
    *markets.ROUTES,
    *auth.ROUTES,
    *selfcare.ROUTES,
    *account.ROUTES,
    *orders.ROUTES,
    *orderlists.ROUTES,
    *admin.ROUTES,
    *users.ROUTES,
    *blocks.ROUTES,
    *metrics.ROUTES,
)
