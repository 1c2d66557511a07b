"""`/v1/ws` as an ASGI application: who may come in, what is said, how it ends."""

from __future__ import annotations

import logging

import msgspec
from starlette.types import Receive, Scope, Send

from engine.server.http.address import address_of
from engine.server.refusal import Refusal, forbidden
from engine.server.services import Services
from engine.server.ws.client import Client
from engine.server.ws.conversation import Conversation
from engine.server.ws.outlet import EXTENSION, Outlet
from engine.wire.problem import MEDIA_TYPE

log = logging.getLogger(__name__)

INTERNAL = 1011
"""Close code: a mistake of ours."""


class StreamEndpoint:
    """The application behind the WebSocket route."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket until it ends."""
        client = await let_in(self._services, scope, receive, send)
        if client is None:
            return
        conversation = Conversation(client, self._services)
        try:
            while True:
                message = await receive()
                if message["type"] == "websocket.disconnect":
                    return
                await conversation.take(message.get("text"))
        except Exception:
            log.exception("a stream failed")
            client.close(INTERNAL, "Something went wrong here.")
        finally:
            self._services.hub.drop(client)


async def let_in(services: Services, scope: Scope, receive: Receive, send: Send) -> Client | None:
    """Finish the handshake and return the new client; None if it was refused. Whoever gets it must `drop` it."""
    await receive()  # websocket.connect
    try:
        check_origin(services, scope)
        outlet: Outlet | None = scope.get("extensions", {}).get(EXTENSION)
        if outlet is None:
            raise Refusal(501, "no_streams", "This server was started without streams.")
        client = services.hub.open(outlet, ip=address_of(scope, services))
    except Refusal as refusal:
        await _refuse(refusal, send)
        return None
    try:
        await send({"type": "websocket.accept"})
    except BaseException:
        services.hub.drop(client)
        raise
    return client


def check_origin(services: Services, scope: Scope) -> None:
    """Refuse web pages that were not named; programs send no origin.

    Raises:
        Refusal: the origin may not open a WebSocket here.
    """
    for name, value in scope["headers"]:
        if name == b"origin" and value.decode("latin-1") not in services.settings.allowed_origins:
            services.hub.counters.refused += 1
            raise forbidden("Web pages of this origin may not connect here.", "origin")


async def _refuse(refusal: Refusal, send: Send) -> None:
    """Answer the handshake with a problem."""
    body = msgspec.json.encode(refusal.problem())
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in refusal.headers.items()]
    await send({"type": "websocket.http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
