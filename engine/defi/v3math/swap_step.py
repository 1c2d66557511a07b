"""One stretch of a swap, between two ticks and on one liquidity: V3's SwapMath."""

from __future__ import annotations

from typing import NamedTuple

from engine.defi.v3math.sqrt_price import after_input, after_output, amount0_between, amount1_between

PIPS = 1_000_000
"""What a fee is counted in: 3000 = 0.3 %."""


class Step(NamedTuple):
    """How far a stretch went and what it moved."""

    sqrt_price: int
    amount_in: int
    """Without the fee."""
    amount_out: int
    fee: int
    """In the token that comes in."""


def swap_step(sqrt_price: int, target: int, liquidity: int, remaining: int, fee: int) -> Step:
    """Return the stretch from `sqrt_price` towards `target` that `remaining` allows, as `computeSwapStep`.

    Args:
        sqrt_price: where it begins.
        target: the root price that it does not pass; below = token0 comes in.
        liquidity: between both.
        remaining: > 0: input left, fee included; < 0: output still wanted.
        fee: in millionths of the input.

    Raises:
        WouldRevert: as `after_input` and `after_output`.
    """
    zero_for_one = sqrt_price >= target
    taken, given = (amount0_between, amount1_between) if zero_for_one else (amount1_between, amount0_between)
    if remaining >= 0:
        usable = remaining * (PIPS - fee) // PIPS
        amount_in = taken(target, sqrt_price, liquidity, True)
        if usable >= amount_in:
            reached = target
        else:
            reached = after_input(sqrt_price, liquidity, usable, zero_for_one)
            if reached != target:
                amount_in = taken(reached, sqrt_price, liquidity, True)
        amount_out = given(reached, sqrt_price, liquidity, False)
        if reached != target:
            return Step(reached, amount_in, amount_out, remaining - amount_in)
        return Step(reached, amount_in, amount_out, -(-amount_in * fee // (PIPS - fee)))
    amount_out = given(target, sqrt_price, liquidity, False)
    if -remaining >= amount_out:
        reached = target
    else:
        reached = after_output(sqrt_price, liquidity, -remaining, zero_for_one)
        if reached != target:
            amount_out = given(reached, sqrt_price, liquidity, False)
    amount_in = taken(reached, sqrt_price, liquidity, True)
    return Step(reached, amount_in, min(amount_out, -remaining), -(-amount_in * fee // (PIPS - fee)))
