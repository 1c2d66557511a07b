"""How often to compound when each time costs gas. Estimates (float64): rate, gas and prices stay as they are.

Putting rewards in earns on them, and each time costs `gas_cost`, also the last one, at the horizon. Too often pays the
miners, too rarely wastes the rewards' own rewards. To first order the best interval is sqrt(2 g / P) / r years: what a
longer interval loses, P r^2 T / 2 a year, and what it saves, g / T a year, are then equal.
"""

from __future__ import annotations

from math import expm1, isfinite, log1p, sqrt
from typing import NamedTuple

from engine.errors import InvalidInput

MOST_TIMES = 1_000_000


class Compounding(NamedTuple):
    """A plan, over its horizon."""

    times: int
    """How often, evenly; the last at the horizon. 0 = the gas costs more than there is to earn."""
    interval_years: float
    """Between two; the whole horizon if it is never done."""
    gain: float
    """Added to the principal after gas, in the principal's currency."""
    net_apy: float
    """The same as a yearly rate, compounded over the horizon."""
    gas: float
    """Paid in all."""
    first_order_years: float
    """What the closed form says about the interval."""


def first_order_interval(principal: float, apr: float, gas_cost: float) -> float:
    """Return sqrt(2 g / P) / r, in years.

    Raises:
        InvalidInput: nothing is put in, nothing is earned, or the gas costs less than nothing.
    """
    _check(principal, apr, gas_cost)
    return sqrt(2.0 * gas_cost / principal) / apr


def gain_after_gas(principal: float, apr: float, gas_cost: float, times: int, years: float = 1.0) -> float:
    """Return what compounding so many times adds to the principal by the horizon.

    Each of n times adds P r T - g, T = years / n: in all P ((1 + rT)^n - 1) - g ((1 + rT)^n - 1) / (rT).
    """
    _check(principal, apr, gas_cost)
    if times < 1:
        return 0.0
    each = apr * years / times
    grown = expm1(times * log1p(each))
    return principal * grown - gas_cost * grown / each


def best_compounding(principal: float, apr: float, gas_cost: float, years: float = 1.0) -> Compounding:
    """Return the number of times that gains most by the horizon.

    The gain rises with the number of times up to its best one and falls after it, so the search halves its way.

    Args:
        principal: put in, any currency.
        apr: what it pays a year, as a fraction.
        gas_cost: of one compounding, same currency; 0 compounds `MOST_TIMES` times at most.
        years: the horizon.

    Raises:
        InvalidInput: nothing is put in, nothing is earned, or no time is given.
    """
    _check(principal, apr, gas_cost)
    if not (years > 0.0 and isfinite(years)):
        raise InvalidInput("A horizon must be longer than nothing.")

    def gain(times: int) -> float:
        return gain_after_gas(principal, apr, gas_cost, times, years)

    low, high = 1, MOST_TIMES
    while low < high:
        middle = (low + high) // 2
        if gain(middle) < gain(middle + 1):
            low = middle + 1
        else:
            high = middle
    found = gain(low)
    first_order = first_order_interval(principal, apr, gas_cost)
    if found <= 0.0:
        return Compounding(0, years, 0.0, 0.0, 0.0, first_order)
    net = expm1(log1p(found / principal) / years)
    return Compounding(low, years / low, found, net, gas_cost * low, first_order)


def _check(principal: float, apr: float, gas_cost: float) -> None:
    if not (principal > 0.0 and apr > 0.0 and gas_cost >= 0.0):
        raise InvalidInput("Compounding needs something put in, a rate above 0 and a gas cost of 0 or more.")
