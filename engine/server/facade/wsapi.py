"""`/ws-api/v3`: the operations by word over one socket, and an account's events on it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import msgspec
from starlette.types import Receive, Scope, Send

from engine.errors import CrsError
from engine.server.facade.fault import Fault, of_failure, of_refusal
from engine.server.facade.operation import Asked, Front, Operation, Security
from engine.server.facade.pace import Pace
from engine.server.facade.parameters import SIGNATURE, Parameters
from engine.server.facade.pipeline import carry_out
from engine.server.facade.rest import author_of
from engine.server.facade.subscriptions import Subscriptions
from engine.server.facade.usage import rate_limits
from engine.server.http.address import network_of
from engine.server.http.visit import Visit
from engine.server.principal import Principal
from engine.server.refusal import Refusal
from engine.server.ws.client import Client
from engine.server.ws.endpoint import INTERNAL, let_in
from engine.server.ws.frame import text_frame
from engine.wire.stream import POLICY

log = logging.getLogger(__name__)

UNKNOWN, FORGED = 401, -1022
"""Answers to whoever shows no key of ours, or a signature that is not its own; the log tells of them."""

_ENCODER = msgspec.json.Encoder()


class ApiSocket:
    """The application behind `/ws-api/v3`."""

    def __init__(self, front: Front, operations: tuple[Operation, ...]) -> None:
        self._front = front
        self._by_word = {each.word: each for each in operations if each.word}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket until it ends."""
        client = await let_in(self._front.services, scope, receive, send)
        if client is None:
            return
        talk = ApiTalk(client, self._front, self._by_word)
        try:
            while True:
                message = await receive()
                if message["type"] == "websocket.disconnect":
                    return
                await talk.take(message.get("text"))
        except Exception:
            log.exception("a socket of the ws-api failed")
            client.close(INTERNAL, "Something went wrong here.")
        finally:
            talk.subscriptions.end()
            self._front.services.hub.drop(client)


class ApiTalk:
    """The requests of one client, one after the other."""

    def __init__(self, client: Client, front: Front, by_word: dict[str, Operation]) -> None:
        self._client, self._front = client, front
        self._pace = Pace(front.services.settings.streams.asks_per_s)
        self.subscriptions = Subscriptions(client, front)
        self._session: Principal | None = None
        self._by_word = by_word | {each.word: each for each in self._own()}

    def _own(self) -> tuple[Operation, ...]:
        """Return the operations that only a socket has."""
        subscriptions = self.subscriptions
        return (
            Operation("", "", subscriptions.subscribe, (), Security.READ, 2, word="userDataStream.subscribe"),
            Operation("", "", subscriptions.subscribe, (), Security.READ, 2, word="userDataStream.subscribe.signature"),
            Operation(
                "", "", subscriptions.unsubscribe, ("subscriptionId",), weight=2, word="userDataStream.unsubscribe"
            ),
            Operation("", "", subscriptions.show, (), weight=2, word="session.subscriptions"),
            Operation("", "", self._log_on, (), Security.READ, 2, word="session.logon"),
            Operation("", "", self._status, (), weight=2, word="session.status"),
            Operation("", "", self._log_out, (), weight=2, word="session.logout"),
        )

    async def take(self, text: str | None) -> None:
        """Answer one message."""
        number: Any = None
        asked: Asked | None = None
        wants_limits = True
        try:
            self._pace.count()
            told = _read(text)
            number = told.get("id")
            operation = self._by_word.get(str(told.get("method")))
            if operation is None:
                raise Fault(-1100, f"There is no method {str(told.get('method'))[:60]!r} here.")
            params = _texts(told.get("params", {}))
            wants_limits = params.get("returnRateLimits", "true") != "false"
            sent = {name: text for name, text in params.items() if name != "returnRateLimits"}
            asked = Asked(self._front, Parameters(sent))
            result = await self._carry_out(asked, operation, params)
            answer = {"id": number, "status": 200, "result": result}
            self._pace.well()
        except (Fault, Refusal, CrsError) as refusal:
            fault = _fault(refusal)
            answer = {"id": number, "status": fault.status, "error": fault.body()}
            if fault.status == UNKNOWN or fault.code == FORGED:
                told = {
                    "who": self._client.ip,
                    "path": "/ws-api/v3",
                    "status": fault.status,
                    "word": f"binance{fault.code}",
                }
                log.info("request refused", extra=told)
            if number is None and self._pace.strike():
                self._client.close(POLICY, "Too many messages that cannot be used.")
                return
        except Exception:
            log.exception("request failed", extra={"path": "/ws-api/v3"})
            fault = Fault(-1000, "An unknown error occurred while processing the request.", 500)
            answer = {"id": number, "status": fault.status, "error": fault.body()}
        if wants_limits:
            answer["rateLimits"] = rate_limits(asked.used) if asked is not None else []
        self._client.tell(text_frame(_ENCODER.encode(answer)))

    async def _carry_out(self, asked: Asked, operation: Operation, params: dict[str, str]) -> Any:  # noqa: ANN401 - what the handler answers
        ip = self._client.ip

        async def author() -> Principal:
            if "apiKey" not in params and self._session is not None:
                return self._session
            key = params.get("apiKey", "")
            payload, signature = signed_text(params), params.get(SIGNATURE)
            try:
                return await author_of(self._front, operation.security, key, payload, signature, ip)
            except Refusal:
                other = signed_text(params, encoded=True)
                if other == payload:
                    raise
                return await author_of(self._front, operation.security, key, other, signature, ip)

        return await carry_out(asked, operation, author, Visit(ip, network_of(ip)), {})

    async def _log_on(self, asked: Asked) -> Any:  # noqa: ANN401
        self._front.services.hub.sign_in(self._client, asked.known)
        self._session = asked.known
        return await self._status(asked)

    async def _log_out(self, asked: Asked) -> Any:  # noqa: ANN401
        self._session = None
        return await self._status(asked)

    async def _status(self, asked: Asked) -> Any:  # noqa: ANN401
        session = self._session
        return {
            "apiKey": None if session is None else f"#{session.key_id}",
            "authorizedSince": None if session is None else asked.front.now_ms,
            "connectedSince": asked.front.now_ms,
            "returnRateLimits": True,
            "serverTime": asked.front.now_ms,
            "userDataStream": self.subscriptions.is_open,
        }


def signed_text(params: dict[str, str], *, encoded: bool = False) -> str:
    """Return what is signed: the parameters in alphabetical order; `encoded` as in a URL."""
    shown: Callable[[str], str] = (lambda text: quote(text, safe="")) if encoded else str
    return "&".join(f"{name}={shown(params[name])}" for name in sorted(params) if name != SIGNATURE)


def _fault(refusal: Fault | Refusal | CrsError) -> Fault:
    if isinstance(refusal, Fault):
        return refusal
    return of_refusal(refusal) if isinstance(refusal, Refusal) else of_failure(refusal)


def _read(text: str | None) -> dict[str, Any]:
    """Return a message; its numbers stay as they were written, for they may be signed."""
    try:
        found = json.loads(text or "", parse_float=str)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Fault(-1135, "Invalid JSON Request")
    return found


def _texts(params: Any) -> dict[str, str]:  # noqa: ANN401 - what was sent
    if not isinstance(params, dict):
        raise Fault(-1135, "Invalid JSON Request: params must be an object.")
    return {str(name): _text(value) for name, value in params.items() if value is not None}


def _text(value: Any) -> str:  # noqa: ANN401 - what was sent
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)
