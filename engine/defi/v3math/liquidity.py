"""Liquidity from amounts and amounts from liquidity: V3's LiquidityMath and LiquidityAmounts."""

from __future__ import annotations

from engine.defi.refusal import OverflowRevert, TooLittleLiquidity, WouldRevert
from engine.defi.v3math.full import Q96, UINT128, mul_div
from engine.defi.v3math.sqrt_price import amount0_between, amount1_between


def add_delta(liquidity: int, delta: int) -> int:
    """Return liquidity after a signed change.

    Raises:
        WouldRevert: "LS" below zero, "LA" above `uint128`.
    """
    found = liquidity + delta
    if found < 0:
        raise TooLittleLiquidity("More liquidity would be taken away than there is.", "LS")
    if found > UINT128:
        raise OverflowRevert("More liquidity than the contract can count.", "LA")
    return found


def liquidity_for_amount0(sqrt_a: int, sqrt_b: int, amount0: int) -> int:
    """Return the liquidity that `amount0` gives between two root prices, rounded down."""
    lower, upper = _sorted(sqrt_a, sqrt_b)
    return _within128(mul_div(amount0, mul_div(lower, upper, Q96), upper - lower))


def liquidity_for_amount1(sqrt_a: int, sqrt_b: int, amount1: int) -> int:
    """Return the liquidity that `amount1` gives between two root prices, rounded down."""
    lower, upper = _sorted(sqrt_a, sqrt_b)
    return _within128(mul_div(amount1, Q96, upper - lower))


def liquidity_for_amounts(sqrt_price: int, sqrt_a: int, sqrt_b: int, amount0: int, amount1: int) -> int:
    """Return the most liquidity that both amounts give at this price: what the position manager would mint.

    Raises:
        OverflowRevert: more than `uint128`, or an empty range.
    """
    lower, upper = _sorted(sqrt_a, sqrt_b)
    if sqrt_price <= lower:
        return liquidity_for_amount0(lower, upper, amount0)
    if sqrt_price >= upper:
        return liquidity_for_amount1(lower, upper, amount1)
    return min(liquidity_for_amount0(sqrt_price, upper, amount0), liquidity_for_amount1(lower, sqrt_price, amount1))


def amounts_for_liquidity(
    sqrt_price: int, sqrt_a: int, sqrt_b: int, liquidity: int, up: bool = False
) -> tuple[int, int]:
    """Return token0 and token1 of liquidity between two root prices.

    Args:
        sqrt_price: of the pool.
        sqrt_a: an end of the range.
        sqrt_b: the other end.
        liquidity: of the position.
        up: False = what burning it gives (rounded down), True = what minting it takes (rounded up).
    """
    lower, upper = _sorted(sqrt_a, sqrt_b)
    inside = min(max(sqrt_price, lower), upper)
    return amount0_between(inside, upper, liquidity, up), amount1_between(lower, inside, liquidity, up)


def max_liquidity_per_tick(spacing: int) -> int:
    """Return the most that one tick may refer to, so that the sum over all ticks fits `uint128`."""
    highest = 887_272 // spacing
    return UINT128 // (2 * highest + 1)


def check_range(lower: int, upper: int, spacing: int) -> None:
    """Refuse a range that the pool would refuse.

    Raises:
        WouldRevert: "TLU", "TLM" or "TUM" in the pool's own order; a bare one for ticks off the spacing.
    """
    if lower >= upper:
        raise WouldRevert("A range's lower end must be below its upper end.", "TLU")
    if lower < -887_272:
        raise WouldRevert("The range begins below the lowest tick.", "TLM")
    if upper > 887_272:
        raise WouldRevert("The range ends above the highest tick.", "TUM")
    if lower % spacing or upper % spacing:
        raise WouldRevert(f"Both ends of a range must be multiples of {spacing} ticks.")


def _sorted(a: int, b: int) -> tuple[int, int]:
    return (b, a) if a > b else (a, b)


def _within128(value: int) -> int:
    if value > UINT128:
        raise OverflowRevert("More liquidity than the contract can count.")
    return value
