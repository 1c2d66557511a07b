"""The edge: what happens to every request before any route sees it, and to every answer before it leaves.

Blocked addresses, foreign web pages and shapeless requests end here. Answers get their id, their time, what is left
of the limit, and the headers that browsers obey; what no route counted is counted here, by address.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.server.http.failures import bug
from engine.server.http.origin import SAFE, cors_headers, is_allowed, origin_of, preflight_headers
from engine.server.http.reply import HSTS, NO_STORE, SECURITY, Raw, limit_headers, problem_parts, send_problem, too_many
from engine.server.http.visit import Visit, visit_of
from engine.server.limits.tier import Tier, Verdict
from engine.server.refusal import Refusal, forbidden
from engine.server.services import Services

MOST_HEADERS = 100
MOST_TARGET = 8_192
"""Bytes of path and query."""

FREE = ("/health/",)
"""Paths that are never refused for their number: whoever watches must see."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNMATCHED = "unmatched"
"""The operation of requests for which there is none."""
TOO_MANY, BAD, FINE = 429, 400, 300
TOLD = frozenset({401, 403, 408, 413, 414, 415, 429, 431})
"""Statuses of refusals that are logged: somebody could not show who he is, may not, or tries what is none."""
CUT_OFF = 499
"""Counted where the client went away before it was answered."""

log = logging.getLogger(__name__)


class Edge:
    """An ASGI application around another one."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app, self._services = app, services

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer a request, or let a WebSocket in."""
        if scope["type"] == "http":
            return self._answer(scope, receive, send)
        if scope["type"] == "websocket":
            return self._let_in(scope, receive, send)
        return self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._services.tally.in_flight += 1
        visit = visit_of(scope, self._services)
        answer = _Answer(self._services, scope, visit, send)
        refusal = self._refusal(scope, visit)
        try:
            if refusal is not None:
                visit.word = refusal.word
                await send_problem(answer.send, refusal, visit.request_id)
            elif scope["method"] == "OPTIONS" and answer.origin and _asks_before(scope):
                await _preflight(answer)
            else:
                await self._app(scope, receive, answer.send)
        except Exception:
            log.exception("request failed", extra={"request_id": visit.request_id, "path": scope["path"]})
            if not answer.status:
                await send_problem(answer.send, bug(), visit.request_id)
        finally:
            self._services.tally.in_flight -= 1
            self._note(scope, visit, answer.status)

    def _refusal(self, scope: Scope, visit: Visit) -> Refusal | None:
        """Return why a request is not even looked at, or None."""
        left = self._services.guard.blocks.left_s(visit.net)
        if left:
            return _blocked(left)
        if len(scope["headers"]) > MOST_HEADERS:
            return Refusal(431, "too_many_headers", f"A request has at most {MOST_HEADERS} headers here.")
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MOST_TARGET:
            return Refusal(414, "too_long", f"Path and query have at most {MOST_TARGET:,} bytes here.")
        if scope["type"] == "websocket" or scope["method"] not in SAFE:
            origin = origin_of(scope)
            if origin and not is_allowed(scope, origin, self._services.settings):
                return forbidden("Pages of other web sites may not do that here.", "origin")
        return None

    async def _let_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = visit_of(scope, self._services)
        refusal = self._refusal(scope, visit)
        if refusal is None:
            await self._app(scope, receive, send)
            return
        if "websocket.http.response" in scope.get("extensions", {}):
            status, headers, body = problem_parts(refusal, visit.request_id)
            await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
            await send({"type": "websocket.http.response.body", "body": body})
        else:
            await send({"type": "websocket.close", "code": 1008})

    def _note(self, scope: Scope, visit: Visit, status: int) -> None:
        """Count what is answered, and learn from it who is to be trusted."""
        services, method = self._services, scope["method"]
        spent_ms = (time.perf_counter() - visit.begun) * 1000
        path = getattr(scope.get("route"), "path", UNMATCHED)
        services.tally.note(method if method in METHODS else "OTHER", path, status or CUT_OFF, spent_ms)
        if visit.tier is not None:
            (services.tally.refused if status == TOO_MANY else services.tally.passed)[visit.tier.value] += 1
        if visit.word != "blocked":
            if status in TOLD or (status == BAD and (not visit.who or visit.word == "bad_request")):
                _tell(visit, method, path, status)
            acts = visit.tier is Tier.ORDERS and status < FINE
            services.guard.note(
                visit.who, visit.net, status, trust=visit.trust,
                is_order=acts and method == "POST", is_cancel=acts and method == "DELETE",
            )  # fmt: skip
        if spent_ms >= services.settings.slow_request_ms:
            services.tally.slow += 1
            figures = {
                "request_id": visit.request_id, "method": method, "path": path, "status": status,
                "ms": round(spent_ms, 1),
            }  # fmt: skip
            log.warning("slow request", extra=figures)


class _Answer:
    """An answer on its way out."""

    def __init__(self, services: Services, scope: Scope, visit: Visit, send: Send) -> None:
        self._services, self._scope, self._visit, self._send = services, scope, visit, send
        self._replaced = False
        self.origin = origin_of(scope) if services.settings.allowed_origins else ""
        self.status = 0

    def send(self, message: Message) -> Awaitable[None]:
        """Pass on a message of the answer."""
        if message["type"] == "http.response.start":
            return self._start(message)
        return _nothing() if self._replaced else self._send(message)

    async def _start(self, message: Message) -> None:
        status, headers = message["status"], list(message["headers"])
        names = {name for name, _ in headers}
        if b"x-ratelimit-limit" not in names:
            verdict = await self._count()
            self._visit.tier = Tier.MARKET
            if not verdict.allowed:
                self._replaced = True
                status, headers, body = problem_parts(too_many(verdict), self._visit.request_id)
                self._visit.word = "too_many"
                names = {name for name, _ in headers}
            headers += limit_headers(verdict)
        headers += self._own(names)
        self.status = status
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        if self._replaced:
            await self._send({"type": "http.response.body", "body": body})

    async def _count(self) -> Verdict:
        free = f"{self._scope['path']}/".startswith(FREE)
        return await self._services.limiter.check(f"ip:{self._visit.net}", Tier.MARKET, cost=0 if free else 1)

    def _own(self, names: set[bytes]) -> Raw:
        """Return what every answer carries."""
        spent = (time.perf_counter() - self._visit.begun) * 1000
        own = [
            *(SECURITY if b"cache-control" in names else NO_STORE),
            (b"x-request-id", self._visit.request_id.encode()),
            (b"x-response-time", b"%.2fms" % spent),
        ]
        if self._scope.get("scheme") == "https" or self._services.settings.behind_tls:
            own.append(HSTS)
        if self.origin:
            own += cors_headers(self.origin, self._services.settings)
        return own


async def _nothing() -> None:
    """Pass on nothing."""


def _tell(visit: Visit, method: str, path: str, status: int) -> None:
    """Log a refusal: who or from where, what, why; the path is the operation's, not what was typed."""
    log.info(
        "request refused",
        extra={
            "request_id": visit.request_id, "who": visit.who or visit.net, "method": method[:10], "path": path,
            "status": status, "word": visit.word,
        },
    )  # fmt: skip


def _blocked(left_s: float) -> Refusal:
    wait = max(1, round(left_s + 0.5))
    return Refusal(
        403, "blocked", f"This address is blocked for {wait} s more: too much of what it asked was refused.",
        retry_after_s=left_s,
        headers={
            "X-RateLimit-Limit": "0", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(wait),
        },
    )  # fmt: skip


def _asks_before(scope: Scope) -> bool:
    return any(name == b"access-control-request-method" for name, _ in scope["headers"])


async def _preflight(answer: _Answer) -> None:
    await answer.send({"type": "http.response.start", "status": 204, "headers": preflight_headers()})
    await answer.send({"type": "http.response.body", "body": b""})
