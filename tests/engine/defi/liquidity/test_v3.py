"""The least amounts of a range hold for every price within the slippage, and bound something."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.defi.liquidity.span import Span
from engine.defi.liquidity.v3 import V3Price, fitted_range, fitted_withdrawal, matching_in_range, moved_roots
from engine.defi.token import Token
from engine.defi.v3math.liquidity import amounts_for_liquidity, liquidity_for_amounts
from engine.defi.v3math.tick import sqrt_price_at
from engine.errors import InvalidInput

FIRST, SECOND = Token(1, "0x" + "1" * 40, "A", 18), Token(1, "0x" + "2" * 40, "B", 18)
TICKS = st.integers(-2_000, 2_000).map(lambda each: each * 60)
SPANS = st.tuples(TICKS, st.integers(1, 400)).map(lambda each: Span(each[0], each[0] + each[1] * 60))
AMOUNTS = st.integers(10**15, 10**24)


@given(st.integers(-100_000, 100_000), SPANS, AMOUNTS, AMOUNTS, st.integers(1, 500), st.floats(0, 1))
def test_while_the_price_stays_within_the_slippage_the_least_is_taken(
    tick: int, span: Span, first: int, second: int, bps: int, where: float
) -> None:
    pool = V3Price("0xpool", 3_000, 60, sqrt_price_at(tick))
    try:
        plan = fitted_range(pool, span, FIRST.units(first), SECOND.units(second), bps)
    except InvalidInput:
        return
    desired = plan.first.units, plan.second.units
    assert desired[0] <= first
    assert desired[1] <= second
    assert any(plan.least), "something is bound"
    low, high = moved_roots(pool.root, plan.slippage_bps)
    root = min(max(int(low + (high - low) * where), low), high)
    liquidity = liquidity_for_amounts(root, *span.roots, *desired)
    taken = amounts_for_liquidity(root, *span.roots, liquidity, up=True)
    assert taken[0] >= plan.least[0] - 1
    assert taken[1] >= plan.least[1] - 1


@given(st.integers(-100_000, 100_000), SPANS, st.integers(10**15, 10**24), st.integers(1, 500), st.floats(0, 1))
def test_what_comes_out_is_at_least_the_least(tick: int, span: Span, liquidity: int, bps: int, where: float) -> None:
    pool = V3Price("0xpool", 3_000, 60, sqrt_price_at(tick))
    tokens = FIRST.units(0), SECOND.units(0)
    plan = fitted_withdrawal(pool, span, 1, liquidity, tokens, bps, burns=False)
    low, high = moved_roots(pool.root, plan.slippage_bps)
    root = min(max(int(low + (high - low) * where), low), high)

    out = amounts_for_liquidity(root, *span.roots, liquidity)

    assert out[0] >= plan.least[0]
    assert out[1] >= plan.least[1]


@given(st.integers(-50_000, 50_000), SPANS, AMOUNTS)
def test_the_matching_amount_uses_all_of_what_was_given(tick: int, span: Span, amount: int) -> None:
    pool = V3Price("0xpool", 3_000, 60, sqrt_price_at(tick))
    given_first = FIRST.units(amount)
    if pool.root >= span.roots[1]:
        with pytest.raises(InvalidInput, match="takes only B"):
            matching_in_range(pool, span, given_first, SECOND.units(0), is_first=True)
        return
    other = matching_in_range(pool, span, given_first, SECOND.units(0), is_first=True)

    if other.units < 10**12 and pool.root > span.roots[0]:
        return  # so near the end that rounding is all there is
    plan = fitted_range(pool, span, given_first, other, 100)

    assert plan.first.units == pytest.approx(amount, rel=1e-6)
