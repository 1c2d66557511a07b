"""What somebody who sees a swap before it is mined could take by trading around it.

The model is one pool with x·y = k, as deep as the swap's own price impact says; the other trades in front of it so
far that it still gets its minimum, and back after it. Whole numbers of the smallest units; a bound for a note, not a
quote. Source: Zhou, Qin et al., "High-Frequency Trading on Decentralized On-Chain Exchanges" (2021), sandwich attacks.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.defi.slippage import BPS

FEE = (997, 1000)


@dataclass(frozen=True, slots=True)
class Sandwich:
    """The worst that fits between expectation and minimum."""

    front: int
    """What the other puts in first, in the token that is sold."""
    loss: int
    """What the swap gets less, in the token that is bought."""
    profit: int
    """What the other has more at the end, in the token that is sold; negative where the pool's fee eats it."""


def amount_out(amount_in: int, reserve_in: int, reserve_out: int, fee: tuple[int, int] = FEE) -> int:
    """Return what a pool gives (Uniswap V2's getAmountOut)."""
    counted = amount_in * fee[0]
    return counted * reserve_out // (reserve_in * fee[1] + counted)


def effective_depth(amount_in: int, expected: int, impact_bps: int, fee: tuple[int, int] = FEE) -> tuple[int, int]:
    """Return reserves of one pool in which the swap moves the price as told and brings what is expected.

    An input `a` gets `a / (R + a)` less than the price before promised: that is its impact.
    """
    impact = min(max(impact_bps, 1), BPS - 1)
    counted = amount_in * fee[0] // fee[1]
    reserve_in = max(counted * (BPS - impact) // impact, 1)
    reserve_out = expected * (reserve_in + counted) // max(counted, 1)
    return reserve_in, max(reserve_out, 1)


def worst_sandwich(
    amount_in: int, minimum: int, reserve_in: int, reserve_out: int, fee: tuple[int, int] = FEE
) -> Sandwich:
    """Return the largest trade in front that leaves the swap its minimum, and what comes of it."""
    undisturbed = amount_out(amount_in, reserve_in, reserve_out, fee)
    if undisturbed < minimum or amount_in <= 0:
        return Sandwich(0, 0, 0)
    low, high = 0, 1
    while _after_front(high, amount_in, reserve_in, reserve_out, fee)[0] >= minimum and high < 2**200:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        if _after_front(middle, amount_in, reserve_in, reserve_out, fee)[0] >= minimum:
            low = middle
        else:
            high = middle
    got, taken, in_pool, out_pool = _after_front(low, amount_in, reserve_in, reserve_out, fee)
    back = amount_out(taken, out_pool, in_pool, fee)
    return Sandwich(low, undisturbed - got, back - low)


def _after_front(
    front: int, amount_in: int, reserve_in: int, reserve_out: int, fee: tuple[int, int]
) -> tuple[int, int, int, int]:
    """What the swap gets, what the other bought, and the pool (in, out) after both."""
    taken = amount_out(front, reserve_in, reserve_out, fee)
    in_pool, out_pool = reserve_in + front, reserve_out - taken
    got = amount_out(amount_in, in_pool, out_pool, fee)
    return got, taken, in_pool + amount_in, out_pool - got
