"""One request from the wire to its handler and back: the same steps, in the same order, for every route of `/v1`.

Limits come before the work they protect: who is known is counted before his body is read (unless the body is signed),
who is not by his address at the edge, which blocks whoever comes with nothing that counts too often. Whatever goes
wrong becomes a problem body; what nobody expected is logged under the request's id.
"""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from starlette.types import Receive, Scope, Send

from engine.errors import CrsError
from engine.server.http.body import check_media_type, check_places, decoded, decoded_query, read_body
from engine.server.http.failures import bug
from engine.server.http.reply import ENCODER, limit_headers, problem_parts, raw, too_many
from engine.server.http.route import Access, Call, Route
from engine.server.http.signature import KEY, SIGNATURE, TIMESTAMP, checked_timestamp, signed_text
from engine.server.http.visit import Visit, visit_of
from engine.server.limits.tier import Tier
from engine.server.principal import Principal
from engine.server.refusal import Refusal, forbidden, refusal_of, unauthorized
from engine.server.services import Services

log = logging.getLogger(__name__)


class Endpoint:
    """A route as an ASGI application."""

    def __init__(self, route: Route, services: Services) -> None:
        self._route, self._services = route, services
        self._decoder = msgspec.json.Decoder(route.body) if route.body is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        visit = visit_of(scope, self._services)
        call = Call(
            services=self._services,
            route=self._route,
            request_id=visit.request_id,
            ip=visit.ip,
            headers=_headers(scope),
            params=scope["path_params"],
        )
        try:
            answer = await self._carry_out(call, visit, scope, receive)
            status, body = self._route.status, b"" if self._route.answer is None else ENCODER.encode(answer)
            told = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        except Exception as error:
            refusal = self._refusal(error, call)
            visit.word = refusal.word
            status, told, body = problem_parts(refusal, call.request_id)
        if call.verdict is not None:
            told += limit_headers(call.verdict)
        if call.answer_headers:
            told += raw(call.answer_headers)
        await send({"type": "http.response.start", "status": status, "headers": told})
        await send({"type": "http.response.body", "body": body})

    def _refusal(self, error: Exception, call: Call) -> Refusal:
        if isinstance(error, Refusal):
            return error
        if isinstance(error, CrsError):
            return refusal_of(error)
        log.error("request failed", extra={"request_id": call.request_id, "path": self._route.path}, exc_info=error)
        return bug()

    async def _carry_out(self, call: Call, visit: Visit, scope: Scope, receive: Receive) -> Any:  # noqa: ANN401 - what the handler answers
        route = self._route
        body: bytes | None = None
        if route.access is Access.PUBLIC:
            await count(call, f"ip:{visit.net}", route.tier, visit)
        else:
            call.principal, body = await self._author(call, scope, receive)
            visit.who, visit.trust = call.principal.limited_as, call.principal.trust
            await count(call, visit.who, route.tier, visit)
            self._authorize(call.principal)
        if call.params:
            check_places(call.params)
        if route.query is not None:
            call.query = decoded_query(scope["query_string"], route.query)
        if self._decoder is not None:
            check_media_type(call.headers)
            call.body = decoded(self._decoder, await self._read(call, receive) if body is None else body)
        return await route.handler(call)

    async def _read(self, call: Call, receive: Receive) -> bytes:
        settings = self._services.settings
        return await read_body(receive, settings.max_body_bytes, call.headers, settings.request_timeout_s)

    async def _author(self, call: Call, scope: Scope, receive: Receive) -> tuple[Principal, bytes | None]:
        """Return who asks, and the body if it had to be read to find that out."""
        if KEY in call.headers:
            return await self._signer(call, scope, receive)
        kind, _, token = call.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise unauthorized()
        return await self._services.authenticator.bearer(token, ip=call.ip), None

    async def _signer(self, call: Call, scope: Scope, receive: Receive) -> tuple[Principal, bytes]:
        known, key = self._services.authenticator, call.headers[KEY]
        timestamp = checked_timestamp(call.headers.get(TIMESTAMP, ""), self._services.clock)
        await known.key(key, ip=call.ip)  # strangers are not read
        body = await self._read(call, receive)
        query = scope["query_string"]
        target = scope.get("raw_path", scope["path"].encode()) + (b"?" + query if query else b"")
        text = signed_text(timestamp, scope["method"], target, body)
        return await known.signed(key, text, call.headers.get(SIGNATURE, ""), ip=call.ip), body

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


async def count(call: Call, who: str, tier: Tier, visit: Visit | None = None) -> None:
    """Count a request of somebody; the answer's headers tell of the last count.

    Raises:
        Refusal: too many.
    """
    services, trust = call.services, 1.0
    if visit is not None:
        visit.tier, trust = tier, services.guard.standings.factor(who, visit.trust)
    verdict = call.verdict = await services.limiter.check(who, tier, trust=trust)
    if not verdict.allowed:
        raise too_many(verdict)


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
