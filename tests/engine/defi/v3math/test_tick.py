"""Ticks and their prices against the closed form and Uniswap's published constants."""

from __future__ import annotations

from decimal import Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.defi.refusal import WouldRevert
from engine.defi.v3math import tick as module
from engine.defi.v3math.tick import MAX_SQRT_PRICE, MAX_TICK, MIN_SQRT_PRICE, MIN_TICK, sqrt_price_at, tick_at

FINE = Context(prec=90)
TICKS = st.integers(MIN_TICK, MAX_TICK - 1)


def exact(tick: int) -> Decimal:
    """Return 2^96 * 1.0001^(tick / 2) to 90 digits."""
    return FINE.multiply(Decimal(2**96), FINE.power(Decimal("1.0001").sqrt(FINE), Decimal(tick)))


def test_the_ends_are_those_that_uniswap_publishes() -> None:
    assert sqrt_price_at(MIN_TICK) == MIN_SQRT_PRICE == 4295128739
    assert sqrt_price_at(MAX_TICK) == MAX_SQRT_PRICE == 1461446703485210103287273052203988822378723970342
    assert sqrt_price_at(0) == 2**96
    assert tick_at(MIN_SQRT_PRICE) == MIN_TICK
    assert tick_at(MAX_SQRT_PRICE - 1) == MAX_TICK - 1


@pytest.mark.parametrize(
    ("tick", "root"),
    [
        (50, 79426470787362580746886972461),
        (100, 79625275426524748796330556128),
        (250, 80224679980005306637834519095),
        (500, 81233731461783161732293370115),
        (1000, 83290069058676223003182343270),
        (2500, 89776708723587163891445672585),
        (3000, 92049301871182272007977902845),
        (4000, 96768528593268422080558758223),
        (5000, 101729702841318637793976746270),
        (50000, 965075977353221155028623082916),
        (150000, 143194173941309278083010301478497),
        (250000, 21246587762933397357449903968194344),
        (500000, 5697689776495288729098254600827762987878),
        (738203, 847134979253254120489401328389043031315994541),
    ],
)
def test_the_table_of_uniswap_s_own_tests(tick: int, root: int) -> None:
    assert sqrt_price_at(tick) == root


@pytest.mark.parametrize("power", range(20))
def test_the_factors_are_the_roots_of_powers_of_two(power: int) -> None:
    wanted = FINE.divide(Decimal(2**224), exact(2**power))

    assert abs(Decimal(module._FACTORS[power]) - wanted) < 1


@given(TICKS)
def test_roots_are_the_closed_form_s(tick: int) -> None:
    wanted = exact(tick)

    lost = 25 * exact(abs(tick)) / 2**96 / 2**128  # of 20 products cut at 128 binary places
    assert abs(Decimal(sqrt_price_at(tick)) - wanted) < 2 + wanted * lost


@given(TICKS)
def test_a_tick_s_price_has_that_tick_and_the_unit_below_has_the_one_before(tick: int) -> None:
    assert tick_at(sqrt_price_at(tick)) == tick
    assert tick_at(sqrt_price_at(tick + 1) - 1) == tick


@given(st.integers(MIN_SQRT_PRICE, MAX_SQRT_PRICE - 1))
def test_a_price_lies_between_its_tick_and_the_next(sqrt_price: int) -> None:
    tick = tick_at(sqrt_price)

    assert sqrt_price_at(tick) <= sqrt_price < sqrt_price_at(tick + 1)


@pytest.mark.parametrize("tick", [MIN_TICK - 1, MAX_TICK + 1])
def test_a_tick_out_of_range_is_refused_with_the_contract_s_word(tick: int) -> None:
    with pytest.raises(WouldRevert) as refusal:
        sqrt_price_at(tick)
    assert refusal.value.word == "T"


@pytest.mark.parametrize("sqrt_price", [0, MIN_SQRT_PRICE - 1, MAX_SQRT_PRICE])
def test_a_price_out_of_range_is_refused_with_the_contract_s_word(sqrt_price: int) -> None:
    with pytest.raises(WouldRevert) as refusal:
        tick_at(sqrt_price)
    assert refusal.value.word == "R"
