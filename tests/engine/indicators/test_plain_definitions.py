"""The averages and oscillators that TA-Lib does not have, beside their definitions written out row by row."""

from collections.abc import Callable
from math import exp, isqrt, log, nan

import numpy as np
import pytest

from engine.indicators.registry import find
from engine.indicators.spec import Columns, Value
from tests.engine.indicators.bars import assert_same, thin, walk

Column = list[float]
MARKETS = {"walk": walk(220), "thin": thin(220)}


def windows(values: Column, period: int) -> list[Column | None]:
    """Return the window that ends on each row, None where it is not full or holds a NaN."""
    found: list[Column | None] = []
    for stop in range(1, len(values) + 1):
        window = values[max(stop - period, 0) : stop]
        found.append(window if len(window) == period and all(each == each for each in window) else None)
    return found


def mean(values: Column, period: int) -> Column:
    return [sum(window) / period if window else nan for window in windows(values, period)]


def weighted(values: Column, period: int) -> Column:
    whole = period * (period + 1) / 2
    return [
        sum(each * (at + 1) for at, each in enumerate(window)) / whole if window else nan
        for window in windows(values, period)
    ]


def exponential(values: Column, period: int, gain: float | None = None) -> Column:
    gain = gain or 2 / (period + 1)
    answer: Column = []
    last = nan
    for value, window in zip(values, windows(values, period), strict=True):
        if last == last:
            last += gain * (value - last)
        elif window:
            last = sum(window) / period
        answer.append(last)
    return answer


def before(values: Column, lag: int) -> Column:
    return [nan] * lag + values[: len(values) - lag]


def change(values: Column, lag: int) -> Column:
    return [100 * (now / then - 1) for now, then in zip(values, before(values, lag), strict=True)]


def plus(first: Column, second: Column, weight: float = 1.0) -> Column:
    return [one + weight * other for one, other in zip(first, second, strict=True)]


def hma(bars: Columns, period: int) -> list[Column]:
    close = bars.close.tolist()
    inner = plus([2 * each for each in weighted(close, period // 2)], weighted(close, period), -1)
    return [weighted(inner, isqrt(period))]


def zlema(bars: Columns, period: int) -> list[Column]:
    close = bars.close.tolist()
    return [exponential(plus(close, plus(close, before(close, (period - 1) // 2), -1)), period)]


def rma(bars: Columns, period: int) -> list[Column]:
    return [exponential(bars.close.tolist(), period, 1 / period)]


def alma(bars: Columns, period: int, offset: float, sigma: float) -> list[Column]:
    weights = [exp(-((at - offset * (period - 1)) ** 2) / (2 * (period / sigma) ** 2)) for at in range(period)]
    return [
        [
            sum(weight * each for weight, each in zip(weights, window, strict=True)) / sum(weights) if window else nan
            for window in windows(bars.close.tolist(), period)
        ]
    ]


def vwma(bars: Columns, period: int) -> list[Column]:
    answer: Column = []
    both = list(zip(bars.close.tolist(), bars.volume.tolist(), strict=True))
    for stop in range(1, len(both) + 1):
        window = both[max(stop - period, 0) : stop]
        traded = sum(volume for _, volume in window)
        mean = (
            sum(close * volume for close, volume in window) / traded if traded else sum(c for c, _ in window) / period
        )
        answer.append(mean if len(window) == period else nan)
    return [answer]


def tsi(bars: Columns, long: int, short: int, signal: int) -> list[Column]:
    close = bars.close.tolist()
    moves = plus(close, before(close, 1), -1)
    top = exponential(exponential(moves, long), short)
    bottom = exponential(exponential([abs(each) for each in moves], long), short)
    line = [100 * over / under if under else 0.0 for over, under in zip(top, bottom, strict=True)]
    return [line, exponential(line, signal)]


def middle(bars: Columns) -> Column:
    return [(high + low) / 2 for high, low in zip(bars.high.tolist(), bars.low.tolist(), strict=True)]


def ao(bars: Columns, fast: int, slow: int) -> list[Column]:
    return [plus(mean(middle(bars), fast), mean(middle(bars), slow), -1)]


def ac(bars: Columns, fast: int, slow: int, signal: int) -> list[Column]:
    (line,) = ao(bars, fast, slow)
    return [plus(line, mean(line, signal), -1)]


def elder_ray(bars: Columns, period: int) -> list[Column]:
    line = exponential(bars.close.tolist(), period)
    return [plus(bars.high.tolist(), line, -1), plus(bars.low.tolist(), line, -1)]


def coppock(bars: Columns, period: int, long: int, short: int) -> list[Column]:
    close = bars.close.tolist()
    return [weighted(plus(change(close, long), change(close, short)), period)]


def kst(bars: Columns, signal: int, **lengths: int) -> list[Column]:
    total = [0.0] * len(bars.close)
    for weight in (1, 2, 3, 4):
        moves = change(bars.close.tolist(), lengths[f"roc{weight}"])
        total = plus(total, mean(moves, lengths[f"sma{weight}"]), weight)
    return [total, mean(total, signal)]


def dpo(bars: Columns, period: int) -> list[Column]:
    close = bars.close.tolist()
    return [plus(close, before(mean(close, period), period // 2 + 1), -1)]


def fisher(bars: Columns, period: int) -> list[Column]:
    line: Column = []
    value = 0.0
    for now, window in zip(middle(bars), windows(middle(bars), period), strict=True):
        if window is None:
            line.append(nan)
            continue
        reach = max(window) - min(window)
        value = 0.66 * ((now - min(window)) / reach - 0.5 if reach else -0.5) + 0.67 * value
        value = 0.999 if value > 0.99 else -0.999 if value < -0.99 else value
        last = line[-1] if line and line[-1] == line[-1] else 0.0
        line.append(0.5 * log((1 + value) / (1 - value)) + 0.5 * last)
    return [line, before(line, 1)]


DEFINITIONS: dict[str, Callable[..., list[Column]]] = {
    each.__name__: each for each in (hma, zlema, rma, alma, vwma, tsi, ao, ac, elder_ray, coppock, kst, dpo, fisher)
}
OTHERS: dict[str, dict[str, Value]] = {
    "hma": {"period": 9},
    "zlema": {"period": 3},
    "vwma": {"period": 2},
    "alma": {"period": 4, "offset": 0.5, "sigma": 3.0},
    "tsi": {"long": 5, "short": 3, "signal": 2},
    "fisher": {"period": 4},
    "dpo": {"period": 4},
}


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_row_is_its_definition(name: str, market: str) -> None:
    bars = MARKETS[market]
    indicator = find(name)
    for given in ({}, OTHERS.get(name, {})):
        expected = DEFINITIONS[name](bars, **indicator.values(given))

        theirs = [np.array(column) for column in expected]
        assert_same(indicator.compute(bars, given), theirs, 100.0, f"{name} {given}")


def test_the_hull_mean_lags_a_straight_line_by_two_thirds_of_a_bar() -> None:
    line = np.arange(1.0, 60.0)  # a weighted mean of n lags it by (n - 1) / 3: 2 * 7/3 - 15/3 + 3/3
    bars = Columns(np.arange(59), line, line, line, line, line)

    found = find("hma").compute(bars)[0]

    np.testing.assert_allclose(found[18:], line[18:] - 2 / 3, rtol=1e-12)
