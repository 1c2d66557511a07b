"""The kernels beside numpy over every window, and their incremental forms, which agree bit for bit."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.indicators import extreme, recursive, window
from engine.indicators.column import Kernel
from engine.indicators.spec import Floats

BATCH: dict[str, tuple[Callable[[Floats, int], Floats], Callable[[int], Kernel]]] = {
    "sum": (window.rolling_sum, window.Sum),
    "mean": (window.rolling_mean, window.Mean),
    "weighted": (window.rolling_weighted_mean, window.WeightedMean),
    "highest": (window.rolling_highest, window.Highest),
    "lowest": (window.rolling_lowest, window.Lowest),
    "age of highest": (extreme.age_of_highest, extreme.AgeOfHighest),
    "age of lowest": (extreme.age_of_lowest, extreme.AgeOfLowest),
    "ema": (recursive.ema, recursive.Ema),
    "wilder": (recursive.wilder, recursive.Wilder),
}
numbers = st.floats(-1e6, 1e6).map(lambda number: round(number, 3))
columns = st.lists(numbers, max_size=90).map(lambda values: np.array(values, dtype=np.float64))


def over_windows(name: str, column: Floats, period: int) -> Floats:
    """Return the naive answer, one window at a time."""
    if name in ("ema", "wilder"):
        return by_definition(column, period, 2 / (period + 1) if name == "ema" else 1 / period)
    compute: dict[str, Callable[[Floats], float]] = {
        "sum": lambda each: float(each.sum()),
        "mean": lambda each: float(each.mean()),
        "weighted": lambda each: float(np.average(each, weights=np.arange(1, period + 1))),
        "highest": lambda each: float(each.max()),
        "lowest": lambda each: float(each.min()),
        "age of highest": lambda each: float(each[::-1].argmax()),
        "age of lowest": lambda each: float(each[::-1].argmin()),
    }
    answer = np.full(len(column), np.nan)
    for stop in range(period, len(column) + 1):
        answer[stop - 1] = compute[name](column[stop - period : stop])
    return answer


def by_definition(column: Floats, period: int, gain: float) -> Floats:
    answer = np.full(len(column), np.nan)
    for row in range(period - 1, len(column)):
        fresh = row == period - 1
        answer[row] = column[:period].mean() if fresh else answer[row - 1] + gain * (column[row] - answer[row - 1])
    return answer


@pytest.mark.parametrize("name", BATCH)
@settings(max_examples=25, deadline=None)
@given(column=columns, period=st.integers(1, 30), lead=st.integers(0, 4))
def test_every_window_is_numpys(name: str, column: Floats, period: int, lead: int) -> None:
    batch, stream = BATCH[name]
    opened = np.concatenate((np.full(lead, np.nan), column))

    found = batch(opened, period)

    expected = np.concatenate((np.full(lead, np.nan), over_windows(name, column, period)))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-8)
    kernel = stream(period)
    np.testing.assert_array_equal(found, [taken(kernel, value) for value in opened.tolist()])


def taken(kernel: Kernel, value: float) -> float:
    """Take a value after two looks at others."""
    kernel.take(value + 1.0, False)
    ahead = kernel.take(value, False)
    answer = kernel.take(value, True)
    assert ahead == answer or ahead != ahead
    return answer


@pytest.mark.no_cover
@pytest.mark.parametrize("name", BATCH)
@pytest.mark.parametrize("period", [1, 20, 65])
def test_columns_longer_than_a_batch_are_the_same(name: str, period: int) -> None:
    batch, stream = BATCH[name]
    column = np.random.default_rng(1).normal(100.0, 1.0, 2 * window.BATCH + 777)

    found = batch(column, period)

    tail = column[-2 * period - 4_000 :] if name not in ("ema", "wilder") else column
    kernel = stream(period)
    streamed = [kernel.take(value, True) for value in tail.tolist()]
    np.testing.assert_allclose(found[-len(tail) + period :], streamed[period:], rtol=1e-13)


def test_a_huge_value_that_left_the_window_leaves_no_trace() -> None:
    column = np.array([1e17, 1.0, 2.0, 3.0, 4.0, 5.0])
    kernel = window.Sum(3)

    assert window.rolling_sum(column, 3)[3:].tolist() == [6.0, 9.0, 12.0]
    assert [kernel.take(value, True) for value in column.tolist()][3:] == [6.0, 9.0, 12.0]


def test_of_equal_extremes_the_latest_counts() -> None:
    column = np.array([1.0, 3.0, 3.0, 2.0])

    assert extreme.age_of_highest(column, 4)[3] == 1.0
    assert extreme.age_of_lowest(-column, 4)[3] == 1.0


@pytest.mark.parametrize("squared", [False, True])
def test_the_deviation_is_numpys(squared: bool) -> None:
    column = np.random.default_rng(2).normal(50.0, 3.0, window.CHUNK + 100)
    mean = window.rolling_mean(column, 20)

    found = window.rolling_deviation(column, mean, 20, squared)

    gaps = np.abs(np.lib.stride_tricks.sliding_window_view(column, 20) - mean[19:, None])
    np.testing.assert_allclose(found[19:], (gaps**2 if squared else gaps).mean(axis=1), rtol=1e-12)
    assert np.isnan(found[:19]).all()


@given(column=st.lists(st.floats(0.1, 1e3), min_size=1, max_size=700), seed=st.floats(0.1, 1e3))
@settings(max_examples=25, deadline=None)
def test_a_filter_of_varying_gain_is_its_loop(column: list[float], seed: float) -> None:
    gain = np.random.default_rng(len(column)).uniform(0.0, 1.0, len(column))

    found = recursive.follow_varying(np.array(column), seed, gain)

    expected, last = [], seed
    for value, share in zip(column, gain.tolist(), strict=True):
        last += share * (value - last)
        expected.append(last)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_cascade_longer_than_a_piece_is_the_means_of_the_means() -> None:
    column = np.random.default_rng(3).normal(100.0, 1.0, recursive.PIECE * 2 + 50)
    once = recursive.ema(column, 9)
    twice = recursive.ema(once, 9)

    np.testing.assert_allclose(recursive.cascade(column, 9, (2.0, -1.0)), 2 * once - twice, rtol=1e-13)
