"""Farming as SushiSwap's MasterChef does it: the contract's own sums exactly.

Integers are smallest units and blocks. Rewards of all pools together come at `per_block`, a pool's part is its
allocation points of all points, and while the bonus lasts a block counts several times.

Source: MasterChef `getMultiplier`, `pendingSushi`, `updatePool`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

UNIT = 10**12
"""`accSushiPerShare` has twelve places."""


@dataclass(frozen=True, slots=True)
class FarmPool:
    """A pool of a farm, as its own variables say."""

    per_block: int
    """Reward units a block, for all pools."""
    points: int
    total_points: int
    supply: int
    """Staked in this pool by everyone: what the farm holds of its token."""
    updated_block: int
    per_share: int
    """`accSushiPerShare`."""
    bonus_end: int = 0
    """Up to which block the bonus lasts."""
    bonus: int = 1

    def multiplier(self, first: int, last: int) -> int:
        """Return how many blocks count between two, bonus included."""
        with_bonus = max(min(last, self.bonus_end) - first, 0)
        return with_bonus * self.bonus + (last - first - with_bonus)

    def per_share_at(self, block: int) -> int:
        """Return `accSushiPerShare` as an update in that block would leave it, rounded down twice as it is."""
        if block <= self.updated_block or not self.supply:
            return self.per_share
        counted = self.multiplier(self.updated_block, block)
        reward = counted * self.per_block * self.points // self.total_points
        return self.per_share + reward * UNIT // self.supply

    def yearly_reward(self, block_s: float) -> float:
        """Return the reward units that the pool pays in a year without bonus (an estimate: blocks keep their pace)."""
        return self.per_block * self.points / self.total_points * 31_536_000 / block_s


class FarmStake(NamedTuple):
    """What one account has in a pool of a farm."""

    amount: int
    debt: int = 0
    """`rewardDebt`: what was paid or is not due."""

    def pending(self, pool: FarmPool, block: int) -> int:
        """Return what `pendingSushi` would say in that block."""
        return self.amount * pool.per_share_at(block) // UNIT - self.debt
