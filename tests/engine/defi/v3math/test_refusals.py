"""What leaves the contracts' widths, or more than a pool has, is refused as the libraries revert."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.defi.pools.v3 import V3Pool
from engine.defi.refusal import OverflowRevert, TooLittleLiquidity, WouldRevert
from engine.defi.v3math.full import INT256, UINT128, UINT160, UINT256, mul_div
from engine.defi.v3math.liquidity import add_delta, liquidity_for_amount0, liquidity_for_amount1
from engine.defi.v3math.sqrt_price import (
    after_amount0,
    after_amount1,
    after_input,
    after_output,
    amount0_between,
)

ONE = 2**96


@pytest.mark.parametrize(
    "work",
    [
        lambda: mul_div(1, 1, 0),
        lambda: mul_div(UINT256, UINT256, 1),
        lambda: after_amount1(UINT160, 1, 2**100, True),
        lambda: after_amount1(ONE, 1, UINT256, True),
        lambda: after_amount0(ONE, UINT128, UINT256, True),
        lambda: liquidity_for_amount0(ONE, 2 * ONE, UINT256 >> 8),
        lambda: liquidity_for_amount1(ONE, ONE + 1, UINT128),
        lambda: V3Pool.checked("P", ("A", "B"), 500, 10, (ONE, 0), 0, {}).quote_out("A", INT256 + 1),
    ],
)
def test_numbers_that_leave_their_width(work: Callable[[], object]) -> None:
    with pytest.raises(OverflowRevert, match=r"contract|range"):
        work()


@pytest.mark.parametrize(
    "work",
    [
        lambda: after_input(ONE, 0, 1, True),
        lambda: after_output(0, 1, 1, True),
        lambda: after_output(ONE, 10, 10, False),
        lambda: after_output(ONE, 10, 11, True),
    ],
)
def test_more_than_a_pool_has(work: Callable[[], object]) -> None:
    with pytest.raises(TooLittleLiquidity):
        work()


@pytest.mark.parametrize(("delta", "word"), [(-11, "LS"), (UINT128, "LA")])
def test_liquidity_has_a_floor_and_a_ceiling_with_the_contract_s_words(delta: int, word: str) -> None:
    with pytest.raises(WouldRevert) as refusal:
        add_delta(10, delta)
    assert refusal.value.word == word


def test_a_price_of_nothing_has_no_amount() -> None:
    with pytest.raises(WouldRevert, match="more than 0"):
        amount0_between(0, ONE, 1, True)


def test_an_input_too_large_for_the_plain_formula_takes_the_other_one() -> None:
    """SqrtPriceMath: where amount * price leaves uint256 the price is L / (L / P + amount)."""
    liquidity, amount = 10**18, 2**200

    found = after_amount0(2**150, liquidity, amount, True)

    assert found == -(-(liquidity << 96) // ((liquidity << 96) // 2**150 + amount))
    assert after_amount0(ONE, liquidity, 0, True) == ONE
