"""What a position holds, costs and earns: laws, and figures of Uniswap's own tests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.defi.pools.v3position import Growth, V3Position, growth_inside
from engine.defi.refusal import WouldRevert
from engine.defi.v3math.full import Q128
from engine.defi.v3math.liquidity import liquidity_for_amounts, max_liquidity_per_tick
from engine.defi.v3math.tick import sqrt_price_at


@given(
    st.integers(-50_000, 50_000),
    st.integers(1, 300),
    st.integers(1, 300),
    st.integers(1, 2**90),
    st.integers(1, 2**90),
)
def test_what_fits_costs_no_more_than_was_desired_and_gives_no_more(
    tick: int, below: int, above: int, want0: int, want1: int
) -> None:
    middle, root = tick // 60, sqrt_price_at(tick) + 1
    lower, upper = (middle - below) * 60, (middle + above) * 60
    ends = sqrt_price_at(lower), sqrt_price_at(upper)

    position = V3Position(lower, upper, liquidity_for_amounts(root, *ends, want0, want1))

    cost, back = position.cost(root), position.amounts(root)
    assert cost[0] <= want0
    assert cost[1] <= want1
    assert 0 <= cost[0] - back[0] <= 2
    assert 0 <= cost[1] - back[1] <= 1


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
