"""What a position brought: the price, the loss against holding, and the fees, told apart; they add up.

Everything is counted in the smallest unit of token1, token0 valued at the pool's price (units of token1 for one unit
of token0), as exact fractions. "Holding" means the amounts that were put in and not taken out again.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

Amounts = tuple[int, int]
PLACES = 64
"""Binary places of a square root of whole numbers."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What is in a position by what was put in; withdrawals take their part of it away."""

    amount0: Fraction = Fraction(0)
    amount1: Fraction = Fraction(0)
    value: Fraction = Fraction(0)
    """Of the amounts at the prices when they were put in, in token1."""
    liquidity: int = 0
    """Shares, or V3 liquidity, that they gave."""
    root: Fraction = Fraction(0)
    """V2: sqrt(amount0 x amount1) of what was put in: what it would be by now without any fee."""
    since: int = 0
    """The block of the first addition that is still in."""
    is_complete: bool = True
    """False: some of it came from elsewhere, and at which price is not known."""

    def added(self, amounts: Amounts, liquidity: int, price: Fraction, block: int) -> Basis:
        """Return the basis after an addition at a price."""
        root = Fraction(isqrt(amounts[0] * amounts[1] << 2 * PLACES), 1 << PLACES)
        return Basis(
            self.amount0 + amounts[0],
            self.amount1 + amounts[1],
            self.value + amounts[0] * price + amounts[1],
            self.liquidity + liquidity,
            self.root + root,
            self.since or block,
            self.is_complete,
        )

    def removed(self, liquidity: int) -> Basis:
        """Return the basis after so much liquidity left; all of it begins anew."""
        if liquidity >= self.liquidity:
            return Basis()
        left = 1 - Fraction(liquidity, self.liquidity)
        return Basis(
            self.amount0 * left,
            self.amount1 * left,
            self.value * left,
            self.liquidity - liquidity,
            self.root * left,
            self.since,
            self.is_complete,
        )

    def unknown(self, liquidity: int, block: int) -> Basis:
        """Return the basis after liquidity came from elsewhere."""
        return Basis(
            self.amount0, self.amount1, self.value, self.liquidity + liquidity, self.root, self.since or block, False
        )


@dataclass(frozen=True, slots=True)
class LpResult:
    """A position against what it was and what holding would be; all in units of token1."""

    entry: Fraction
    """What was put in, at the prices of then."""
    holding: Fraction
    """The same amounts at the price of now."""
    principal: Fraction
    """What is in the pool now, without fees."""
    fees: Fraction

    @property
    def price_part(self) -> Fraction:
        """What the price alone did to what was put in."""
        return self.holding - self.entry

    @property
    def loss_part(self) -> Fraction:
        """Impermanent loss, 0 or negative: what the pool holds against holding."""
        return self.principal - self.holding

    @property
    def total(self) -> Fraction:
        """All of it: price + impermanent loss + fees."""
        return self.principal + self.fees - self.entry

    @property
    def loss(self) -> float:
        """Impermanent loss as a part of holding: -0.0572 after the price doubled."""
        return float(self.loss_part / self.holding) if self.holding else 0.0

    @property
    def against_holding(self) -> float:
        """What the position is ahead of holding, fees counted, as a part of it."""
        return float((self.loss_part + self.fees) / self.holding) if self.holding else 0.0


def result_of(basis: Basis, principal: tuple[Fraction, Fraction], fees: Amounts, price: Fraction) -> LpResult | None:
    """Return how a position did, None if what was put in is not known.

    Args:
        basis: what was put in.
        principal: token0 and token1 in the pool, fees apart.
        fees: of both tokens.
        price: units of token1 for one unit of token0, now.
    """
    if not basis.is_complete or not basis.liquidity:
        return None
    return LpResult(
        basis.value,
        basis.amount0 * price + basis.amount1,
        principal[0] * price + principal[1],
        fees[0] * price + fees[1],
    )


def grown(basis: Basis, now: Amounts) -> tuple[tuple[Fraction, Fraction], Amounts]:
    """Return principal and fees of V2 shares: what they are now, split by the growth of sqrt(k) since they were made.

    A pair's k grows by fees alone, so what shares would be without them has the same sqrt(k) as what was put in; the
    rest is fees, an estimate in as far as the first share of a pool and rounding cost a few units.
    """
    root = Fraction(isqrt(now[0] * now[1] << 2 * PLACES), 1 << PLACES)
    if not root or not basis.root:
        return (Fraction(now[0]), Fraction(now[1])), (0, 0)
    kept = min(Fraction(1), basis.root / root)
    principal = now[0] * kept, now[1] * kept
    return principal, (int(now[0] - principal[0]), int(now[1] - principal[1]))
