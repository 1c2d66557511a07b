"""A position in a pool of concentrated liquidity: what it holds, and the fees it has earned.

Fees are counted per unit of liquidity with 128 binary places (`feeGrowth…X128`), in uint256 that wraps around: only
differences mean anything, and they are taken as the contract takes them. What `positions()` of a pool or of the
position manager says is owed leaves out what was earned since it was last touched; `fees_owed` adds that.

Source: Uniswap v3 Core (2021), sections 6.3 and 6.4; Tick `getFeeGrowthInside`, Position `update`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from engine.defi.v3math.full import Q128, UINT128, mul_div, wrapping_sub
from engine.defi.v3math.liquidity import amounts_for_liquidity, check_range
from engine.defi.v3math.tick import sqrt_price_at


class Growth(NamedTuple):
    """Fees of each token for one unit of liquidity, X128, wrapping."""

    token0: int
    token1: int

    def since(self, before: Growth) -> Growth:
        """Return the difference, around the top of `uint256` if need be."""
        return Growth(wrapping_sub(self.token0, before.token0), wrapping_sub(self.token1, before.token1))


NONE = Growth(0, 0)


def growth_inside(tick: int, lower: int, upper: int, everywhere: Growth, below: Growth, above: Growth) -> Growth:
    """Return what a range has earned for a unit of liquidity.

    Args:
        tick: of the pool.
        lower: end of the range.
        upper: end of the range.
        everywhere: the pool's `feeGrowthGlobal`.
        below: `feeGrowthOutside` of the lower tick; that of a tick that is not initialised is 0.
        above: `feeGrowthOutside` of the upper tick.
    """
    under = below if tick >= lower else everywhere.since(below)
    over = above if tick < upper else everywhere.since(above)
    return everywhere.since(under).since(over)


@dataclass(frozen=True, slots=True)
class V3Position:
    """Liquidity between two ticks."""

    lower: int
    upper: int
    liquidity: int
    counted: Growth = NONE
    """`feeGrowthInsideLast`: up to where its fees are in `owed`."""
    owed: tuple[int, int] = (0, 0)
    """`tokensOwed`: fees and burned liquidity that wait to be collected."""

    def check(self, spacing: int) -> None:
        """Refuse a range that a pool of this spacing would refuse; see `check_range`."""
        check_range(self.lower, self.upper, spacing)

    def is_active(self, tick: int) -> bool:
        """Whether it earns fees while the pool is at this tick."""
        return self.lower <= tick < self.upper

    def amounts(self, sqrt_price: int) -> tuple[int, int]:
        """Return token0 and token1 that burning all of it would give, rounded down; fees not included."""
        return self._amounts(sqrt_price, False)

    def cost(self, sqrt_price: int) -> tuple[int, int]:
        """Return token0 and token1 that minting it would take, rounded up."""
        return self._amounts(sqrt_price, True)

    def fees_owed(self, inside: Growth) -> tuple[int, int]:
        """Return what collecting now would give: what is counted and what was earned since, as the pool adds it up."""
        new = inside.since(self.counted)
        return (
            self.owed[0] + mul_div(new.token0, self.liquidity, Q128) & UINT128,
            self.owed[1] + mul_div(new.token1, self.liquidity, Q128) & UINT128,
        )

    def _amounts(self, sqrt_price: int, up: bool) -> tuple[int, int]:
        ends = sqrt_price_at(self.lower), sqrt_price_at(self.upper)
        return amounts_for_liquidity(sqrt_price, *ends, self.liquidity, up)
