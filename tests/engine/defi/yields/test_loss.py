"""Impermanent loss against published figures and against pools that really move."""

from __future__ import annotations

from math import inf, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.defi.pools.v3position import V3Position
from engine.defi.v3math.tick import sqrt_price_at
from engine.defi.yields.loss import outcome, pair_loss, range_loss, weighted_loss
from engine.errors import InvalidInput

RATIOS = st.floats(1e-3, 1e3)


@pytest.mark.parametrize(
    ("ratio", "loss"), [(1.25, 0.006), (1.5, 0.020), (1.75, 0.038), (2, 0.057), (3, 0.134), (4, 0.200), (5, 0.255)]
)
def test_the_table_that_everyone_knows(ratio: float, loss: float) -> None:
    """Uniswap's documentation, "Understanding returns"."""
    assert pair_loss(ratio) == pytest.approx(-loss, abs=0.0006)
    assert pair_loss(1 / ratio) == pytest.approx(pair_loss(ratio))


@given(RATIOS)
def test_a_pair_never_beats_holding_and_equals_all_prices_and_half_the_weight(ratio: float) -> None:
    loss = pair_loss(ratio)

    assert loss <= 1e-15
    assert range_loss(ratio, 0.0, inf) == pytest.approx(loss, abs=1e-12)
    assert weighted_loss(ratio, 0.5) == pytest.approx(loss, abs=1e-12)


@given(RATIOS, st.floats(1.01, 50.0))
def test_a_range_around_the_price_loses_more_than_all_prices(ratio: float, width: float) -> None:
    assert range_loss(ratio, 1 / width, width) <= pair_loss(ratio) + 1e-9


@given(st.integers(-3_000, 3_000), st.integers(1, 60), st.integers(1, 60))
def test_a_range_loses_what_the_contract_s_amounts_lose(moved: int, below: int, above: int) -> None:
    position = V3Position(-60 * below, 60 * above, 10**30)
    then, now = position.amounts(2**96), position.amounts(sqrt_price_at(moved))
    price = (sqrt_price_at(moved) / 2**96) ** 2

    found = outcome((then[0], then[1]), (now[0], now[1]), (0.0, 0.0), (price, 1.0))

    wanted = range_loss(price, 1.0001 ** (-60 * below), 1.0001 ** (60 * above))
    assert found.loss == pytest.approx(wanted, abs=1e-9)


def test_fees_stand_beside_the_loss() -> None:
    now = (100 / sqrt(2), 100 * sqrt(2))

    found = outcome((100.0, 100.0), now, (3.0, 0.0), (2.0, 1.0))

    assert found.loss == pytest.approx(pair_loss(2.0))
    assert found.fee_return == pytest.approx(6.0 / 300.0)
    assert found.net == pytest.approx(found.loss + 0.02)
    assert outcome((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (1.0, 1.0)).net == 0.0


@pytest.mark.parametrize("ratio", [0.0, -1.0, float("nan")])
def test_a_ratio_that_is_none_is_refused(ratio: float) -> None:
    for work in (pair_loss, lambda r: weighted_loss(r, 0.5), lambda r: range_loss(r, 0.5, 2.0)):
        with pytest.raises(InvalidInput):
            work(ratio)


def test_an_empty_range_and_a_weight_of_all_are_refused() -> None:
    with pytest.raises(InvalidInput, match="empty"):
        range_loss(1.0, 2.0, 2.0)
    with pytest.raises(InvalidInput, match="weight"):
        weighted_loss(1.0, 1.0)
