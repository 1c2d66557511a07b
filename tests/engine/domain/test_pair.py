from decimal import Decimal
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.asset import Asset
from engine.domain.number import Units, parse_decimal
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import InvalidInput

BASE, QUOTE = Asset("BTC"), Asset("USDT")
NOTHING, TENTH = FeeRate.parse(Decimal(0)), FeeRate.parse(Decimal("0.1"))

STEPS = st.sampled_from(["0.01", "0.5", "0.25", "0.00001", "1", "5", "100", "0.000000001", "0.10"]).map(Decimal)
MINUS = st.integers(-(10**30), 10**30)
RATES = st.decimals(0, 10, allow_nan=False, allow_infinity=False, places=7)


def make(tick: Decimal, lot: Decimal, maker: FeeRate = NOTHING, taker: FeeRate = NOTHING) -> TradingPair:
    return TradingPair("BTC/USDT", BASE, QUOTE, tick, lot, Units(0), maker, taker)


PAIRS = st.builds(make, STEPS, STEPS)


@given(PAIRS, MINUS)
def test_a_price_written_and_read_is_the_same_price(pair: TradingPair, ticks: int) -> None:
    assert pair.ticks(parse_decimal(pair.price_text(ticks))) == ticks
    assert pair.ticks(pair.price(ticks)) == ticks
    assert Fraction(pair.price_text(ticks)) == Fraction(pair.tick) * ticks


@given(PAIRS, MINUS)
def test_a_quantity_written_and_read_is_the_same_quantity(pair: TradingPair, lots: int) -> None:
    assert pair.lots(parse_decimal(pair.qty_text(lots))) == lots
    assert pair.lots(pair.qty(lots)) == lots


@given(PAIRS, st.integers(0, 10**20), st.integers(0, 10**20))
def test_a_notional_is_exactly_price_times_quantity(pair: TradingPair, ticks: int, lots: int) -> None:
    exact = Fraction(pair.tick) * ticks * Fraction(pair.lot) * lots

    assert Fraction(pair.notional(ticks, lots), 10**QUOTE.decimals) == exact
    assert Fraction(pair.base_units(lots), 10**BASE.decimals) == Fraction(pair.lot) * lots


@given(PAIRS, MINUS, st.fractions(Fraction(1, 100), Fraction(99, 100), max_denominator=100))
def test_a_price_between_two_ticks_is_off_the_grid(pair: TradingPair, ticks: int, part: Fraction) -> None:
    between = pair.price(ticks) + pair.tick * Decimal(part.numerator) / Decimal(100 * part.denominator)

    exact = Fraction(between) / Fraction(pair.tick)
    assert pair.ticks(between) == (exact if exact.denominator == 1 else None)


def test_off_grid_and_no_number_at_all_are_no_steps() -> None:
    pair = make(Decimal("0.01"), Decimal("0.5"))

    assert pair.ticks(Decimal("1.005")) is None
    assert pair.lots(Decimal("0.7")) is None
    assert pair.ticks(Decimal("NaN")) is None
    assert pair.lots(Decimal("Infinity")) is None
    assert pair.ticks(Decimal("1.0100000")) == 101


def test_texts_have_the_places_of_their_step() -> None:
    pair = make(Decimal("0.010"), Decimal("5"))

    assert (pair.tick_decimals, pair.lot_decimals) == (2, 0)
    assert (pair.price_text(6_400_000), pair.qty_text(3)) == ("64000.00", "15")


def test_huge_prices_are_not_special() -> None:
    pair, huge = make(Decimal("0.25"), Decimal("0.1")), 10**6_000 + 3

    assert pair.ticks(parse_decimal(pair.price_text(huge))) == huge


@pytest.mark.parametrize("step", ["0", "-0.01", "NaN", "Infinity"])
def test_a_step_that_is_not_positive_is_refused_by_name(step: str) -> None:
    with pytest.raises(InvalidInput, match="BTC/USDT: tick must be positive"):
        make(Decimal(step), Decimal(1))
    with pytest.raises(InvalidInput, match="BTC/USDT: lot must be positive"):
        make(Decimal(1), Decimal(step))


def test_a_grid_finer_than_the_units_is_refused() -> None:
    with pytest.raises(InvalidInput, match="tick x lot is finer than a unit of USDT"):
        make(Decimal("1e-10"), Decimal("1e-10"))
    with pytest.raises(InvalidInput, match="the lot is finer than a unit of BTC"):
        make(Decimal(1000), Decimal("1e-19"))


@given(RATES, st.integers(0, 10**40))
def test_a_fee_is_the_exact_share_rounded_up(rate: Decimal, notional: int) -> None:
    assert FeeRate.parse(rate).of(notional) == ceil(Fraction(rate) * notional)


@given(RATES, RATES)
def test_rates_compare_as_the_numbers_they_are(one: Decimal, other: Decimal) -> None:
    assert (FeeRate.parse(one) < FeeRate.parse(other)) == (one < other)
    assert make(Decimal(1), Decimal(1), FeeRate.parse(one), FeeRate.parse(other)).higher_fee.decimal == max(one, other)


@pytest.mark.parametrize("rate", ["-0.001", "NaN", "Infinity", "-Infinity"])
def test_a_rate_that_is_negative_or_no_number_is_refused(rate: str) -> None:
    with pytest.raises(InvalidInput, match="at least 0"):
        FeeRate.parse(Decimal(rate))


def test_the_floats_for_charts_are_near() -> None:
    pair = make(Decimal("0.01"), Decimal("0.001"))

    assert pair.price_number(6_400_050) == pytest.approx(64_000.5)
    assert pair.qty_number(1_500) == pytest.approx(1.5)
