"""Staking as Synthetix' StakingRewards does it: the contract's own sums exactly, and what to expect as estimates.

Integers are smallest units and seconds; `reward_rate` is units of the reward token a second for all stakers together.

Source: StakingRewards `rewardPerToken`, `earned`, `notifyRewardAmount`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from engine.defi.yields.rate import YEAR_S
from engine.errors import InvalidInput

UNIT = 10**18


@dataclass(frozen=True, slots=True)
class RewardStream:
    """What a staking contract pays out, as its own variables say."""

    reward_rate: int
    period_finish: int
    """When it stops, s UTC."""
    total_supply: int
    """Staked by everyone."""
    updated_at: int = 0
    """`lastUpdateTime`, s UTC."""
    stored: int = 0
    """`rewardPerTokenStored`, 18 places."""

    def per_token(self, now: int) -> int:
        """Return `rewardPerToken` at an instant, 18 places, rounded down."""
        until = min(now, self.period_finish)
        if not self.total_supply or until <= self.updated_at:
            return self.stored
        return self.stored + (until - self.updated_at) * self.reward_rate * UNIT // self.total_supply

    def at(self, now: int) -> RewardStream:
        """Return it as the next transaction at that instant finds it."""
        return replace(self, stored=self.per_token(now), updated_at=min(now, self.period_finish))


class Stake(NamedTuple):
    """What one account has in the contract."""

    balance: int
    paid: int = 0
    """`userRewardPerTokenPaid`, 18 places."""
    rewards: int = 0
    """Earned up to then and not taken."""

    def earned(self, stream: RewardStream, now: int) -> int:
        """Return what `earned` would say at an instant, rounded down."""
        return self.balance * (stream.per_token(now) - self.paid) // UNIT + self.rewards


class Returns(NamedTuple):
    """What staking promises while nothing changes."""

    reward: int
    """Units of the reward token by the horizon."""
    share: float
    """Of everything staked, one's own stake included."""
    apr: float
    """Value of a year's rewards for a unit of value staked; what is left of the period may be shorter."""
    runs_out: bool
    """Whether rewards stop before the horizon."""


def staking_returns(
    stream: RewardStream,
    stake: int,
    now: int,
    seconds: int,
    reward_value: float = 1.0,
    stake_value: float = 1.0,
    *,
    is_in: bool = False,
) -> Returns:
    """Return what a stake earns from now on: the reward exactly, if nobody comes or goes, share and APR in float64.

    Args:
        stream: of the contract.
        stake: units of the staked token.
        now: s UTC.
        seconds: the horizon.
        reward_value: of one smallest unit of the reward token, in any currency.
        stake_value: of one smallest unit of the staked token, same currency.
        is_in: whether the stake is in `stream.total_supply` already.

    Raises:
        InvalidInput: nothing is staked, it is worth nothing, or the horizon is not ahead.
    """
    if stake <= 0 or seconds <= 0 or stake_value <= 0.0:
        raise InvalidInput("Returns need something staked that has a value, and a time ahead.")
    total = stream.total_supply + (0 if is_in else stake)
    joined = replace(stream.at(now), total_supply=total)
    reward = stake * (joined.per_token(now + seconds) - joined.stored) // UNIT
    running = stream.reward_rate if now < stream.period_finish else 0
    apr = running * YEAR_S * reward_value / (total * stake_value)
    return Returns(reward, stake / total, apr, now + seconds > stream.period_finish)
