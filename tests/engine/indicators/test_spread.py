"""Variance and regression of a window keep their digits, whatever the price stands at."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from engine.indicators.spec import Floats
from engine.indicators.spread import CHUNK, Line, Spread, rolling_line, rolling_spread

PRICES = {
    "a narrow spread around a large price": 1e9 + 1e-3 * np.random.default_rng(1).normal(size=120),
    "a walk": 100.0 * np.exp(np.cumsum(np.random.default_rng(2).normal(0.0, 0.01, 120))),
    "all signs": np.random.default_rng(3).normal(size=120),
}


def _exact(window: Floats) -> tuple[float, float]:
    """Return variance and slope in rational numbers."""
    values, size = [Fraction(float(value)) for value in window], len(window)
    mean, middle = sum(values) / size, Fraction(size - 1, 2)
    slope = sum((i - middle) * (value - mean) for i, value in enumerate(values))
    return float(sum((v - mean) ** 2 for v in values) / size), float(slope * 12 / (size * (size * size - 1)))


@pytest.mark.parametrize("name", PRICES)
@pytest.mark.parametrize("period", [2, 7, 20, 64])
def test_both_forms_are_right_to_the_ninth_digit(name: str, period: int) -> None:
    column = PRICES[name]
    exact = [_exact(column[i - period + 1 : i + 1]) for i in range(period - 1, len(column))]
    spread, line = Spread(period), Line(period)
    one_by_one = [(spread.take(x, True)[1], line.take(x, True)[1]) for x in column.tolist()]

    for at, batch in enumerate((rolling_spread(column, period)[1], rolling_line(column, period)[1])):
        floor = 1e-9 * float(np.abs(column - column[0]).max()) * at  # a slope may be zero
        wanted = [each[at] for each in exact]
        np.testing.assert_allclose(batch[period - 1 :], wanted, rtol=1e-9, atol=floor)
        np.testing.assert_allclose([each[at] for each in one_by_one][period - 1 :], wanted, rtol=1e-9, atol=floor)
        assert np.isnan(batch[: period - 1]).all()


def test_where_a_chunk_ends_is_not_seen() -> None:
    column = np.random.default_rng(4).normal(size=2 * CHUNK + 50)
    whole, part = rolling_spread(column, 33), rolling_spread(column[CHUNK - 60 :], 33)

    for one, other in zip(whole, part, strict=True):
        np.testing.assert_allclose(one[CHUNK:], other[60:], rtol=1e-12, atol=1e-13)


def test_what_stands_still_has_no_spread_at_all() -> None:
    assert not rolling_spread(np.full(100, 0.1), 20)[1][19:].any()
    assert not rolling_line(np.full(100, 0.1), 20)[1][19:].any()
