"""Liquidity between two ticks: what fits a range, what the price may do meanwhile, what comes out again.

The least amounts are those at the worst price that the slippage allows, worked out as the position manager would at
that price, so that "1 %" means the price's one per cent whatever the width of the range. Source: Uniswap's
NonfungiblePositionManager and LiquidityAmounts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isqrt
from typing import NamedTuple

from engine.defi.liquidity.span import Span
from engine.defi.slippage import BPS, checked
from engine.defi.token import TokenAmount
from engine.defi.v3math.liquidity import (
    amounts_for_liquidity,
    check_range,
    liquidity_for_amount0,
    liquidity_for_amount1,
    liquidity_for_amounts,
)
from engine.defi.v3math.tick import MAX_SQRT_PRICE, MIN_SQRT_PRICE, tick_at
from engine.errors import InvalidInput


class V3Price(NamedTuple):
    """A pool as far as liquidity is concerned."""

    address: str
    """Empty: there is no such pool yet, and `root` is where it shall begin."""
    fee: int
    spacing: int
    root: int

    @property
    def tick(self) -> int:
        """Of the price."""
        return tick_at(self.root)


@dataclass(frozen=True, slots=True)
class V3Addition:
    """What would go into a range; token0 and token1 by the pool's order, the coin where the person named it."""

    pool: V3Price
    span: Span
    first: TokenAmount
    second: TokenAmount
    least: tuple[int, int]
    liquidity: int
    slippage_bps: int
    """What was allowed, or less where the range is narrower than that."""
    token_id: int | None = None
    """The position that grows; None: a new one."""

    @property
    def is_one_sided(self) -> bool:
        """Whether only one token goes in: the price is outside of the range."""
        return not (self.first.units and self.second.units)


@dataclass(frozen=True, slots=True)
class V3Removal:
    """What would come out of a position, fees apart."""

    token_id: int
    liquidity: int
    """That is taken out; 0 = only the fees."""
    first: TokenAmount
    second: TokenAmount
    least: tuple[int, int]
    fees: tuple[int, int]
    """Collected with it, as they are now; they only grow."""
    slippage_bps: int
    burns: bool
    """Nothing is left, and the position itself goes too."""


def fitted_range(
    pool: V3Price,
    span: Span,
    first: TokenAmount,
    second: TokenAmount,
    slippage_bps: int,
    token_id: int | None = None,
) -> V3Addition:
    """Return what of two amounts (of token0 and token1) fits a range at the price of now.

    Raises:
        InvalidInput: a range that the pool cannot have, or amounts that give no liquidity there.
    """
    check_range(span.lower, span.upper, pool.spacing)
    liquidity = liquidity_for_amounts(pool.root, *span.roots, first.units, second.units)
    if liquidity <= 0:
        raise InvalidInput(_none_fits(pool, span, first, second))
    taken = amounts_for_liquidity(pool.root, *span.roots, liquidity, up=True)
    taken = min(taken[0], first.units), min(taken[1], second.units)
    minted = liquidity_for_amounts(pool.root, *span.roots, *taken)
    bps, least = _bounded(lambda each: least_added(pool.root, span, taken, each), slippage_bps)
    return V3Addition(
        pool, span, first.token.units(taken[0]), second.token.units(taken[1]), least, minted, bps, token_id
    )


def matching_in_range(pool: V3Price, span: Span, given: TokenAmount, other: TokenAmount, is_first: bool) -> TokenAmount:
    """Return how much of the other token goes with an amount in a range.

    Args:
        pool: with its price.
        span: the range.
        given: the amount.
        other: of the other token; its units do not count.
        is_first: whether `given` is of token0.

    Raises:
        InvalidInput: at this price the range takes nothing of the given token.
    """
    lower, upper = span.roots
    inside = min(max(pool.root, lower), upper)
    if inside == (upper if is_first else lower):
        gone = given.token.symbol
        raise InvalidInput(f"At this price the range takes only {other.token.symbol}: no {gone} goes in.")
    if is_first:
        liquidity = liquidity_for_amount0(inside, upper, given.units)
    else:
        liquidity = liquidity_for_amount1(lower, inside, given.units)
    taken = amounts_for_liquidity(pool.root, lower, upper, liquidity, up=True)
    return other.token.units(taken[1] if is_first else taken[0])


def least_added(root: int, span: Span, desired: tuple[int, int], slippage_bps: int) -> tuple[int, int]:
    """Return the least of both that the manager takes while the price stays within the slippage."""
    low, high = moved_roots(root, slippage_bps)
    at_high, at_low = _added_at(high, span, desired), _added_at(low, span, desired)
    return min(at_high[0], desired[0]), min(at_low[1], desired[1])


def fitted_withdrawal(
    pool: V3Price,
    span: Span,
    token_id: int,
    liquidity: int,
    tokens: tuple[TokenAmount, TokenAmount],
    slippage_bps: int,
    *,
    burns: bool,
) -> V3Removal:
    """Return what liquidity of a position turns into at the price of now.

    Args:
        pool: with its price.
        span: the position's range.
        token_id: its number.
        liquidity: to take out, 0 or more.
        tokens: fees of token0 and token1 that come along.
        slippage_bps: how far the price may move.
        burns: whether nothing is left afterwards.
    """
    now = amounts_for_liquidity(pool.root, *span.roots, liquidity)
    bps, least = _bounded(lambda each: least_taken(pool.root, span, liquidity, each), slippage_bps)
    first, second = tokens
    return V3Removal(
        token_id,
        liquidity,
        first.token.units(now[0]),
        second.token.units(now[1]),
        least,
        (first.units, second.units),
        bps,
        burns,
    )


def least_taken(root: int, span: Span, liquidity: int, slippage_bps: int) -> tuple[int, int]:
    """Return the least of both that liquidity gives while the price stays within the slippage."""
    low, high = moved_roots(root, slippage_bps)
    return (
        amounts_for_liquidity(high, *span.roots, liquidity)[0],
        amounts_for_liquidity(low, *span.roots, liquidity)[1],
    )


def _bounded(least: Callable[[int], tuple[int, int]], slippage_bps: int) -> tuple[int, tuple[int, int]]:
    """Return a slippage and its least amounts that bound something.

    A range may be narrower than the slippage: then the price could leave it on either side, each token could be
    nothing, and a contract told so would take anything. The slippage is halved until that is not so.
    """
    found = least(slippage_bps)
    while not any(found) and slippage_bps:
        slippage_bps //= 2
        found = least(slippage_bps)
    return slippage_bps, found


def moved_roots(root: int, slippage_bps: int) -> tuple[int, int]:
    """Return the root prices that lie the slippage below and above.

    Raises:
        InvalidInput: the slippage is no part of the whole.
    """
    square, slippage_bps = root * root, checked(slippage_bps)
    low, high = isqrt(square * (BPS - slippage_bps) // BPS), isqrt(square * (BPS + slippage_bps) // BPS)
    return max(low, MIN_SQRT_PRICE), min(high, MAX_SQRT_PRICE - 1)


def _added_at(root: int, span: Span, desired: tuple[int, int]) -> tuple[int, int]:
    liquidity = liquidity_for_amounts(root, *span.roots, *desired)
    return amounts_for_liquidity(root, *span.roots, liquidity)


def _none_fits(pool: V3Price, span: Span, first: TokenAmount, second: TokenAmount) -> str:
    lower, upper = span.roots
    if pool.root <= lower:
        return f"The range lies above the price: it takes {first.token.symbol} only, and none was given."
    if pool.root >= upper:
        return f"The range lies below the price: it takes {second.token.symbol} only, and none was given."
    return f"A range around the price takes both {first.token.symbol} and {second.token.symbol}; give more of both."
