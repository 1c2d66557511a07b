"""Prices become ticks and come back, whichever way round the pool has its tokens."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.defi.liquidity.span import (
    Span,
    nearest_tick,
    price_of_root,
    price_of_tick,
    prices_of_span,
    root_of_price,
    span_of_prices,
    whole_span,
)
from engine.defi.token import Token
from engine.errors import InvalidInput

LOW, HIGH = Token(1, "0x" + "1" * 40, "LOW", 18), Token(1, "0x" + "2" * 40, "HIGH", 6)
PAIRS = st.sampled_from([(LOW, HIGH), (HIGH, LOW)])
PRICES = st.decimals("0.0001", "100000", places=6)


@given(PAIRS, PRICES)
def test_a_price_comes_back_from_its_root(pair: tuple[Token, Token], price: Decimal) -> None:
    back = price_of_root(root_of_price(price, *pair), *pair)

    assert back == pytest.approx(price, rel=Decimal("1e-9"))


@given(PAIRS, PRICES, st.sampled_from([1, 10, 60, 200]))
def test_the_nearest_tick_is_at_most_half_a_spacing_away(
    pair: tuple[Token, Token], price: Decimal, spacing: int
) -> None:
    tick = nearest_tick(root_of_price(price, *pair), spacing)

    assert tick % spacing == 0
    off = float(price_of_tick(tick, *pair) / price)
    assert abs(off - 1) <= 1.0001 ** (spacing / 2 + 1) - 1


@given(PAIRS, PRICES, st.decimals("1.1", "5", places=3), st.sampled_from([10, 60, 200]))
def test_a_range_holds_its_middle_and_comes_back(
    pair: tuple[Token, Token], low: Decimal, wide: Decimal, spacing: int
) -> None:
    span = span_of_prices(low, low * wide, *pair, spacing)

    assert span.lower < span.upper
    back = prices_of_span(span, *pair)
    assert float(back[0] / low) == pytest.approx(1, rel=spacing / 10_000)
    assert float(back[1] / (low * wide)) == pytest.approx(1, rel=spacing / 10_000)
    middle = nearest_tick(root_of_price(low * (1 + wide) / 2, *pair), 1)
    assert span.holds(middle)
    assert span_of_prices(1 / (low * wide), 1 / low, pair[1], pair[0], spacing) == span


def test_no_ends_are_all_prices() -> None:
    assert span_of_prices(None, None, LOW, HIGH, 60) == whole_span(60) == Span(-887_220, 887_220)
    assert span_of_prices(None, Decimal(1), LOW, HIGH, 60).lower == -887_220
    assert span_of_prices(None, Decimal(1), HIGH, LOW, 60).upper == 887_220


@pytest.mark.parametrize(
    ("low", "high", "why"), [("2", "1", "below"), ("1", "1.0001", "too near"), ("0", "1", "above 0"), ("-1", "1", "0")]
)
def test_ranges_that_cannot_be_are_refused(low: str, high: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        span_of_prices(Decimal(low), Decimal(high), LOW, HIGH, 60)
