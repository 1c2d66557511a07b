"""The application behind the second door: `/control/…` for whoever shows the word of `control.json`."""

from __future__ import annotations

import hmac
import os
from collections.abc import Awaitable, Callable
from importlib.metadata import version

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from engine.errors import CrsError, InvalidInput
from engine.server.ops import watch
from engine.server.ops.fund import Funding, Funds, fund
from engine.server.refusal import Refusal, bad_request, refusal_of, unauthorized
from engine.server.services import Services
from engine.wire.problem import MEDIA_TYPE

Act = Callable[[Services, bytes], Awaitable[msgspec.Struct]]


class State(msgspec.Struct):
    """A running server as commands see it."""

    pid: int
    version: str
    role: str
    market: str
    market_ns: int
    state: str


def make_ops_app(services: Services, token: str | None, *more: BaseRoute) -> Starlette:
    """Return the application; without a word it takes no commands. `more` routes need none: what monitoring reads."""
    if token is None:
        return Starlette(routes=more)
    routes = [
        Route("/control/state", _guarded(services, token, _state), methods=["GET"]),
        Route("/control/fund", _guarded(services, token, _fund), methods=["POST"]),
        Route("/control/metrics", _guarded(services, token, watch.figures), methods=["GET"]),
        Route("/control/blocks", _guarded(services, token, watch.blocks), methods=["GET"]),
        Route("/control/blocks/add", _guarded(services, token, watch.block), methods=["POST"]),
        Route("/control/blocks/lift", _guarded(services, token, watch.lift), methods=["POST"]),
    ]
    return Starlette(routes=[*routes, *more])


def _guarded(services: Services, token: str, act: Act) -> Callable[[Request], Awaitable[Response]]:
    """Return a handler that carries out an act for whoever shows the word."""
    wanted = f"Bearer {token}".encode()

    async def handle(request: Request) -> Response:
        try:
            if not hmac.compare_digest(request.headers.get("authorization", "").encode(), wanted):
                raise unauthorized("This door is for commands of this machine.")
            answer = await act(services, await request.body())
        except Refusal as refusal:
            return _problem(refusal)
        except CrsError as error:
            return _problem(refusal_of(error))
        return Response(msgspec.json.encode(answer), media_type="application/json")

    return handle


def _problem(refusal: Refusal) -> Response:
    return Response(msgspec.json.encode(refusal.problem()), refusal.status, media_type=MEDIA_TYPE)


async def _state(services: Services, _: bytes) -> State:
    settings, core = services.settings, services.core
    return State(os.getpid(), version("crs-desktop"), settings.role, settings.market, core.now, str(core.state))


async def _fund(services: Services, body: bytes) -> Funds:
    try:
        funding = msgspec.json.decode(body, type=Funding)
    except msgspec.DecodeError as error:
        raise bad_request(f"The body cannot be used: {error}.") from None
    known = ", ".join(services.halls) or "none"
    if not funding.venue and services.settings.market == "none":
        raise InvalidInput(f"This server has upstream markets only; name one with --venue: {known}.")
    there = services.halls.get(funding.venue) if funding.venue else services
    if there is None:
        raise InvalidInput(f"This server has no upstream market {funding.venue[:40]!r}; there are: {known}.")
    return await fund(there.core, there.exchange_db, funding)
