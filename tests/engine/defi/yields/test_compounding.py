"""Rates and the compounding that pays for its gas, against brute force, a ledger and closed forms."""

from __future__ import annotations

from math import e, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.defi.yields.compounding import MOST_TIMES, best_compounding, first_order_interval, gain_after_gas
from engine.defi.yields.rate import YEAR_S, apr, apy, yearly
from engine.errors import InvalidInput

RATES = st.floats(0.001, 5.0)


@pytest.mark.parametrize(("times", "wanted"), [(1, 0.10), (12, 0.1047130674), (365, 0.1051557816), (inf, 0.1051709181)])
def test_ten_per_cent_compounded(times: float, wanted: float) -> None:
    """The figures of any textbook."""
    assert apy(0.10, times) == pytest.approx(wanted, abs=1e-10)


@given(RATES, st.sampled_from([1.0, 12.0, 365.0, inf]))
def test_a_rate_goes_there_and_back(rate: float, times: float) -> None:
    assert apr(apy(rate, times), times) == pytest.approx(rate, rel=1e-9)


def test_a_hundred_per_cent_at_every_instant_is_e() -> None:
    assert apy(1.0, inf) == pytest.approx(e - 1.0)
    assert yearly(0.01, YEAR_S / 12) == pytest.approx(0.12)


@given(st.floats(100.0, 1e6), RATES, st.floats(0.0, 50.0), st.integers(1, 200), st.floats(0.1, 3.0))
def test_the_gain_is_what_a_ledger_says(principal: float, rate: float, gas: float, times: int, years: float) -> None:
    total = principal
    for _ in range(times):
        total += total * rate * years / times - gas

    gained = gain_after_gas(principal, rate, gas, times, years)

    assert gained == pytest.approx(total - principal, rel=1e-9, abs=1e-6 * principal)


@given(st.floats(100.0, 1e5), st.floats(0.02, 2.0), st.floats(1.0, 40.0), st.floats(0.2, 2.0))
def test_the_best_number_of_times_is_brute_force_s(principal: float, rate: float, gas: float, years: float) -> None:
    best = max(range(1_500), key=lambda times: gain_after_gas(principal, rate, gas, times, years))

    found = best_compounding(principal, rate, gas, years)

    assert found.gain == pytest.approx(gain_after_gas(principal, rate, gas, best, years), rel=1e-12, abs=1e-9)
    assert found.gas == gas * found.times
    assert (1.0 + found.net_apy) ** years == pytest.approx(1.0 + found.gain / principal)


def test_the_first_order_interval_is_near_the_best_one() -> None:
    found = best_compounding(100_000.0, 0.2, 1.0)

    assert found.first_order_years == pytest.approx(first_order_interval(100_000.0, 0.2, 1.0))
    assert found.interval_years == pytest.approx(found.first_order_years, rel=0.15)
    assert 0.2 < found.net_apy < apy(0.2, inf)


def test_gas_that_costs_more_than_there_is_to_earn_is_not_spent() -> None:
    found = best_compounding(100.0, 0.05, 20.0)

    assert (found.times, found.gain, found.net_apy, found.interval_years) == (0, 0.0, 0.0, 1.0)


def test_free_gas_compounds_as_often_as_it_may() -> None:
    found = best_compounding(1000.0, 0.5, 0.0)

    assert found.net_apy == pytest.approx(apy(0.5, inf), rel=1e-6)
    assert found.times <= MOST_TIMES


def test_nonsense_is_refused() -> None:
    for arguments in ((0.0, 0.1, 1.0), (1.0, 0.0, 1.0), (1.0, 0.1, -1.0), (1.0, 0.1, 1.0, 0.0), (1.0, 0.1, 1.0, inf)):
        with pytest.raises(InvalidInput):
            best_compounding(*arguments)
    for work in (lambda: apy(0.1, 0.5), lambda: apy(-2.0, 1.0), lambda: apr(-1.0), lambda: yearly(0.1, 0.0)):
        with pytest.raises(InvalidInput):
            work()
