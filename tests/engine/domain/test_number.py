from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.number import ceil_div, fixed, parse_decimal, scaled_to_int
from engine.errors import InvalidInput

whole = st.integers(-(10**40), 10**40)
places = st.integers(0, 30)


@given(whole, places)
def test_reading_what_was_written_gives_the_same_number(value: int, decimals: int) -> None:
    assert scaled_to_int(parse_decimal(fixed(value, decimals)), decimals) == value


@given(whole, places)
def test_the_text_is_plain_and_has_exactly_its_places(value: int, decimals: int) -> None:
    text = fixed(value, decimals)

    _, _, after = text.partition(".")
    assert len(after) == decimals
    assert Fraction(text) == Fraction(value, 10**decimals)
    assert "e" not in text.lower()


def test_places_left_of_the_point_are_zeros() -> None:
    assert (fixed(12, -3), fixed(12, 0), fixed(-5, 2)) == ("12000", "12", "-0.05")


def test_huge_numbers_are_not_special() -> None:
    huge = 10**9_000 + 7

    text = fixed(huge, 8)

    assert scaled_to_int(parse_decimal(text), 8) == huge
    assert fixed(-huge, 8) == f"-{text}"


@pytest.mark.parametrize(
    "text", ["", "1e5", "abc", "NaN", "Infinity", " 1", "1 ", ".5", "5.", "+1", "1,000", "٣", "1\n"]
)
def test_what_is_no_plain_decimal_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"not a decimal number such as 0\.25"):
        parse_decimal(text)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity"), Decimal("0.001")])
def test_what_is_not_finite_or_finer_than_the_places_is_no_whole_number(value: Decimal) -> None:
    assert scaled_to_int(value, 2) is None


def test_trailing_zeros_do_not_make_a_number_finer() -> None:
    assert scaled_to_int(Decimal("1.5000000000"), 2) == 150


@given(whole, st.integers(1, 10**20))
def test_division_rounds_up(numerator: int, denominator: int) -> None:
    assert ceil_div(numerator, denominator) == ceil(Fraction(numerator, denominator))
