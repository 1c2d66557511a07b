"""`/health` on the main port and `/metrics` on the operators' own, as plain ASGI endpoints."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from engine.errors import CrsError
from engine.server.http.reply import ENCODER
from engine.server.http.visit import visit_of
from engine.server.observe.families import ServerCollector
from engine.server.observe.health import health_of
from engine.server.principal import Principal, Role
from engine.server.refusal import Refusal
from engine.server.services import Services
from engine.wire.metrics import Health, State

Answer = Callable[[Request], Awaitable[Response]]


def health_routes(services: Services) -> list[BaseRoute]:
    """Return `/health`, `/health/live` and `/health/ready`."""

    async def live(_request: Request) -> Response:
        return _json(Health(State.HEALTHY), 200)

    async def ready(request: Request) -> Response:
        health = health_of(services.watch)
        operator = await _is_operator(request, services)
        status = 503 if health.state is State.CRITICAL else 200
        return _json(health if operator else Health(health.state), status)

    paths = (("/health", ready), ("/health/ready", ready), ("/health/live", live))
    return [Route(path, answer, methods=["GET"]) for path, answer in paths]


def metrics_route(services: Services) -> BaseRoute:
    """Return `/metrics` for Prometheus; for a listener that only this machine reaches."""
    registry = CollectorRegistry()
    registry.register(ServerCollector(services.watch))
    ProcessCollector(registry=registry)

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_1_0_0)

    return Route("/metrics", metrics, methods=["GET"])


async def _is_operator(request: Request, services: Services) -> bool:
    """Whether an operator asks, who is told more; a token that does not count is as good as none."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        return False
    try:
        who: Principal = await services.authenticator.bearer(token, ip=visit_of(request.scope, services).ip)
    except (Refusal, CrsError):
        return False
    return who.role is Role.ADMIN


def _json(health: Health, status: int) -> Response:
    return Response(ENCODER.encode(health), status, media_type="application/json")
