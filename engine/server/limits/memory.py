"""Counting in this process: two generations of a dictionary, so that memory is bounded and nothing is ever searched.

Who was not seen for a whole generation has everything back and may be forgotten. A flood of newcomers ends a
generation early; then only those are forgotten who asked nothing while `capacity` others came.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from engine.server.limits.gcra import SECOND, Counter, Step, counter_of
from engine.server.limits.scale import Scale
from engine.server.limits.tier import Tier, Verdict

CAPACITY = 100_000
"""Names in one generation; two are kept, some 20 MB at most."""


def monotonic_us() -> int:
    """Return a count of microseconds that never goes back."""
    return time.monotonic_ns() // 1000


_Times = dict[str, Sequence[int]]
"""Arrival times by name."""

_Table = tuple[_Times, _Times, Counter | None]
"""Of a tier: the young and the old generation, and what counts for everybody; None if somebody has his own rates."""


class MemoryLimiter:
    """A `Limiter` for one process."""

    def __init__(
        self, scale: Scale | None = None, *, now: Callable[[], int] = monotonic_us, capacity: int = CAPACITY
    ) -> None:
        self._scale = scale or Scale()
        self._now, self._capacity = now, capacity
        self._tables: dict[Tier, _Table] = {tier: ({}, {}, self._everybodys(tier)) for tier in Tier}
        self._size = 0
        """Names in the young generation, over all tiers."""
        self._counters: dict[tuple[Step, ...], Counter] = {}
        """Of rates that are not everybody's."""
        self._keep = max(rate.period_s for tier in Tier for rate in tier.rates) * SECOND * 2
        self._turn = now() + self._keep

    async def check(self, who: str, tier: Tier, *, cost: int = 1, trust: float = 1.0) -> Verdict:
        """Count a request of somebody."""
        return self.count(who, tier, cost, trust)

    def count(self, who: str, tier: Tier, cost: int = 1, trust: float = 1.0) -> Verdict:
        """Count a request of somebody, without a loop."""
        now = self._now()
        if now >= self._turn or self._size >= self._capacity:
            self._end_generation(now)
        young, old, counter = self._tables[tier]
        if counter is None or trust != 1.0:
            counter = self._counter(who, tier, trust)
        before = young.get(who)
        if before is None:
            before = young[who] = old.get(who) or (0,) * len(tier.rates)
            self._size += 1
        after, verdict = counter(before, now, cost)
        if after is not before:
            young[who] = after
        return verdict

    def _end_generation(self, now: int) -> None:
        """Begin a young generation; the one that was young is old from now on."""
        self._tables = {tier: ({}, young, counter) for tier, (young, _, counter) in self._tables.items()}
        self._size, self._turn = 0, now + self._keep

    def _everybodys(self, tier: Tier) -> Counter | None:
        return None if self._scale.knows(tier) else counter_of(self._scale.steps("", tier))

    def _counter(self, who: str, tier: Tier, trust: float) -> Counter:
        """Return what counts for somebody; there are few different rates, as trust has grains."""
        steps = self._scale.steps(who, tier, trust)
        counter = self._counters.get(steps)
        if counter is None:
            counter = self._counters[steps] = counter_of(steps)
        return counter

    def __len__(self) -> int:
        """How many names are remembered."""
        return sum(len(young) + len(old) for young, old, _ in self._tables.values())
