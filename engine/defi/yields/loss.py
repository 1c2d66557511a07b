"""Impermanent loss: what a position is worth beside the tokens that were put into it. All estimates (float64).

A loss is a fraction <= 0 of what simply holding would be worth: -0.057 = 5.7 % less. Fees are never mixed in: they are
reported beside it. `ratio` is the price now divided by the price then, of either token in the other.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

from engine.errors import InvalidInput


class Outcome(NamedTuple):
    """What became of a position, in one currency and at today's prices."""

    held: float
    """What was put in would be worth, had it been kept."""
    position: float
    """What burning it now gives is worth, fees not included."""
    fees: float
    """What it has earned is worth."""

    @property
    def loss(self) -> float:
        """The impermanent loss, a fraction <= 0 but for rounding."""
        return self.position / self.held - 1.0 if self.held else 0.0

    @property
    def fee_return(self) -> float:
        """The fees, as a fraction of holding."""
        return self.fees / self.held if self.held else 0.0

    @property
    def net(self) -> float:
        """Better (> 0) or worse (< 0) than holding, fees included."""
        return self.loss + self.fee_return


def outcome(
    deposited: tuple[float, float], now: tuple[float, float], fees: tuple[float, float], prices: tuple[float, float]
) -> Outcome:
    """Return the outcome of a position from its amounts of two tokens and today's prices of both."""
    held, position, earned = (amounts[0] * prices[0] + amounts[1] * prices[1] for amounts in (deposited, now, fees))
    return Outcome(held, position, earned)


def pair_loss(ratio: float) -> float:
    """Return the loss of equal parts in a constant-product pool: 2 sqrt(k) / (1 + k) - 1.

    Raises:
        InvalidInput: the ratio is not above 0.
    """
    _above_zero(ratio)
    return 2.0 * sqrt(ratio) / (1.0 + ratio) - 1.0


def weighted_loss(ratio: float, weight: float) -> float:
    """Return the loss where `weight` of the value is kept in the token whose price changed: k^w / (w k + 1 - w) - 1.

    Raises:
        InvalidInput: the ratio is not above 0, or the weight not between 0 and 1.
    """
    _above_zero(ratio)
    if not 0.0 < weight < 1.0:
        raise InvalidInput(f"A weight lies between 0 and 1; {weight:g} does not.")
    return float(ratio**weight) / (weight * ratio + 1.0 - weight) - 1.0


def range_loss(ratio: float, low: float, high: float) -> float:
    """Return the loss of a position in a range of prices.

    Args:
        ratio: price now / price then.
        low: lower end of the range / price then; 0 = none.
        high: upper end of the range / price then; infinity = none.

    Raises:
        InvalidInput: the ratio is not above 0, or the range is empty.
    """
    _above_zero(ratio)
    if not 0.0 <= low < high:
        raise InvalidInput(f"A range from {low:g} to {high:g} is empty.")
    base, quote = _range_amounts(1.0, low, high)
    base_now, quote_now = _range_amounts(ratio, low, high)
    return (base_now * ratio + quote_now) / (base * ratio + quote) - 1.0


def _range_amounts(price: float, low: float, high: float) -> tuple[float, float]:
    """Return base and quote of one unit of liquidity between two prices."""
    inside = sqrt(min(max(price, low), high))
    return 1.0 / inside - 1.0 / sqrt(high), inside - sqrt(low)


def _above_zero(ratio: float) -> None:
    if not ratio > 0.0:
        raise InvalidInput(f"A ratio of prices must be above 0; {ratio:g} is not.")
