"""Price, impermanent loss and fees add up; without fees the loss of a pair is the closed form."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.defi.liquidity.result import Basis, grown, result_of
from engine.defi.pools.v2 import V2Pool
from engine.defi.yields.loss import pair_loss

AMOUNTS = st.integers(10**15, 10**24)


@given(AMOUNTS, AMOUNTS, st.floats(0.01, 100))
def test_without_fees_the_loss_is_the_closed_form(amount0: int, amount1: int, ratio: float) -> None:
    price = Fraction(amount1, amount0)
    basis = Basis().added((amount0, amount1), isqrt(amount0 * amount1), price, 1)
    now = int(amount0 / ratio**0.5), int(amount1 * ratio**0.5)  # k is as it was
    principal, fees = grown(basis, now)

    result = result_of(basis, principal, fees, Fraction(now[1], now[0]))

    assert result is not None
    assert result.loss == pytest.approx(pair_loss(now[1] / now[0] / float(price)), abs=1e-6)
    assert result.price_part + result.loss_part + result.fees == result.total
    assert float(result.fees / result.principal) < 1e-6


@given(st.integers(10**18, 10**22), st.integers(10**18, 10**22), st.lists(st.integers(10**15, 10**18), max_size=8))
def test_fees_are_what_swaps_left(reserve0: int, reserve1: int, swaps: list[int]) -> None:
    pool = V2Pool("", "0x1", "0x2", reserve0, reserve1)
    basis = Basis().added((reserve0, reserve1), isqrt(reserve0 * reserve1), Fraction(reserve1, reserve0), 1)
    for place, amount in enumerate(swaps):
        pool = pool.after("0x1" if place % 2 else "0x2", amount)

    principal, fees = grown(basis, (pool.reserve0, pool.reserve1))

    root = Fraction(isqrt(pool.reserve0 * pool.reserve1 << 128), 1 << 64)
    assert float(root / basis.root) >= 1 - 1e-15
    for kept, fee, now in zip(principal, fees, (pool.reserve0, pool.reserve1), strict=True):
        assert fee >= 0
        assert abs(kept + fee - now) <= 1
    without = principal[0] * principal[1]
    assert float(without / (reserve0 * reserve1)) == pytest.approx(1, abs=1e-9), "what stays has the old k"


@given(AMOUNTS, AMOUNTS, st.integers(1, 99))
def test_taking_a_part_out_takes_its_part_of_what_was_put_in(amount0: int, amount1: int, percent: int) -> None:
    whole = Basis().added((amount0, amount1), 10**20, Fraction(amount1, amount0), 5)

    rest = whole.removed(10**20 * percent // 100)

    assert rest.value == whole.value * (100 - percent) / 100
    assert rest.amount0 == whole.amount0 * (100 - percent) / 100
    assert rest.since == 5
    assert whole.removed(10**20) == Basis()


def test_what_came_from_elsewhere_has_no_result() -> None:
    basis = Basis().unknown(5, 1)

    assert result_of(basis, (Fraction(1), Fraction(1)), (0, 0), Fraction(1)) is None
