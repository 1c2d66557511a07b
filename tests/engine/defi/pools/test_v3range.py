"""Ranges of prices as people pick them, against exact arithmetic and published figures."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.defi.pools.v3position import Growth, V3Position, growth_inside
from engine.defi.pools.v3range import (
    capital_efficiency,
    fitting,
    full_range,
    price_at_tick,
    price_of_root,
    root_of_price,
    usable_range,
)
from engine.defi.refusal import WouldRevert
from engine.defi.v3math.full import Q128
from engine.defi.v3math.liquidity import max_liquidity_per_tick
from engine.defi.v3math.tick import sqrt_price_at
from engine.errors import InvalidInput

PRICES = st.decimals("0.000001", "1000000", allow_nan=False, places=6)
DECIMALS = st.sampled_from([(18, 18), (18, 6), (6, 18), (8, 18)])


@given(PRICES, DECIMALS)
def test_a_price_goes_to_its_root_and_back(price: Decimal, decimals: tuple[int, int]) -> None:
    root = root_of_price(price, *decimals)

    exact = Fraction(price) * Fraction(10) ** (decimals[1] - decimals[0]) * 2**192
    assert root**2 <= exact < (root + 1) ** 2
    assert price_of_root(root, *decimals) == pytest.approx(price, rel=Decimal("1e-12"))


@given(PRICES, PRICES, DECIMALS, st.sampled_from([1, 10, 60, 200]))
def test_what_was_picked_lies_inside_the_usable_range(
    one: Decimal, other: Decimal, decimals: tuple[int, int], spacing: int
) -> None:
    low, high = sorted((one, other))
    if low == high:
        return

    lower, upper = usable_range(low, high, *decimals, spacing)

    assert lower % spacing == upper % spacing == 0
    assert price_at_tick(lower, *decimals) <= low
    assert price_at_tick(upper, *decimals) >= high
    assert price_at_tick(lower + spacing, *decimals) > low
    assert price_at_tick(upper - spacing, *decimals) < high


def test_a_whole_token_is_counted_in_its_own_decimals() -> None:
    """ETH at 3000 USDC: 3000 * 10^6 units for 10^18."""
    assert root_of_price(Decimal(3000), 18, 6) ** 2 / 2**192 == pytest.approx(3000e6 / 1e18)
    assert price_at_tick(0, 18, 6) == Decimal(10) ** 12


@pytest.mark.parametrize("price", ["0", "-1", "NaN", "Infinity", "1e400", "1e60"])
def test_a_price_that_no_pool_can_have_is_refused(price: str) -> None:
    with pytest.raises(InvalidInput):
        root_of_price(Decimal(price), 18, 18)
    with pytest.raises(InvalidInput, match="must be below"):
        usable_range(Decimal(2), Decimal(2), 18, 18, 60)


def test_the_full_range_is_uniswap_s() -> None:
    assert full_range(60) == (-887220, 887220)
    assert full_range(200) == (-887200, 887200)
    assert full_range(1) == (-887272, 887272)


def test_capital_efficiency_is_the_paper_s() -> None:
    """A range of 0.1 % around the price: about 4000 times; 1.0001^10 is that range."""
    assert capital_efficiency(-5, 5) == pytest.approx(4000, rel=1e-3)
    assert capital_efficiency(*full_range(1)) == pytest.approx(1.0)


@given(
    st.integers(-50_000, 50_000), st.integers(1, 300), st.integers(1, 300), st.integers(1, 2**90), st.integers(1, 2**90)
)
def test_what_fits_costs_no_more_than_was_desired(tick: int, below: int, above: int, want0: int, want1: int) -> None:
    middle, root = tick // 60, sqrt_price_at(tick) + 1
    lower, upper = (middle - below) * 60, (middle + above) * 60

    found = fitting(root, lower, upper, want0, want1)

    assert found.amount0 <= want0
    assert found.amount1 <= want1
    back = V3Position(lower, upper, found.liquidity).amounts(root)
    assert 0 <= found.amount0 - back[0] <= 2
    assert 0 <= found.amount1 - back[1] <= 1


def test_a_position_outside_of_its_range_is_all_of_one_token() -> None:
    position = V3Position(-600, 600, 10**20)

    assert position.amounts(sqrt_price_at(-700))[1] == 0
    assert position.amounts(sqrt_price_at(700))[0] == 0
    assert [position.is_active(each) for each in (-601, -600, 599, 600)] == [False, True, True, False]


def test_fees_are_counted_around_the_top_of_uint256() -> None:
    before = Growth(2**256 - Q128, 2**256 - 1)
    position = V3Position(-60, 60, 10, before, (3, 0))

    assert position.fees_owed(Growth(Q128 * 4, Q128 - 1)) == (3 + 50, 10)


def test_growth_outside_is_what_the_other_side_earned() -> None:
    everywhere, below, above = Growth(100, 50), Growth(10, 5), Growth(20, 1)

    assert growth_inside(0, -60, 60, everywhere, below, above) == Growth(70, 44)
    assert growth_inside(60, -60, 60, everywhere, below, above) == Growth(10, 2**256 - 4)
    assert growth_inside(-61, -60, 60, everywhere, below, above) == Growth(2**256 - 10, 4)


@pytest.mark.parametrize(
    ("lower", "upper", "word"), [(60, 60, "TLU"), (-887_280, 60, "TLM"), (60, 887_280, "TUM"), (1, 60, "")]
)
def test_ranges_that_the_pool_refuses(lower: int, upper: int, word: str) -> None:
    with pytest.raises(WouldRevert) as refusal:
        V3Position(lower, upper, 1).check(60)
    assert refusal.value.word == word


@pytest.mark.parametrize(
    ("spacing", "most"),
    [
        (10, 1917569901783203986719870431555990),
        (60, 11505743598341114571880798222544994),
        (200, 38350317471085141830651933667504588),
    ],
)
def test_the_most_liquidity_of_a_tick_is_what_uniswap_s_tests_say(spacing: int, most: int) -> None:
    assert max_liquidity_per_tick(spacing) == most
