"""Ranges of prices as people pick them, and the usable ticks that stand for them.

A person's price is whole tokens of token1 for one whole token0 (`Decimal`); a tick's is in smallest units, 1.0001^tick.
Who thinks the other way round takes 1/price and swaps the ends. A range grows outwards to usable ticks, so that what
was picked lies inside.
"""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from math import isqrt
from typing import NamedTuple

from engine.defi.v3math.liquidity import amounts_for_liquidity, liquidity_for_amounts
from engine.defi.v3math.tick import MAX_SQRT_PRICE, MAX_TICK, MIN_SQRT_PRICE, MIN_TICK, sqrt_price_at, tick_at
from engine.errors import InvalidInput

_SHOWN = Context(prec=40)
"""More digits than a root price of 160 bits has, with room for tokens' decimals."""


class Fitting(NamedTuple):
    """What two amounts give in a range, and what of them it takes."""

    liquidity: int
    amount0: int
    amount1: int


def price_of_root(sqrt_price: int, decimals0: int, decimals1: int) -> Decimal:
    """Return whole token1 for a whole token0 at a root price, to 40 digits."""
    price = _SHOWN.divide(Decimal(sqrt_price * sqrt_price), Decimal(1 << 192))
    return price.scaleb(decimals0 - decimals1, _SHOWN)


def price_at_tick(tick: int, decimals0: int, decimals1: int) -> Decimal:
    """Return whole token1 for a whole token0 at a tick, to 40 digits."""
    return price_of_root(sqrt_price_at(tick), decimals0, decimals1)


def root_of_price(price: Decimal, decimals0: int, decimals1: int) -> int:
    """Return the root price of a person's price, rounded down.

    Raises:
        InvalidInput: not above 0, or outside of what a pool can have.
    """
    if not price.is_finite() or price <= 0:
        raise InvalidInput(f"A price must be a number above 0, not {price}.")
    if abs(price.adjusted()) > 200:
        raise InvalidInput(f"{price} is outside of what a pool can have.")
    exact = Fraction(price) * Fraction(10) ** (decimals1 - decimals0)
    found = isqrt((exact.numerator << 192) // exact.denominator)
    if not MIN_SQRT_PRICE <= found < MAX_SQRT_PRICE:
        raise InvalidInput(f"{price} is outside of what a pool can have.")
    return found


def full_range(spacing: int) -> tuple[int, int]:
    """Return the lowest and the highest usable tick."""
    return -(MAX_TICK // spacing) * spacing, MAX_TICK // spacing * spacing


def usable_range(low: Decimal, high: Decimal, decimals0: int, decimals1: int, spacing: int) -> tuple[int, int]:
    """Return the narrowest usable ticks with both prices between them, as far as there are ticks.

    Raises:
        InvalidInput: the prices are not in order, or outside of what a pool can have.
    """
    if low >= high:
        raise InvalidInput(f"The range's lower price, {low}, must be below its upper price, {high}.")
    lower = tick_at(root_of_price(low, decimals0, decimals1)) // spacing * spacing
    top = root_of_price(high, decimals0, decimals1)
    above = tick_at(top)
    above += sqrt_price_at(above) < top or price_at_tick(above, decimals0, decimals1) < high
    upper = -(-above // spacing) * spacing
    least, most = full_range(spacing)
    return max(lower, least), min(max(upper, lower + spacing), most)


def fitting(sqrt_price: int, lower: int, upper: int, desired0: int, desired1: int) -> Fitting:
    """Return the most liquidity that two desired amounts give in a range, and what minting it takes of them.

    Raises:
        OverflowRevert: more than the contract can count.
    """
    ends = sqrt_price_at(lower), sqrt_price_at(upper)
    liquidity = liquidity_for_amounts(sqrt_price, *ends, desired0, desired1)
    return Fitting(liquidity, *amounts_for_liquidity(sqrt_price, *ends, liquidity, up=True))


def capital_efficiency(lower: int, upper: int) -> float:
    """Return how many times the liquidity of the same money over all prices a range gives (an estimate, float64).

    For a price at the geometric middle of the range: 1 / (1 - (low/high)^(1/4)). Source: Uniswap v3 Core (2021),
    section 2.
    """
    if not MIN_TICK <= lower < upper <= MAX_TICK:
        raise InvalidInput("A range's lower end must be below its upper end.")
    return float(1.0 / (1.0 - 1.0001 ** ((lower - upper) / 4.0)))
