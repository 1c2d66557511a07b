"""Counting in this process: two generations of a dictionary, so that memory is bounded and nothing is ever searched.

Who was not seen for a whole generation has everything back and may be forgotten. A flood of newcomers ends a
generation early; then only those are forgotten who asked nothing while `capacity` others came.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from engine.server.limits.gcra import SECOND, count
from engine.server.limits.scale import Scale
from engine.server.limits.tier import Tier, Verdict

CAPACITY = 100_000
"""Names in one generation; two are kept, some 20 MB at most."""


def monotonic_us() -> int:
    """Return a count of microseconds that never goes back."""
    return time.monotonic_ns() // 1000


class MemoryLimiter:
    """A `Limiter` for one process."""

    def __init__(
        self, scale: Scale | None = None, *, now: Callable[[], int] = monotonic_us, capacity: int = CAPACITY
    ) -> None:
        self._scale = scale or Scale()
        self._now, self._capacity = now, capacity
        self._everybodys = {tier: None if self._scale.knows(tier) else self._scale.steps("", tier) for tier in Tier}
        """Of tiers for which nobody has rates of his own."""
        self._young: dict[tuple[str, Tier], Sequence[int]] = {}
        self._old: dict[tuple[str, Tier], Sequence[int]] = {}
        self._keep = max(rate.period_s for tier in Tier for rate in tier.rates) * SECOND * 2
        self._turn = now() + self._keep

    async def check(self, who: str, tier: Tier, *, cost: int = 1, trust: float = 1.0) -> Verdict:
        """Count a request of somebody."""
        return self.count(who, tier, cost, trust)

    def count(self, who: str, tier: Tier, cost: int = 1, trust: float = 1.0) -> Verdict:
        """Count a request of somebody, without a loop."""
        now = self._now()
        young = self._young
        if now >= self._turn or len(young) >= self._capacity:
            self._old, young = young, {}
            self._young, self._turn = young, now + self._keep
        steps = self._everybodys[tier] if trust == 1.0 else None
        if steps is None:
            steps = self._scale.steps(who, tier, trust)
        key = (who, tier)
        before = young.get(key)
        if before is None:
            before = self._old.get(key) or (0,) * len(steps)
        after, verdict = count(before, steps, now, cost)
        if after is not before or key not in young:
            young[key] = after
        return verdict

    def __len__(self) -> int:
        """How many names are remembered."""
        return len(self._young) + len(self._old)
