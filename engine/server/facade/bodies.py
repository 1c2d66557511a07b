"""What the edge and the router refuse on the facade's paths, in Binance's words instead of problem details."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.server.facade.fault import TEAPOT, Fault, of_refusal
from engine.server.refusal import Refusal
from engine.wire.problem import MEDIA_TYPE, Problem

PREFIXES = ("/api/", "/sapi/")
_REWRITTEN = {b"content-type", b"content-length"}


class BinanceBodies:
    """An ASGI application around the whole of the others."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; other paths pass as they are."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIXES):
            await self._app(scope, receive, _Rewriter(send).send)
        else:
            await self._app(scope, receive, send)


class _Rewriter:
    """An answer on its way out: a problem is held until its body is there."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._held: Message | None = None

    async def send(self, message: Message) -> None:
        """Pass on a message, or hold or rewrite it."""
        if message["type"] == "http.response.start":
            if (b"content-type", MEDIA_TYPE.encode()) in [(name.lower(), value) for name, value in message["headers"]]:
                self._held = message
                return
        elif self._held is not None:
            await self._send_fault(self._held, message)
            return
        await self._send(message)

    async def _send_fault(self, start: Message, body: Message) -> None:
        told = msgspec.json.decode(body.get("body", b"{}"), type=Problem)
        fault = of_problem(told)
        payload = msgspec.json.encode(fault.body())
        headers = [(name, value) for name, value in start["headers"] if name.lower() not in _REWRITTEN]
        headers += [(b"content-type", b"application/json;charset=UTF-8"), (b"content-length", b"%d" % len(payload))]
        await self._send({**start, "status": fault.status, "headers": headers})
        await self._send({**body, "body": payload})


def of_problem(told: Problem) -> Fault:
    """Return how a problem reads at Binance; a blocked address is its teapot."""
    word = told.type.rpartition("/")[2]
    if word == "blocked":
        return Fault(-1003, told.detail, TEAPOT)
    if told.status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
        return Fault(-1000, told.detail, told.status)
    return of_refusal(Refusal(told.status, word, told.detail))
