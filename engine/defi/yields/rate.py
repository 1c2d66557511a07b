"""Yearly rates with and without compounding. All estimates (float64): they suppose that the rate stays as it is.

A rate is a fraction: 0.1 = 10 % a year. APR is what a year pays on what is put in once; APY what it pays if the rewards
are put in as well, `times` a year.
"""

from __future__ import annotations

from math import expm1, inf, log1p

from engine.errors import InvalidInput

YEAR_S = 365 * 24 * 3600
"""Seconds of the year that protocols reckon with."""


def apy(apr: float, times: float = 365.0) -> float:
    """Return (1 + apr/n)^n - 1; n may be infinite.

    Raises:
        InvalidInput: fewer than one time a year, or a loss of everything each time.
    """
    _check(times)
    if times == inf:
        return expm1(apr)
    if apr <= -times:
        raise InvalidInput("A rate that loses everything each time cannot be compounded.")
    return expm1(times * log1p(apr / times))


def apr(apy: float, times: float = 365.0) -> float:
    """Return the rate that `apy` comes from: n ((1 + apy)^(1/n) - 1); n may be infinite.

    Raises:
        InvalidInput: fewer than one time a year, or a loss of everything.
    """
    _check(times)
    if apy <= -1.0:
        raise InvalidInput("A year that loses everything has no rate.")
    return log1p(apy) if times == inf else times * expm1(log1p(apy) / times)


def yearly(part: float, seconds: float) -> float:
    """Return the APR of something that paid `part` of what was put in within so many seconds.

    Raises:
        InvalidInput: no time passed.
    """
    if seconds <= 0.0:
        raise InvalidInput("A rate needs some time to have passed.")
    return part * YEAR_S / seconds


def _check(times: float) -> None:
    if not times >= 1.0:
        raise InvalidInput(f"Compounding {times:g} times a year is no compounding; at least once.")
