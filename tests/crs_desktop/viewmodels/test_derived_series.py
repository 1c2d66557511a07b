"""Heikin-Ashi and Renko against slow twins, however the source came to be."""

from __future__ import annotations

from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.heikin_ashi import HeikinAshi
from crs_desktop.viewmodels.renko import MOST_BRICKS, Renko, brick_levels
from crs_desktop.viewmodels.series import BarSeries, Row
from engine.ports.feed import BarArrays
from tests.crs_desktop.charts.gallery import some, walk

STEP = 60_000_000_000


def rows_of(series: BarSeries) -> list[tuple[int, Row]]:
    return [(series.start(i), row) for i in range(series.first, series.stop) if (row := series.row(i)) is not None]


def cut(bars: BarArrays, begin: int, end: int) -> BarArrays:
    return some(bars, np.arange(begin, end))


@st.composite
def histories(draw: st.DrawFn) -> tuple[BarArrays, list[int]]:
    """Bars with holes, and where they are cut: the source begins with the middle and grows at both ends."""
    count = draw(st.integers(3, 400))
    bars = walk(count, STEP, level=draw(st.sampled_from([500.0, 6_425_000.0])), seed=draw(st.integers(0, 999)))
    kept = np.ones(count, bool)
    for _ in range(draw(st.integers(0, 6))):
        begin = draw(st.integers(0, count - 1))
        kept[begin : begin + draw(st.integers(1, 60))] = False
    kept[draw(st.integers(0, count - 1))] = True
    bars = some(bars, kept)
    return bars, sorted(draw(st.lists(st.integers(0, len(bars)), min_size=2, max_size=4)))


def grown(
    bars: BarArrays, cuts: list[int], derive: type[HeikinAshi] | type[Renko], *args: float
) -> tuple[BarSeries, HeikinAshi | Renko]:
    """Return a source and what was derived from it while it grew by appends, live ticks and prepends."""
    source = BarSeries(STEP)
    begin, end = cuts[0], max(cuts[-1], cuts[0] + 1)
    source.extend(cut(bars, begin, min(cuts[1], len(bars))))
    derived = derive(source, *args)
    for i in range(min(cuts[1], len(bars)), min(end, len(bars))):
        row = Row(*(float(column[i]) for column in (bars.open, bars.high, bars.low, bars.close, bars.volume)))
        start = int(bars.start[i])
        source.append(start, Row(row.open, row.open + 900, row.open - 900, row.open - 800, 1.0))
        if i % 2:
            derived.sync()
        source.append(start, row)
        derived.sync()
    source.prepend(cut(bars, begin // 2, begin))
    derived.sync()
    source.prepend(cut(bars, 0, begin // 2))
    source.extend(cut(bars, min(end, len(bars)), len(bars)))
    derived.sync()
    return source, derived


@given(histories())
def test_heikin_ashi_equals_its_definition_however_the_source_grew(made: tuple[BarArrays, list[int]]) -> None:
    source, derived = grown(*made, HeikinAshi)

    expected, before = [], None
    for start, row in rows_of(source):
        close = (row.open + row.high + row.low + row.close) / 4
        opened = (row.open + row.close) / 2 if before is None else (before[0] + before[1]) / 2
        before = (opened, close)
        expected.append((start, (opened, max(row.high, opened, close), min(row.low, opened, close), close, row.volume)))

    got = rows_of(derived.series)
    assert [start for start, _ in got] == [start for start, _ in expected]
    assert np.array([row for _, row in got]) == pytest.approx(np.array([row for _, row in expected]), rel=1e-9)
    assert (derived.series.first, derived.series.stop) == (source.first, source.stop)
    assert derived.series.holes(-9_999, 9_999) == source.holes(-9_999, 9_999)
    total = derived.series.columns(source.first, source.stop, 64)
    assert np.nanmax(total.high[total.low <= total.high]) == pytest.approx(max(row.high for _, row in got))


def bricks_of(closes: list[float], brick: float) -> list[tuple[float, float]]:
    """The definition, one close after the other."""
    level, found = floor(closes[0] / brick), []
    for close in closes:
        while close >= (level + 2) * brick:
            level += 1
            found.append((level * brick, (level + 1) * brick))
        while close <= (level - 1) * brick:
            level -= 1
            found.append(((level + 1) * brick, level * brick))
    return found


@pytest.mark.no_cover
@given(histories(), st.sampled_from([1.0, 7.0, 2_500.0]))
def test_renko_equals_its_definition_however_the_source_grew(made: tuple[BarArrays, list[int]], brick: float) -> None:
    bars, cuts = made
    if bars.close[0] > 10_000 and brick < 100:
        brick = 1_000.0
    source, derived = grown(bars, cuts, Renko, brick)

    closes = [row.close for _, row in rows_of(source)]
    expected = bricks_of(closes, brick)

    series = derived.series
    got = [row for _, row in rows_of(series)]
    assert [(row.open, row.close) for row in got[:-1]] == expected
    assert got[-1].close == closes[-1], "the last is the brick in progress, its end the newest price"
    starts = [start for start, _ in rows_of(series)]
    assert starts == sorted(starts)
    assert sum(row.volume for row in got) == pytest.approx(sum(row.volume for _, row in rows_of(source)))
    assert all(row.high == max(row.open, row.close) and row.low == min(row.open, row.close) for row in got)


@given(st.lists(st.floats(-40, 40), min_size=1, max_size=2_000), st.integers(-50, 50))
def test_brick_levels_by_blocks_equal_the_levels_one_by_one(places: list[float], level: int) -> None:
    expected, at = [], level
    for place in places:
        at = min(max(at, floor(place) - 1), ceil(place))
        expected.append(at)

    assert brick_levels(np.array(places), level).tolist() == expected


def test_older_candles_reach_across_many_holes() -> None:
    bars = walk(900, STEP, level=500.0, seed=3)
    bars = some(bars, np.arange(900) % 45 < 5)
    source = BarSeries(STEP)
    source.extend(cut(bars, 20, 100))
    grown = HeikinAshi(source)
    source.prepend(cut(bars, 0, 20))

    grown.sync()
    whole = HeikinAshi(source)

    got, expected = rows_of(grown.series), rows_of(whole.series)
    assert [start for start, _ in got] == [start for start, _ in expected]
    assert np.array([row for _, row in got]) == pytest.approx(np.array([row for _, row in expected]), rel=1e-12)


def test_bricks_stay_few_however_far_back_the_history_goes() -> None:
    bars = walk(3_000, STEP, level=6_425_000.0, seed=3)
    source = BarSeries(STEP)
    source.extend(cut(bars, 2_900, 3_000))
    derived = Renko(source, 1.0)
    low = derived.brick
    source.prepend(cut(bars, 0, 2_900))

    derived.sync()

    assert len(derived.series) <= MOST_BRICKS + 3_000 * 2
    assert derived.brick > low
