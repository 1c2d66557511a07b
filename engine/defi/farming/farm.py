"""A place to stake and what it pays: one pool of a MasterChef, or a StakingRewards contract.

Rewards are whole units of the reward token a second, as a fraction, because contracts pay by block or by second and
share it by weight. Times are seconds since 1970.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from engine.defi.chain import FarmKind, FarmSpec
from engine.defi.token import Token, TokenAmount
from engine.defi.yields.rate import YEAR_S

DAY_S = 86_400
BONUS = 10
"""SushiSwap's MasterChef pays so many times its rate until its bonus ends (`BONUS_MULTIPLIER`)."""


@dataclass(frozen=True, slots=True)
class Farm:
    """A place to stake as it was at a block."""

    spec: FarmSpec
    number: int | None
    """MasterChef: which of its pools (`pid`)."""
    staked: Token
    pair: tuple[Token, Token] | None
    """What the staked token is a share of, if it is one of a V2 pair."""
    total: int
    """Units of the staked token by all who stake."""
    rate: Fraction
    """Units of the reward a second for this place, now."""
    ends_at: int | None
    """When it stops paying; None: no end is written in the contract."""
    eases_at_block: int | None
    """MasterChef: from which block on it pays a tenth."""
    weight: Fraction
    """Part of the contract's rewards that comes here."""
    is_funded: bool
    """Whether the contract can pay what it owes: it may mint, or holds enough."""
    block: int
    at: int
    """Of the block."""

    @property
    def title(self) -> str:
        """For people: "MasterChef: WETH-USDC LP"."""
        return f"{self.spec.title}: {self.staked.symbol}"

    @property
    def pays(self) -> bool:
        """Whether rewards flow at this moment."""
        return self.rate > 0 and (self.ends_at is None or self.at < self.ends_at)

    def yearly(self) -> TokenAmount:
        """Return what it would pay in a year at today's rate, whoever stakes."""
        return self.spec.reward.units(int(self.rate * YEAR_S) if self.pays else 0)

    def share_of(self, stake: int, seconds: int) -> TokenAmount:
        """Return what a stake that is part of `total` earns in a time at today's rate, no longer than it is paid."""
        if not self.total or not self.pays:
            return self.spec.reward.units(0)
        paid = seconds if self.ends_at is None else min(seconds, self.ends_at - self.at)
        return self.spec.reward.units(int(self.rate * paid * stake / self.total))


@dataclass(frozen=True, slots=True)
class Stake:
    """What an account has in a farm."""

    farm: Farm
    account: str
    amount: int
    """Units of the staked token."""
    pending: int
    """Reward that could be claimed now."""

    @property
    def part(self) -> Fraction:
        """Of all that is staked there."""
        return Fraction(self.amount, self.farm.total) if self.farm.total else Fraction(0)


def chef_rate(per_block: int, weight: Fraction, block_s: float, *, has_bonus: bool) -> Fraction:
    """Return what a MasterChef's pool is paid a second.

    Args:
        per_block: `sushiPerBlock`.
        weight: the pool's part of all weights.
        block_s: seconds between blocks, about.
        has_bonus: whether the bonus still runs.
    """
    return Fraction(per_block * (BONUS if has_bonus else 1)) * weight / Fraction(block_s).limit_denominator(1000)


def is_chef(spec: FarmSpec) -> bool:
    """Return whether a farm has many pools."""
    return spec.kind is FarmKind.MASTER_CHEF
