"""Amounts between two prices, and the price after an amount: V3's SqrtPriceMath.

Rounding is always in favour of the pool: what it takes up, what it gives down, and the price never further than paid.
"""

from __future__ import annotations

from engine.defi.refusal import OverflowRevert, TooLittleLiquidity, WouldRevert
from engine.defi.v3math.full import Q96, UINT160, UINT256, too_large


def amount0_between(lower: int, upper: int, liquidity: int, up: bool) -> int:
    """Return the token0 between two root prices in either order: L * (1/sqrt(lower) - 1/sqrt(upper)).

    Raises:
        WouldRevert: a price is 0.
    """
    if lower > upper:
        lower, upper = upper, lower
    if lower <= 0:
        raise WouldRevert("A price must be more than 0.")
    top = (liquidity << 96) * (upper - lower)
    if up:
        return -(-top // upper // lower)
    return top // upper // lower


def amount1_between(lower: int, upper: int, liquidity: int, up: bool) -> int:
    """Return the token1 between two root prices in either order: L * (sqrt(upper) - sqrt(lower))."""
    product = liquidity * abs(upper - lower)
    return -(-product >> 96) if up else product >> 96


def after_amount0(sqrt_price: int, liquidity: int, amount: int, add: bool) -> int:
    """Return the root price after token0 came (`add`) or went, rounded up.

    Raises:
        WouldRevert: more than the liquidity can give, or a number leaves its width.
    """
    if amount == 0:
        return sqrt_price
    top = liquidity << 96
    product = amount * sqrt_price
    if add:
        if top + product <= UINT256:
            return -(-top * sqrt_price // (top + product))
        return -(-top // _within256(top // sqrt_price + amount))
    if product > UINT256 or top <= product:
        raise TooLittleLiquidity("The pool does not have that much at any price.")
    return _within160(-(-top * sqrt_price // (top - product)))


def after_amount1(sqrt_price: int, liquidity: int, amount: int, add: bool) -> int:
    """Return the root price after token1 came (`add`) or went, rounded down.

    Raises:
        WouldRevert: more than the liquidity can give, or a number leaves its width.
    """
    if add:
        return _within160(sqrt_price + _within256(amount * Q96 // liquidity))
    quotient = _within256(-(-amount * Q96 // liquidity))
    if sqrt_price <= quotient:
        raise TooLittleLiquidity("The pool does not have that much at any price.")
    return sqrt_price - quotient


def after_input(sqrt_price: int, liquidity: int, amount: int, zero_for_one: bool) -> int:
    """Return the root price once `amount` came in, fee already taken off."""
    if sqrt_price <= 0 or liquidity <= 0:
        raise TooLittleLiquidity("There is no liquidity at this price.")
    after = after_amount0 if zero_for_one else after_amount1
    return after(sqrt_price, liquidity, amount, True)


def after_output(sqrt_price: int, liquidity: int, amount: int, zero_for_one: bool) -> int:
    """Return the root price once `amount` went out."""
    if sqrt_price <= 0 or liquidity <= 0:
        raise TooLittleLiquidity("There is no liquidity at this price.")
    after = after_amount1 if zero_for_one else after_amount0
    return after(sqrt_price, liquidity, amount, False)


def _within160(value: int) -> int:
    if value > UINT160:
        raise OverflowRevert("The price would leave the range that a pool can have.")
    return value


def _within256(value: int) -> int:
    if value > UINT256:
        raise too_large()
    return value
