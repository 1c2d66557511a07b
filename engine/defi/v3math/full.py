"""Products and quotients of 256 bits with an intermediate of 512, and arithmetic that wraps: V3's FullMath."""

from __future__ import annotations

from engine.defi.refusal import OverflowRevert

UINT256 = (1 << 256) - 1
UINT160 = (1 << 160) - 1
UINT128 = (1 << 128) - 1
INT256 = (1 << 255) - 1
Q96 = 1 << 96
Q128 = 1 << 128


def mul_div(a: int, b: int, denominator: int) -> int:
    """Return a * b / denominator, rounded down.

    Raises:
        OverflowRevert: more than `uint256`, or a division by zero.
    """
    if denominator <= 0:
        raise OverflowRevert("The contract would divide by zero.")
    found = a * b // denominator
    if found > UINT256:
        raise too_large()
    return found


def wrapping_sub(a: int, b: int) -> int:
    """Return a - b as `uint256` does it: below zero it starts again at the top."""
    return (a - b) & UINT256


def too_large() -> OverflowRevert:
    """Return the refusal of a number that leaves its width."""
    return OverflowRevert("The amount is too large for the contract's arithmetic.")
