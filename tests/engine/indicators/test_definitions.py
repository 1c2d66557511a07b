"""What TA-Lib lacks, against slow twins that are written from the definitions, one row after the other."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest

from engine.indicators.registry import find
from engine.indicators.spec import Columns, Floats, Values
from tests.engine.indicators.markets import HOUR, awkward, pushed, walk

NAN = math.nan
DAY = 24 * HOUR
Lines = list[tuple[float, ...]]


def _true_range(b: Columns, i: int) -> float:
    return float(max(b.high[i] - b.low[i], abs(b.high[i] - b.close[i - 1]), abs(b.low[i] - b.close[i - 1])))


def _atr(b: Columns, period: int) -> list[float]:
    found = [NAN] * len(b.close)
    for i in range(period, len(found)):
        if i == period:
            found[i] = sum(_true_range(b, k) for k in range(1, period + 1)) / period
        else:
            found[i] = (found[i - 1] * (period - 1) + _true_range(b, i)) / period
    return found


def _ema(column: list[float], period: int, first: int) -> list[float]:
    found = [NAN] * len(column)
    for i in range(first + period - 1, len(column)):
        if i == first + period - 1:
            found[i] = sum(column[first : i + 1]) / period
        else:
            found[i] = found[i - 1] + 2 / (period + 1) * (column[i] - found[i - 1])
    return found


def _windows(b: Columns, period: int, first: int, line: Callable[[range], tuple[float, ...]], width: int) -> Lines:
    """Say `line` of every full window of rows, from the first row that counts on."""
    unknown = (NAN,) * width
    return [line(range(i - period + 1, i + 1)) if i - period + 1 >= first else unknown for i in range(len(b.close))]


def keltner(b: Columns, period: int, atr: int, multiplier: float) -> Lines:
    middle, reach = _ema(b.close.tolist(), period, 0), _atr(b, atr)
    return [(m + multiplier * r, m, m - multiplier * r) for m, r in zip(middle, reach, strict=True)]


def donchian(b: Columns, period: int) -> Lines:
    def line(window: range) -> tuple[float, ...]:
        upper, lower = max(b.high[i] for i in window), min(b.low[i] for i in window)
        return upper, (upper + lower) / 2, lower

    return _windows(b, period, 0, line, 3)


def ichimoku(b: Columns, tenkan: int, kijun: int, senkou: int) -> Lines:
    turning, base, span = ([row[1] for row in donchian(b, period)] for period in (tenkan, kijun, senkou))
    return [(t, k, (t + k) / 2, s) for t, k, s in zip(turning, base, span, strict=True)]


def chandelier(b: Columns, period: int, multiplier: float) -> Lines:
    pairs = zip(donchian(b, period), _atr(b, period), strict=True)
    return [(upper - multiplier * reach, lower + multiplier * reach) for (upper, _, lower), reach in pairs]


def supertrend(b: Columns, period: int, multiplier: float) -> Lines:
    found: Lines = [(NAN, NAN)] * len(b.close)
    atr = _atr(b, period)
    final_upper, final_lower, direction = {}, {}, 1.0
    for i in range(period, len(b.close)):
        middle = (b.high[i] + b.low[i]) / 2
        upper, lower = middle + multiplier * atr[i], middle - multiplier * atr[i]
        final_upper[i], final_lower[i] = upper, lower
        if i > period:
            if not (upper < final_upper[i - 1] or b.close[i - 1] > final_upper[i - 1]):
                final_upper[i] = final_upper[i - 1]
            if not (lower > final_lower[i - 1] or b.close[i - 1] < final_lower[i - 1]):
                final_lower[i] = final_lower[i - 1]
            if b.close[i] > final_upper[i - 1]:
                direction = 1.0
            elif b.close[i] < final_lower[i - 1]:
                direction = -1.0
        found[i] = (final_lower[i] if direction > 0 else final_upper[i], direction)
    return found


def _bollinger(b: Columns, period: int, deviations: float) -> Lines:
    def line(window: range) -> tuple[float, ...]:
        mean = math.fsum(b.close[i] for i in window) / period
        return mean, deviations * math.sqrt(math.fsum((b.close[i] - mean) ** 2 for i in window) / period)

    return _windows(b, period, 0, line, 2)


def bandwidth(b: Columns, period: int, deviations: float) -> Lines:
    return [(200 * reach / mean,) for mean, reach in _bollinger(b, period, deviations)]


def percent_b(b: Columns, period: int, deviations: float) -> Lines:
    pairs = zip(b.close.tolist(), _bollinger(b, period, deviations), strict=True)
    return [((close - (m - r)) / (2 * r) if r > 1e-12 * m or m != m else 0.5,) for close, (m, r) in pairs]


def historical_volatility(b: Columns, period: int, year: float) -> Lines:
    def line(window: range) -> tuple[float, ...]:
        returns = [math.log(b.close[i]) - math.log(b.close[i - 1]) for i in window]
        return (100 * math.sqrt(year) * float(np.std(returns, ddof=1)),)

    return _windows(b, period, 1, line, 1)


def vortex(b: Columns, period: int) -> Lines:
    def line(window: range) -> tuple[float, ...]:
        reach = sum(_true_range(b, i) for i in window)
        up = sum(abs(b.high[i] - b.low[i - 1]) for i in window)
        down = sum(abs(b.low[i] - b.high[i - 1]) for i in window)
        return (up / reach, down / reach) if reach else (0.0, 0.0)

    return _windows(b, period, 1, line, 2)


def choppiness(b: Columns, period: int) -> Lines:
    def line(window: range) -> tuple[float, ...]:
        reach = max(b.high[i] for i in window) - min(b.low[i] for i in window)
        if not reach:
            return (100.0,)
        return (100 * math.log10(sum(_true_range(b, i) for i in window) / reach) / math.log10(period),)

    return _windows(b, period, 1, line, 1)


def _flow(b: Columns, i: int) -> float:
    reach = b.high[i] - b.low[i]
    return float(b.volume[i] * ((b.close[i] - b.low[i]) - (b.high[i] - b.close[i])) / reach) if reach else 0.0


def cmf(b: Columns, period: int) -> Lines:
    def line(window: range) -> tuple[float, ...]:
        volume = sum(b.volume[i] for i in window)
        return (sum(_flow(b, i) for i in window) / volume if volume else 0.0,)

    return _windows(b, period, 0, line, 1)


def force_index(b: Columns, period: int) -> Lines:
    force = [NAN] + [(b.close[i] - b.close[i - 1]) * b.volume[i] for i in range(1, len(b.close))]
    return [(value,) for value in _ema(force, period, 1)]


def eom(b: Columns, period: int, scale: float) -> Lines:
    def ease(i: int) -> float:
        moved = (b.high[i] + b.low[i]) / 2 - (b.high[i - 1] + b.low[i - 1]) / 2
        reach = b.high[i] - b.low[i]
        return float(moved / (b.volume[i] / scale / reach)) if b.volume[i] and reach else 0.0

    return _windows(b, period, 1, lambda window: (sum(ease(i) for i in window) / period,), 1)


def pvt(b: Columns) -> Lines:
    parts = [b.volume[i] * (b.close[i] - b.close[i - 1]) / b.close[i - 1] for i in range(1, len(b.close))]
    return [(math.fsum(parts[:i]),) for i in range(len(b.close))]


def vwma(b: Columns, period: int) -> Lines:
    def line(window: range) -> tuple[float, ...]:
        volumes = [b.volume[i] for i in window] if any(b.volume[i] for i in window) else [1.0] * period
        return (sum(b.close[i] * v for i, v in zip(window, volumes, strict=True)) / sum(volumes),)

    return _windows(b, period, 0, line, 1)


def _since(b: Columns, i: int, session: str) -> range:
    """Return the rows of row i's session up to it; 5 January 1970 was a Monday."""
    length, shift = {"none": (10**30, 0), "day": (DAY, 0), "week": (7 * DAY, -4 * DAY)}[session]
    number = (int(b.start[i]) + shift) // length
    return range(min(k for k in range(i + 1) if (int(b.start[k]) + shift) // length == number), i + 1)


def _vwap_line(b: Columns, window: range) -> tuple[float, float]:
    prices = [(b.high[i] + b.low[i] + b.close[i]) / 3 for i in window]
    volumes = [b.volume[i] for i in window]
    total = math.fsum(volumes)
    if not total:
        return NAN, NAN
    mean = math.fsum(p * v for p, v in zip(prices, volumes, strict=True)) / total
    squares = math.fsum(v * (p - mean) ** 2 for p, v in zip(prices, volumes, strict=True))
    return mean, math.sqrt(squares / total)


def vwap(b: Columns, session: str) -> Lines:
    return [_vwap_line(b, _since(b, i, session))[:1] for i in range(len(b.close))]


def vwap_bands(b: Columns, session: str) -> Lines:
    lines = (_vwap_line(b, _since(b, i, session)) for i in range(len(b.close)))
    return [(m, m + d, m - d, m + 2 * d, m - 2 * d) for m, d in lines]


def anchored_vwap(b: Columns, anchor: int) -> Lines:
    counted = [[k for k in range(i + 1) if b.start[k] >= anchor] for i in range(len(b.close))]
    return [_vwap_line(b, range(rows[0], rows[-1] + 1))[:1] if rows else (NAN,) for rows in counted]


def pivots(b: Columns, method: str) -> Lines:
    days = [int(start) // DAY for start in b.start]
    found: Lines = []
    for day in days:
        last = max((each for each in days if each < day), default=None)
        if last is None:
            found.append((NAN,) * 9)
            continue
        rows = [i for i, each in enumerate(days) if each == last]
        high, low, close = max(b.high[i] for i in rows), min(b.low[i] for i in rows), b.close[rows[-1]]
        pivot, reach = (high + low + close) / 3, high - low
        if method == "classic":
            r1, s1 = 2 * pivot - low, 2 * pivot - high
            up = (r1, pivot + reach, r1 + reach, r1 + 2 * pivot - 2 * low + (high - pivot))
            down = (s1, pivot - reach, s1 - reach, s1 + 2 * pivot - 2 * high + (low - pivot))
        elif method == "fibonacci":
            up = tuple(pivot + part * reach for part in (0.382, 0.618, 1, 1.382))
            down = tuple(pivot - part * reach for part in (0.382, 0.618, 1, 1.382))
        else:
            up = tuple(close + 1.1 * reach / part for part in (12, 6, 4, 2))
            down = tuple(close - 1.1 * reach / part for part in (12, 6, 4, 2))
        found.append((pivot, *up, *down))
    return found


def _first_turn(b: Columns, part: float) -> tuple[int, int, float, float] | None:
    """Return where a first move of that part is known: row, row of the turning point, price, way."""
    for i in range(1, len(b.close)):
        bottom, top = min(b.low[:i]), max(b.high[:i])
        if b.low[i] >= bottom and b.high[i] >= bottom * (1 + part):
            return i, int(np.argmin(b.low[:i])), bottom, 1.0
        if b.high[i] <= top and b.low[i] <= top * (1 - part):
            return i, int(np.argmax(b.high[:i])), top, -1.0
    return None


def zigzag(b: Columns, percent: float) -> Lines:
    part = percent / 100
    found: Lines = [(NAN, NAN, NAN)] * len(b.close)
    turn = _first_turn(b, part)
    while turn is not None:
        begun, at, price, way = turn
        turn = None
        for i in range(begun, len(b.close)):
            leg_high, leg_low = b.high[begun:i], b.low[begun:i]
            if i > begun and way > 0 and b.high[i] <= max(leg_high) and b.low[i] <= max(leg_high) * (1 - part):
                turn = (i, begun + int(np.argmax(leg_high)), max(leg_high), -1.0)
            if i > begun and way < 0 and b.low[i] >= min(leg_low) and b.high[i] >= min(leg_low) * (1 + part):
                turn = (i, begun + int(np.argmin(leg_low)), min(leg_low), 1.0)
            if turn is not None:
                break
            found[i] = (price, way, i - at)
    return found


def fractals(b: Columns, bars: int) -> Lines:
    found: Lines = []
    high = low = NAN
    for i in range(len(b.close)):
        k = i - bars
        if k >= bars:
            before, after = range(k - bars, k), range(k + 1, i + 1)
            if all(b.high[k] > b.high[j] for j in before) and all(b.high[k] >= b.high[j] for j in after):
                high = b.high[k]
            if all(b.low[k] < b.low[j] for j in before) and all(b.low[k] <= b.low[j] for j in after):
                low = b.low[k]
        found.append((high, low))
    return found


class Case(NamedTuple):
    """One twin with parameters; `floor` is what its rounding comes to where the value is zero."""

    twin: Callable[..., Lines]
    given: Values = {}  # noqa: RUF012  # never changed
    floor: float = 0.0


CASES = [
    *(Case(keltner, given) for given in ({}, {"period": 5, "atr": 12, "multiplier": 1.5})),
    *(Case(donchian, {"period": period}) for period in (1, 2, 20)),
    *(Case(ichimoku, given) for given in ({}, {"tenkan": 3, "kijun": 5, "senkou": 4})),
    *(Case(chandelier, given) for given in ({}, {"period": 3, "multiplier": 1.0})),
    *(Case(supertrend, given) for given in ({}, {"period": 3, "multiplier": 1.0}, {"period": 1, "multiplier": 0.5})),
    *(Case(bandwidth, given) for given in ({}, {"period": 5, "deviations": 1.0})),
    *(Case(percent_b, given, 1e-9) for given in ({}, {"period": 5, "deviations": 1.0})),
    *(Case(historical_volatility, given, 1e-9) for given in ({}, {"period": 3, "year": 8760.0})),
    *(Case(vortex, {"period": period}) for period in (1, 14)),
    *(Case(choppiness, {"period": period}, 1e-11) for period in (2, 14)),
    *(Case(cmf, {"period": period}, 1e-13) for period in (1, 20)),
    *(Case(force_index, {"period": period}, 1e-9) for period in (1, 13)),
    *(Case(eom, given, 1e-9) for given in ({}, {"period": 2, "scale": 1.0})),
    Case(pvt, {}, 1e-12),
    *(Case(vwma, {"period": period}) for period in (1, 2, 20)),
    *(Case(vwap, {"session": session}) for session in ("none", "day", "week")),
    *(Case(vwap_bands, {"session": session}) for session in ("none", "day", "week")),
    *(Case(anchored_vwap, {"anchor": anchor}) for anchor in (0, 100 * HOUR + 1, 10_000 * HOUR)),
    *(Case(pivots, {"method": method}) for method in ("classic", "fibonacci", "camarilla")),
    *(Case(zigzag, {"percent": percent}) for percent in (1.0, 5.0, 40.0)),
    *(Case(fractals, {"bars": bars}) for bars in (1, 2, 5)),
]
MARKETS = {
    "walk": walk(400),
    "another walk": walk(260, 0.003, 7, 5 * HOUR),
    "two bars a week": walk(60, 50.0, 4, 84 * HOUR),
    "awkward": awkward(300),
    "one bar": walk(1),
    "fifteen bars": walk(15),
}


@pytest.mark.no_cover
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.twin.__name__} {case.given}")
def test_every_row_is_as_the_definition_has_it(case: Case) -> None:
    indicator = find(case.twin.__name__)
    for market, bars in MARKETS.items():
        wanted = np.array(case.twin(bars, **indicator.values(case.given)))

        for at, ours in enumerate(indicator.compute(bars, case.given)):
            np.testing.assert_allclose(ours, wanted[:, at], rtol=1e-9, atol=case.floor, err_msg=market)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.twin.__name__} {case.given}")
def test_no_bars_have_no_values(case: Case) -> None:
    indicator = find(case.twin.__name__)

    assert [len(column) for column in indicator.compute(walk(0), case.given)] == [0] * len(indicator.outputs)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.twin.__name__} {case.given}")
def test_the_incremental_form_says_the_same_on_an_awkward_market(case: Case) -> None:
    bars, indicator = MARKETS["awkward"], find(case.twin.__name__)

    for batch, stream in zip(indicator.compute(bars, case.given), pushed(indicator, bars, case.given), strict=True):
        np.testing.assert_allclose(stream, batch, rtol=1e-9, atol=case.floor)


def _bars(high: list[float], low: list[float]) -> Columns:
    tops, bottoms = np.array(high), np.array(low)
    start = np.arange(len(high), dtype=np.int64) * HOUR
    return Columns(start, bottoms, tops, bottoms, (tops + bottoms) / 2, np.ones(len(high)))


def _listed(column: Floats) -> list[float | None]:
    return [None if value != value else float(value) for value in column]


def test_a_turning_point_appears_when_it_is_confirmed_and_is_never_taken_back() -> None:
    bars = _bars([100, 104, 112, 120, 118, 107, 101, 95, 106], [99, 100, 108, 115, 113, 103, 96, 90, 100])

    pivot, way, age = find("zigzag").compute(bars, {"percent": 10.0})

    assert _listed(pivot) == [None, None, 99, 99, 99, 120, 120, 120, 90]
    assert _listed(way) == [None, None, 1, 1, 1, -1, -1, -1, 1]
    assert _listed(age) == [None, None, 2, 3, 4, 2, 3, 4, 1]


def test_a_bar_that_extends_the_leg_does_not_end_it_however_far_it_falls() -> None:
    bars = _bars([100, 112, 130], [99, 100, 50])

    pivot, way, _ = find("zigzag").compute(bars, {"percent": 10.0})

    assert (_listed(pivot), _listed(way)) == ([None, 99, 99], [None, 1, 1])
