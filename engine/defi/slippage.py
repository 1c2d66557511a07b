"""Slippage: how much less than expected is still taken, in basis points, and how it is said."""

from __future__ import annotations

from engine.errors import InvalidInput

BPS = 10_000
"""Basis points of the whole."""
USUAL_BPS = 100
"""Where nothing else is said."""
DEADLINE_S = 1_200
"""From now until what was quoted is not carried out any more, where nothing else is said."""


def checked(slippage_bps: int) -> int:
    """Return a slippage that is a part of the whole.

    Raises:
        InvalidInput: it is not.
    """
    if not 0 <= slippage_bps < BPS:
        raise InvalidInput(f"A slippage of {percent(slippage_bps)} makes no sense: 0 to 99.99 % are possible.")
    return slippage_bps


def least_of(units: int, slippage_bps: int) -> int:
    """Return what of an amount must be left after the slippage, rounded down; raises InvalidInput as `checked`."""
    return units * (BPS - checked(slippage_bps)) // BPS


def most_of(units: int, slippage_bps: int) -> int:
    """Return what an amount may become with the slippage on top, rounded up; raises InvalidInput as `checked`."""
    return -(-units * (BPS + checked(slippage_bps)) // BPS)


def given_up(expected: int, least: int, said: int | None) -> int:
    """Return how much less than expected a least amount is, in basis points.

    Least amounts are whole units, so they lie a little below what was said: what rounds down to it counts as it. All
    else is rounded up.
    """
    missing = (expected - least) * BPS
    if said is not None and missing // expected <= said:
        return said
    return -(-missing // expected)


def percent(bps: int) -> str:
    """Return basis points as people read them: 150 is "1.5 %"."""
    whole, rest = divmod(abs(bps), 100)
    return f"{'-' if bps < 0 else ''}{whole}.{rest:02}".rstrip("0").rstrip(".") + " %"
