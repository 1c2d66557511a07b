"""The rates that hold for somebody: the tier's, times what the operator set, times trust."""

from __future__ import annotations

from collections.abc import Mapping

from engine.server.limits.gcra import Step, step_of
from engine.server.limits.tier import Tier

LEAST_TRUST, MOST_TRUST = 0.5, 2.0

_GRAIN = 100
"""Trust counts in hundredths, so that there are few different steps."""


class Scale:
    """Multipliers by tier, and by tier for those who are named (`user:7`, `key:3`, `ip:192.0.2.1`)."""

    def __init__(
        self,
        tiers: Mapping[str, float] | None = None,
        named: Mapping[str, Mapping[str, float]] | None = None,
    ) -> None:
        self._tiers = {tier: (tiers or {}).get(tier.value, 1.0) for tier in Tier}
        self._named = {
            (who, Tier(tier)): factor for who, factors in (named or {}).items() for tier, factor in factors.items()
        }
        self._steps: dict[tuple[Tier, float], tuple[Step, ...]] = {}

    def knows(self, tier: Tier) -> bool:
        """Whether somebody has rates of his own."""
        return any(each is tier for _, each in self._named)

    def halved(self) -> Scale:
        """Return the same at half the rates."""
        return Scale(
            {tier.value: factor / 2 for tier, factor in self._tiers.items()},
            {who: {tier.value: factor / 2} for (who, tier), factor in self._named.items()},
        )

    def steps(self, who: str, tier: Tier, trust: float = 1.0) -> tuple[Step, ...]:
        """Return the rates, all of which hold; login takes no notice of trust."""
        factor = self._named[who, tier] if self._named and (who, tier) in self._named else self._tiers[tier]
        if trust != 1.0 and tier is not Tier.LOGIN:
            factor *= round(min(MOST_TRUST, max(LEAST_TRUST, trust)) * _GRAIN) / _GRAIN
        known = self._steps.get((tier, factor))
        if known is None:
            known = self._steps[tier, factor] = tuple(step_of(rate, factor) for rate in tier.rates)
        return known
