"""Slippage: what is given up is what was said, in spite of whole units, and never less than what it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.defi.slippage import BPS, checked, given_up, least_of, most_of, percent
from engine.errors import InvalidInput

POINTS = st.integers(0, BPS - 1)


@given(st.integers(BPS, 10**30), POINTS)
def test_what_follows_from_a_slippage_is_told_as_that_slippage(expected: int, bps: int) -> None:
    """One per cent of an amount that no per cent divides is one per cent, not 1.01."""
    assert given_up(expected, least_of(expected, bps), bps) == bps


@given(st.integers(1, 10**30), st.integers(0, 10**30), st.none() | POINTS)
def test_what_is_given_up_is_never_told_a_hundredth_of_a_percent_short(
    expected: int, least: int, said: int | None
) -> None:
    told = given_up(expected, min(least, expected), said)
    assert expected - min(least, expected) < expected * (told + 1) / BPS or told >= BPS
    assert said is None or told >= said


def test_dust_is_told_as_what_it_is() -> None:
    """One per cent of two whole units leaves one: that is a half."""
    assert given_up(2, least_of(2, 100), 100) == 5_000


@given(st.integers(0, 10**30), POINTS)
def test_bounds_lie_on_the_right_side(units: int, bps: int) -> None:
    assert least_of(units, bps) <= units <= most_of(units, bps)
    assert (units - least_of(units, bps) - 1) * BPS < units * bps <= (most_of(units, bps) - units) * BPS


def test_words() -> None:
    assert [percent(each) for each in (0, 1, 100, 150, 1_005, -50)] == [
        "0 %",
        "0.01 %",
        "1 %",
        "1.5 %",
        "10.05 %",
        "-0.5 %",
    ]
    for each in (-1, BPS):
        with pytest.raises(InvalidInput, match="makes no sense"):
            checked(each)
