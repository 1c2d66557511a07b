"""One request from the wire to its handler and back: the same steps, in the same order, for every route of `/v1`.

Limits come before the work they protect: the address is counted before the author is looked up, the author before
the body is read. Whatever goes wrong becomes a problem body; what nobody expected is logged under the request's id.
"""

from __future__ import annotations

import logging
import time
from secrets import token_hex
from typing import Any

import msgspec
from starlette.types import Receive, Scope, Send

from engine.errors import CrsError
from engine.server.http.route import Access, Call, Route
from engine.server.limits.tier import Tier, Verdict
from engine.server.principal import Principal
from engine.server.refusal import Refusal, bad_request, forbidden, refusal_of, unauthorized
from engine.server.services import Services
from engine.wire.problem import MEDIA_TYPE

log = logging.getLogger(__name__)

_ENCODER = msgspec.json.Encoder()


class Endpoint:
    """A route as an ASGI application."""

    def __init__(self, route: Route, services: Services) -> None:
        self._route, self._services = route, services
        self._decoder = msgspec.json.Decoder(route.body) if route.body is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        begun = time.perf_counter()
        call = Call(
            services=self._services,
            route=self._route,
            request_id=token_hex(8),
            ip=address_of(scope, self._services),
            headers=_headers(scope),
            params=scope["path_params"],
        )
        status, payload = 500, b""
        headers: dict[str, str] = {}
        try:
            answer = await self._carry_out(call, scope, receive, headers)
            status, payload = self._route.status, b"" if self._route.answer is None else _ENCODER.encode(answer)
            headers["content-type"] = "application/json"
        except Refusal as refusal:
            status, payload = refusal.status, _problem(refusal, call, headers)
        except CrsError as error:
            known = refusal_of(error)
            status, payload = known.status, _problem(known, call, headers)
        except Exception:
            log.exception("request failed", extra={"request_id": call.request_id, "path": self._route.path})
            bug = Refusal(500, "internal", "Something went wrong here; it is logged under this request's id.")
            status, payload = 500, _problem(bug, call, headers)
        spent_ms = (time.perf_counter() - begun) * 1000
        headers |= call.answer_headers
        headers["x-request-id"], headers["x-response-time"] = call.request_id, f"{spent_ms:.2f}ms"
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        raw.append((b"content-length", str(len(payload)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": payload})

    async def _carry_out(self, call: Call, scope: Scope, receive: Receive, headers: dict[str, str]) -> Any:  # noqa: ANN401 - what the handler answers
        route, services = self._route, self._services
        if route.access is Access.PUBLIC:
            await count(services, f"ip:{call.ip}", route.tier, headers)
        else:
            call.principal = await self._author(call)
            await count(services, call.principal.limited_as, route.tier, headers, call.principal.trust)
            self._authorize(call.principal)
        if route.query is not None:
            call.query = _query(scope["query_string"], route.query)
        if self._decoder is not None:
            body = await read_body(receive, services.settings.max_body_bytes, call.headers)
            try:
                call.body = self._decoder.decode(body)
            except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
                raise bad_request(f"The body cannot be used: {error}.") from None
        return await route.handler(call)

    async def _author(self, call: Call) -> Principal:
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise unauthorized()
        return await self._services.authenticator.bearer(token, ip=call.ip)

    def _authorize(self, principal: Principal) -> None:
        route = self._route
        if principal.key_id is not None and (route.access is Access.SESSION or route.scope not in principal.scopes):
            raise forbidden("This API key may not do that.", "scope")
        if route.roles and principal.role not in route.roles:
            raise forbidden("Your role may not do that.", "role")
        if route.step_up and principal.stepped_up_until < self._services.clock.wall():
            raise Refusal(
                403, "step_up_required", "Confirm that it is you, then try again.", methods=("totp", "password")
            )


async def count(services: Services, who: str, tier: Tier, headers: dict[str, str], trust: float = 1.0) -> None:
    """Count a request of somebody.

    Raises:
        Refusal: too many.
    """
    verdict = await services.limiter.check(who, tier, trust=trust)
    headers.update(limit_headers(verdict))
    if not verdict.allowed:
        wait = max(1, round(verdict.retry_after_s + 0.5))
        raise Refusal(
            429, "too_many", f"Too many requests; the next one passes in {wait} s.",
            retry_after_s=verdict.retry_after_s, headers={"Retry-After": str(wait)},
        )  # fmt: skip


def limit_headers(verdict: Verdict) -> dict[str, str]:
    """Return the headers that every answer carries."""
    return {
        "x-ratelimit-limit": str(verdict.limit),
        "x-ratelimit-remaining": str(max(0, verdict.remaining)),
        "x-ratelimit-reset": str(max(0, round(verdict.reset_s + 0.5))),
    }


async def read_body(receive: Receive, at_most: int, headers: dict[str, str]) -> bytes:
    """Return the body.

    Raises:
        Refusal: it is larger than allowed, or the client went away.
    """
    too_large = Refusal(413, "too_large", f"A body has at most {at_most:,} bytes here.")
    if int(headers.get("content-length", "0") or "0") > at_most:
        raise too_large
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise bad_request("The body broke off.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > at_most:
            raise too_large
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def address_of(scope: Scope, services: Services) -> str:
    """Return the address of whoever asks: the peer's, or what a trusted proxy says it is."""
    peer: str = scope["client"][0] if scope.get("client") else "unknown"
    proxies = services.settings.trusted_proxies
    if peer not in proxies:
        return peer
    for name, value in scope["headers"]:
        if name == b"x-forwarded-for":
            hops = [each.strip() for each in value.decode("latin-1").split(",")]
            return next((each for each in reversed(hops) if each not in proxies), peer)
    return peer


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _query(raw: bytes, kind: Any) -> Any:  # noqa: ANN401 - a struct type
    from urllib.parse import parse_qsl

    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, strict_parsing=bool(raw), max_num_fields=32)
    except (ValueError, UnicodeDecodeError):
        raise bad_request("The query cannot be read.") from None
    told = dict(pairs)
    if len(told) != len(pairs):
        raise bad_request("A name in the query comes twice.")
    try:
        return msgspec.convert(told, kind, strict=False)
    except msgspec.ValidationError as error:
        raise bad_request(f"The query cannot be used: {error}.") from None


def _problem(refusal: Refusal, call: Call, headers: dict[str, str]) -> bytes:
    headers["content-type"] = MEDIA_TYPE
    headers.update({name.lower(): value for name, value in refusal.headers.items()})
    return _ENCODER.encode(refusal.problem(call.request_id))
