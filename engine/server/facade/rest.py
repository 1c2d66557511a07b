"""`/api/v3` over HTTP: the raw query and body are what was signed; errors are Binance's bodies."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from starlette.types import Receive, Scope, Send

from engine.errors import CrsError
from engine.server.facade.fault import Fault, of_failure, of_refusal
from engine.server.facade.operation import Asked, Front, Operation, Security
from engine.server.facade.parameters import parse, unsigned
from engine.server.facade.pipeline import carry_out
from engine.server.http.body import read_body
from engine.server.http.visit import Visit, visit_of
from engine.server.principal import Principal
from engine.server.refusal import Refusal

log = logging.getLogger(__name__)

KEY_HEADER = "x-mbx-apikey"
_ENCODER = msgspec.json.Encoder()


class RestEndpoint:
    """An operation as an ASGI application."""

    def __init__(self, operation: Operation, front: Front) -> None:
        self._operation, self._front = operation, front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        visit = visit_of(scope, self._front.services)
        headers: dict[str, str] = {}
        status, answer = await self._answer(scope, receive, headers, visit)
        await reply(send, status, answer, headers)

    async def _answer(self, scope: Scope, receive: Receive, headers: dict[str, str], visit: Visit) -> tuple[int, Any]:
        try:
            return 200, await self._carry_out(scope, receive, headers, visit)
        except Fault as fault:
            answer = fault
        except Refusal as refusal:
            answer = of_refusal(refusal)
        except CrsError as error:
            answer = of_failure(error)
        except Exception:
            log.exception("request failed", extra={"request_id": visit.request_id, "path": self._operation.path})
            answer = Fault(-1000, "An unknown error occurred while processing the request.", 500)
        headers |= answer.headers
        visit.word = f"binance{answer.code}"
        return answer.status, answer.body()

    async def _carry_out(self, scope: Scope, receive: Receive, headers: dict[str, str], visit: Visit) -> Any:  # noqa: ANN401
        sent = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        settings = self._front.services.settings
        body = await read_body(receive, settings.max_body_bytes, sent, settings.request_timeout_s)
        query, signature = unsigned(_ascii(scope["query_string"]))
        form, in_body = unsigned(_ascii(body))
        told = parse(query, form)

        async def author() -> Principal:
            key = sent.get(KEY_HEADER, "")
            return await self._author(key, f"{query}{form}", signature or in_body, visit.ip)

        return await carry_out(Asked(self._front, told), self._operation, author, visit, headers)

    async def _author(self, key: str, payload: str, signature: str | None, ip: str) -> Principal:
        return await author_of(self._front, self._operation.security, key, payload, signature, ip)


async def reply(send: Send, status: int, answer: Any, headers: dict[str, str]) -> None:  # noqa: ANN401 - what JSON can say
    """Send an answer."""
    payload = _ENCODER.encode(answer)
    told = {"content-type": "application/json;charset=UTF-8", "content-length": str(len(payload)), **headers}
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in told.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": payload})


async def author_of(
    front: Front, security: Security, key: str, payload: str, signature: str | None, ip: str
) -> Principal:
    """Return who asks.

    Raises:
        Fault, Refusal: no key, a bad one, or a bad signature.
    """
    if not key:
        raise Fault(-2014, "API-key format invalid.", 401)
    authenticator = front.services.authenticator
    if not security.is_signed:
        return await authenticator.key(key, ip=ip)
    if not signature:
        raise Fault(-1102, "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.")
    return await authenticator.signed(key, payload.encode(), signature, ip=ip)


def _ascii(raw: bytes) -> str:
    try:
        return raw.decode("ascii")
    except UnicodeDecodeError:
        raise Fault(-1100, "Illegal characters found in the parameters; they are ASCII, percent-encoded.") from None
