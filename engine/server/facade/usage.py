"""How much everybody used lately, as Binance's headers tell it; whether more passes is the limiter's to say."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from engine.server.limits.tier import Tier

SHORT_S, MINUTE_S = 10, 60
KINDS = ("REQUEST_WEIGHT", "ORDERS")


class _Window:
    """Counts by name within the current period."""

    __slots__ = ("_counts", "_number", "_period_s")

    def __init__(self, period_s: int) -> None:
        self._period_s, self._number = period_s, 0
        self._counts: dict[str, int] = {}

    def add(self, who: str, cost: int) -> int:
        number = int(time.monotonic()) // self._period_s
        if number != self._number:
            self._number, self._counts = number, {}
        used = self._counts.get(who, 0) + cost
        if cost:
            self._counts[who] = used
        return used


class Used(NamedTuple):
    """What one name used: weight in this minute, orders in these ten seconds and in this minute."""

    weight: int
    orders_10s: int
    orders_1m: int

    def headers(self, *, orders: bool) -> dict[str, str]:
        """Return what an answer says of it."""
        told = {"X-MBX-USED-WEIGHT": str(self.weight), "X-MBX-USED-WEIGHT-1M": str(self.weight)}
        if orders:
            told |= {"X-MBX-ORDER-COUNT-10S": str(self.orders_10s), "X-MBX-ORDER-COUNT-1M": str(self.orders_1m)}
        return told


NOTHING_USED = Used(0, 0, 0)


class Usage:
    """The counts of this process."""

    def __init__(self) -> None:
        self._weight, self._short, self._minute = _Window(MINUTE_S), _Window(SHORT_S), _Window(MINUTE_S)

    def add(self, who: str, weight: int = 0, orders: int = 0) -> Used:
        """Count a request and return what was used with it."""
        return Used(self._weight.add(who, weight), self._short.add(who, orders), self._minute.add(who, orders))


def rate_limits(
    used: Used | None = None, *, kinds: tuple[str, ...] = ("REQUEST_WEIGHT", "ORDERS")
) -> list[dict[str, Any]]:
    """Return the limits as `exchangeInfo` lists them; with `used` also what was used of those per minute."""
    limits = []
    for kind, tier in (("REQUEST_WEIGHT", Tier.MARKET), ("ORDERS", Tier.ORDERS)):
        for rate in tier.rates if kind in kinds else ():
            limit: dict[str, Any] = {
                "rateLimitType": kind,
                "interval": "MINUTE",
                "intervalNum": rate.period_s // MINUTE_S,
                "limit": rate.requests,
            }
            if used is not None and rate.period_s == MINUTE_S:
                limit["count"] = used.weight if kind == "REQUEST_WEIGHT" else used.orders_1m
            if used is None or "count" in limit:
                limits.append(limit)
    return limits
