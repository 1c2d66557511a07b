"""One request of the facade, over HTTP or a socket: who asks, whether it is in time, what it costs, then the work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from engine.server.facade.fault import Fault, bad_key, missing
from engine.server.facade.operation import Asked, Operation, Security
from engine.server.facade.parameters import SIGNATURE, Parameters
from engine.server.http.reply import limits_told
from engine.server.http.visit import Visit
from engine.server.limits.tier import Tier, Verdict
from engine.server.principal import Principal, Scope
from engine.server.refusal import Refusal
from engine.server.services import Services

Author = Callable[[], Awaitable[Principal]]

MOST_RECV_WINDOW_MS, RECV_WINDOW_MS, AHEAD_MS = 60_000, 5_000, 1_000
_MICROS = 10**14
"""A timestamp as large as this is in microseconds."""

_SIGNED = ("timestamp", "recvWindow", "apiKey", SIGNATURE)
_SCOPES = {Security.READ: Scope.READ, Security.TRADE: Scope.TRADE}


async def carry_out(asked: Asked, operation: Operation, author: Author, visit: Visit, headers: dict[str, str]) -> Any:  # noqa: ANN401 - what the handler answers
    """Return the answer of an operation; `headers` get what every answer says.

    Raises:
        Fault, Refusal, CrsError: it is refused.
    """
    services = asked.services
    if operation.security is not Security.NONE:
        asked.principal = await _known(services, author, visit, headers)
        visit.who, visit.trust = asked.principal.limited_as, asked.principal.trust
    visit.tier = Tier.ORDERS if operation.security is Security.TRADE else Tier.MARKET
    await _count(asked, operation, visit, headers)
    if operation.security.is_signed:
        _authorize(asked.principal, operation.security)
        check_time(asked.told, asked.front.now_ms)
    asked.told.check((*operation.takes, *(_SIGNED if operation.security is not Security.NONE else ())))
    return await operation.handler(asked)


async def _known(services: Services, author: Author, visit: Visit, headers: dict[str, str]) -> Principal:
    """Return the author; whoever is none is counted by address."""
    try:
        return await author()
    except (Fault, Refusal):
        verdict = await services.limiter.check(f"ip:{visit.net}", Tier.MARKET)
        headers |= limits_told(verdict)
        if not verdict.allowed:
            raise _too_much(verdict) from None
        raise


async def _count(asked: Asked, operation: Operation, visit: Visit, headers: dict[str, str]) -> None:
    who = visit.who or f"ip:{visit.net}"
    trust = asked.services.guard.standings.factor(who, visit.trust)
    weight = operation.weighs(asked.told)
    verdict = await asked.services.limiter.check(who, Tier.MARKET, cost=weight, trust=trust)
    orders = verdict
    if verdict.allowed and operation.places:
        orders = await asked.services.limiter.check(who, Tier.ORDERS, cost=operation.places, trust=trust)
    passes = verdict.allowed and orders.allowed
    asked.used = asked.front.usage.add(who, weight if passes else 0, operation.places if passes else 0)
    headers |= asked.used.headers(orders=operation.security is Security.TRADE) | limits_told(orders)
    if not verdict.allowed:
        raise _too_much(verdict)
    if not orders.allowed:
        raise _too_many_orders(orders)


def _too_much(verdict: Verdict) -> Fault:
    text = (
        f"Too much request weight used; current limit is {verdict.limit} request weight per 1 MINUTE. "
        "Please use WebSocket Streams for live updates to avoid polling the API."
    )
    return Fault(-1003, text, 429, _retry(verdict))


def _too_many_orders(verdict: Verdict) -> Fault:
    return Fault(-1015, f"Too many new orders; current limit is {verdict.limit} orders.", 429, _retry(verdict))


def _retry(verdict: Verdict) -> dict[str, str]:
    return {"Retry-After": str(max(1, round(verdict.retry_after_s + 0.5)))}


def _authorize(principal: Principal | None, security: Security) -> None:
    if principal is None or _SCOPES[security] not in principal.scopes:
        raise bad_key()


def check_time(told: Parameters, now_ms: int) -> None:
    """Refuse a request that was made too long ago, or in the future.

    Raises:
        Fault: -1021, -1131, or the timestamp is missing.
    """
    at = told.integer("timestamp")
    if at is None:
        raise missing("timestamp")
    at_ms = at // 1000 if at >= _MICROS else at
    window = told.decimal("recvWindow")
    if window is not None and window > MOST_RECV_WINDOW_MS:
        raise Fault(-1131, "'recvWindow' must be less than 60000.")
    if at_ms > now_ms + AHEAD_MS:
        raise Fault(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    if now_ms - at_ms > (RECV_WINDOW_MS if window is None else window):
        raise Fault(-1021, "Timestamp for this request is outside of the recvWindow.")
