from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.series import MAX_HOLE_SLOTS, BarSeries, Row
from engine.ports.feed import BarArrays

STEP = 60_000_000_000


def arrays(starts: list[int], seed: int) -> BarArrays:
    rng = np.random.default_rng(seed)
    count = len(starts)
    close = 1_000 + rng.integers(-5, 6, count).cumsum().astype(float)
    opened = close + rng.integers(-3, 4, count)
    high = np.maximum(opened, close) + rng.integers(0, 5, count)
    low = np.minimum(opened, close) - rng.integers(0, 5, count)
    volume = rng.integers(0, 99, count).astype(np.float64)
    return BarArrays(np.array(starts, np.int64) * STEP, opened.astype(np.float64), high, low, close, volume)


def row_of(bars: BarArrays, i: int) -> Row:
    return Row(*(float(each[i]) for each in (bars.open, bars.high, bars.low, bars.close, bars.volume)))


def brute(series: BarSeries, first: int, size: int) -> Row | None:
    rows = [row for i in range(first, first + size) if (row := series.row(i)) is not None]
    if not rows:
        return None
    return Row(
        rows[0].open,
        max(r.high for r in rows),
        min(r.low for r in rows),
        rows[-1].close,
        sum(r.volume for r in rows),
    )


@st.composite
def histories(draw: st.DrawFn) -> tuple[BarArrays, list[int]]:
    steps = draw(st.lists(st.sampled_from([1, 1, 1, 1, 1, 2, 7, 90]), min_size=1, max_size=700))
    bars = arrays(list(np.cumsum(steps)), draw(st.integers(0, 2**16)))
    cuts = sorted(draw(st.lists(st.integers(0, len(bars)), max_size=4)))
    return bars, cuts


def part(bars: BarArrays, a: int, b: int) -> BarArrays:
    opened, high, low, close = (each[a:b] for each in (bars.open, bars.high, bars.low, bars.close))
    return BarArrays(bars.start[a:b], opened, high, low, close, bars.volume[a:b])


@given(histories(), st.integers(0, 9), st.data())
def test_wide_candles_equal_a_brute_force_reduction_of_their_bars(
    history: tuple[BarArrays, list[int]], exponent: int, data: st.DataObject
) -> None:
    bars, cuts = history
    edges = [0, *cuts, len(bars)]
    middle = data.draw(st.integers(0, len(edges) - 2))
    series = BarSeries(STEP)
    series.extend(part(bars, edges[middle], edges[middle + 1]))
    for i in range(middle + 1, len(edges) - 1):  # newer ones, one by one or in bulk
        chunk = part(bars, edges[i], edges[i + 1])
        if i % 2:
            series.extend(chunk)
        else:
            for j in range(len(chunk)):
                series.append(int(chunk.start[j]), row_of(chunk, j))
                series.columns(series.first, series.stop, 64)
    for i in reversed(range(middle)):
        series.prepend(part(bars, edges[i], edges[i + 1]))
    last = series.row(series.stop - 1)
    assert last is not None
    live = Row(last.open, last.high + 3, last.low - 2, last.low - 1, last.volume + 5)
    series.columns(series.first, series.stop, 512)
    series.append(series.start(series.stop - 1), live)
    size = 2**exponent
    first = data.draw(st.integers(series.first - 20, series.stop))
    stop = data.draw(st.integers(first, series.stop + 20))

    got = series.columns(first, stop, size)

    assert series.bars == len(bars)
    if max(first, series.first) < min(stop, series.stop):
        assert got.first <= max(first, series.first)
        assert got.first + len(got) * size >= min(stop, series.stop)
    for i in range(len(got)):
        want = brute(series, got.first + i * size, size)
        have = (got.open[i], got.high[i], got.low[i], got.close[i], got.volume[i])
        if want is None:
            assert np.isnan(have[0])
        else:
            assert have == tuple(want)


@given(histories())
def test_every_bar_is_found_by_its_instant_and_every_hole_is_remembered(history: tuple[BarArrays, list[int]]) -> None:
    bars, cuts = history
    cut = cuts[0] if cuts else 0
    series = BarSeries(STEP)
    series.extend(part(bars, cut, len(bars)))
    series.prepend(part(bars, 0, cut))

    for i in range(len(bars)):
        start = int(bars.start[i])
        assert series.row(series.index_at(start)) == row_of(bars, i)
        assert series.row(series.index_at(start + STEP - 1)) == row_of(bars, i)
    gaps = np.diff(bars.start) // STEP - 1
    holes = series.holes(series.first, series.stop)
    assert [(h.until - h.since) // STEP for h in holes] == [g for g in gaps if g]
    assert [h.stop - h.first for h in holes] == [min(g, MAX_HOLE_SLOTS) for g in gaps if g]
    assert all(series.row(i) is None for h in holes for i in range(h.first, h.stop))


def test_prepending_keeps_every_index() -> None:
    series = BarSeries(STEP)
    series.extend(arrays(list(range(1000, 1100)), 1))
    before = [(series.start(i), series.row(i)) for i in range(100)]

    series.prepend(arrays(list(range(1000)), 2))

    assert (series.first, series.stop) == (-1000, 100)
    assert [(series.start(i), series.row(i)) for i in range(100)] == before


def test_overlapping_chunks_are_cut_at_the_seam() -> None:
    series = BarSeries(STEP)
    series.extend(arrays(list(range(100, 200)), 1))

    series.extend(arrays(list(range(150, 220)), 2))
    series.prepend(arrays(list(range(50, 120)), 3))
    series.append(100 * STEP, Row(1, 1, 1, 1, 1))

    assert [series.start(i) // STEP for i in range(series.first, series.stop)] == list(range(50, 220))
    assert series.holes(-1000, 1000) == []


def test_beyond_the_ends_time_goes_on_in_steps() -> None:
    series = BarSeries(STEP)
    series.extend(arrays([10, 11, 12], 1))

    assert (series.start(-2), series.start(5)) == (8 * STEP, 15 * STEP)
    assert (series.index_at(8 * STEP), series.index_at(15 * STEP + 1)) == (-2, 5)
    assert (series.row(-1), series.row(3)) == (None, None)


def test_an_empty_series_has_no_columns_and_no_extremes() -> None:
    series = BarSeries(STEP)

    assert len(series.columns(-5, 5, 8)) == 0
    assert series.columns(-5, 5, 1).extremes() is None
    assert (series.start(3), series.index_at(99)) == (0, 0)
