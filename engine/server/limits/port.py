"""The door to whoever counts."""

from __future__ import annotations

from typing import Protocol

from engine.server.limits.tier import Tier, Verdict


class Limiter(Protocol):
    """Counts requests, in this process or for all of them together."""

    async def check(self, who: str, tier: Tier, *, cost: int = 1, trust: float = 1.0) -> Verdict:
        """Count a request of somebody; the narrowest of the tier's rates answers. Never raises."""
        ...


class Unlimited:
    """Lets everything pass; stands in until a limiter is put together."""

    async def check(self, _who: str, tier: Tier, *, cost: int = 1, trust: float = 1.0) -> Verdict:
        """Let it pass."""
        rate = tier.rates[0]
        return Verdict(True, int(rate.requests * trust), rate.requests - cost, 0.0)
