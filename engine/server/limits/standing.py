"""The book of trust: who is trusted how far, learned from how his requests ended."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from engine.server.limits.trust import News, after, bounded, relaxed

CAPACITY = 50_000
HOUR_S = 3_600.0
ORDERS_THAT_TELL = 50
"""Orders of an hour below which cancelling them says nothing."""
CHURN_SHARE = 0.98

BY_STATUS = {401: News.STRANGE, 422: News.USELESS, 429: News.TOO_MUCH}


@dataclass(slots=True)
class Standing:
    """One name: its trust at an instant (seconds since 1970), and the hour under way."""

    trust: float
    at: float
    hour_ends: float
    asked: int = 0
    refused: int = 0
    orders: int = 0
    cancels: int = 0


class Standings:
    """Everybody of whom something is known; those longest unseen are forgotten first."""

    def __init__(self, *, now: Callable[[], float] = time.time, capacity: int = CAPACITY) -> None:
        self._now, self._capacity = now, capacity
        self._book: OrderedDict[str, Standing] = OrderedDict()
        self._changed: set[str] = set()

    def factor(self, who: str, baseline: float = 1.0) -> float:
        """Return what somebody's limits are multiplied by."""
        standing = self._book.get(who)
        if standing is None or baseline <= 0.5 or standing.trust == baseline:
            return bounded(baseline)
        return relaxed(standing.trust, self._now() - standing.at, baseline)

    def saw(self, who: str, status: int, *, orders: int = 0, cancels: int = 0, baseline: float = 1.0) -> None:
        """Learn how a request of somebody ended."""
        now = self._now()
        standing = self._book.get(who)
        if standing is None:
            standing = self._book[who] = Standing(bounded(baseline), now, now + HOUR_S)
            if len(self._book) > self._capacity:
                self._changed.discard(self._book.popitem(last=False)[0])
        standing.asked += 1
        standing.orders += orders
        standing.cancels += cancels
        news = BY_STATUS.get(status)
        if news is None and now < standing.hour_ends:
            return
        standing.trust, standing.at = relaxed(standing.trust, now - standing.at, baseline), now
        if news is not None:
            standing.refused += 1
            standing.trust = after(standing.trust, news)
        if now >= standing.hour_ends:
            self._end_hour(standing, now)
        self._book.move_to_end(who)
        self._changed.add(who)

    def _end_hour(self, standing: Standing, now: float) -> None:
        if standing.orders >= ORDERS_THAT_TELL and standing.cancels >= CHURN_SHARE * standing.orders:
            standing.trust = after(standing.trust, News.CHURN)
        elif not standing.refused:
            standing.trust = after(standing.trust, News.CLEAN_HOUR)
        standing.asked = standing.refused = standing.orders = standing.cancels = 0
        standing.hour_ends = now + HOUR_S

    def changed(self) -> dict[str, tuple[float, float]]:
        """Return trust and its instant of everybody who changed since this was asked last."""
        names, self._changed = self._changed, set()
        return {who: (self._book[who].trust, self._book[who].at) for who in names if who in self._book}

    def known(self) -> Iterator[tuple[str, float, float]]:
        """Yield everybody with trust and its instant."""
        for who, standing in self._book.items():
            yield who, standing.trust, standing.at

    def learn(self, told: Iterable[tuple[str, float, float]]) -> None:
        """Take over what was kept, or what another process learned later than this one."""
        now = self._now()
        for who, trust, at in told:
            standing = self._book.get(who)
            if standing is None:
                self._book[who] = Standing(bounded(trust), min(at, now), now + HOUR_S)
            elif at > standing.at:
                standing.trust, standing.at = bounded(trust), min(at, now)
        while len(self._book) > self._capacity:
            self._book.popitem(last=False)
