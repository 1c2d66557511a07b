import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.market.bars import part
from engine.market.prints import PrintArrays
from engine.market.volume_profile import MOST_PAIRS, Rows, profile_of, round_group, spread, value_area
from engine.ports.feed import BarArrays
from tests.crs_desktop.charts.gallery import walk

STEP = 60
Bars = list[tuple[int, int, bool, int]]
some_bars = st.lists(
    st.tuples(st.integers(1, 400), st.integers(0, 90), st.booleans(), st.integers(0, 10**9)), min_size=1, max_size=25
)
volumes = st.lists(st.integers(0, 50), min_size=1, max_size=30).filter(any)


def bars_of(rows: Bars) -> BarArrays:
    low, reach, rising, volume = (np.array(each) for each in zip(*rows, strict=True))
    high = low + reach
    columns = (np.where(rising, low, high), high, low, np.where(rising, high, low), volume)
    start = np.arange(len(low), dtype=np.int64) * STEP
    return BarArrays(start, *(each.astype(np.float64) for each in columns))


@given(some_bars, st.integers(1, 50))
def test_no_lot_is_lost_and_none_is_split(rows: Bars, group: int) -> None:
    bars = bars_of(rows)

    made = spread(bars, group)

    rising = bars.close >= bars.open
    assert made.up.sum() == bars.volume[rising].sum()
    assert made.down.sum() == bars.volume[~rising].sum()
    assert (made.up >= 0).all()
    assert (made.down >= 0).all()
    assert (made.volume == np.rint(made.volume)).all()


@given(some_bars, st.integers(1, 50))
def test_each_row_gets_its_share_of_every_bar_but_for_rounding(rows: Bars, group: int) -> None:
    bars = bars_of(rows)
    made = spread(bars, group)
    wanted = np.zeros(600)
    for low, high, volume in zip(bars.low, bars.high, bars.volume, strict=True):
        for tick in range(int(low), int(high) + 1):
            wanted[tick // group] += volume / (high - low + 1)

    got = np.zeros(600)
    got[made.first : made.first + len(made)] = made.volume
    assert np.abs(got - wanted).max() <= len(rows) + 1e-3  # half a lot at each edge of a row


@given(some_bars, st.integers(1, 9), st.integers(0, 25))
def test_profiles_of_parts_add_up_to_that_of_the_whole(rows: Bars, group: int, cut: int) -> None:
    cut = min(cut, len(rows))
    whole, parts = spread(bars_of(rows), group), Rows(group)
    for each in (rows[cut:], rows[:cut]):
        if each:
            parts.add(spread(bars_of(each), group))

    both = whole.trimmed(), parts.trimmed()
    assert both[0].first == both[1].first or not len(both[0])
    assert all(np.array_equal(getattr(both[0], name), getattr(both[1], name)) for name in ("up", "down"))


def test_a_large_range_is_spread_in_pieces_to_the_same() -> None:
    bars = walk(200, STEP)  # of some 4,000 ticks each: more pairs than go at once

    made = spread(bars, 2)

    assert ((bars.high - bars.low) / 2).sum() > MOST_PAIRS
    piecewise = Rows(2)
    for number in range(len(bars)):
        spread(part(bars, number, number + 1), 2, piecewise)
    assert made.total == bars.volume.sum()
    assert np.array_equal(made.trimmed().up, piecewise.trimmed().up)


@given(
    st.lists(st.tuples(st.integers(0, 5 * STEP - 1), st.integers(50, 90), st.integers(1, 99)), min_size=1, max_size=60),
    st.sets(st.integers(0, 4)),
    st.integers(1, 7),
)
@settings(max_examples=80)
def test_bars_whose_prints_are_all_known_stand_where_they_were_printed(
    rows: list[tuple[int, int, int]], torn: set[int], group: int
) -> None:
    rows.sort()
    at, price, qty = (np.array(each, np.int64) for each in zip(*rows, strict=True))
    volume = np.bincount(at // STEP, qty, 5).astype(np.float64)
    for number in torn:
        volume[number] += 1  # a print of it was missed
    start = np.arange(5, dtype=np.int64) * STEP
    flat = np.full(5, 70.0)
    bars = BarArrays(start, flat, flat + 20, flat - 20, flat, volume)

    made = profile_of(bars, STEP, group, PrintArrays(at, price, qty, np.ones(len(at), np.bool_)))

    known = [row for row in rows if row[0] // STEP not in torn]
    assert made.total == volume.sum()
    assert made.exact == sum(row[2] for row in known)
    if not torn:
        naive = np.bincount(price // group, qty)
        assert np.array_equal(made.trimmed().volume, np.trim_zeros(naive))


def naive_area(volume: list[int], share: float) -> tuple[int, int, int]:
    middle = (len(volume) - 1) / 2
    poc = min(range(len(volume)), key=lambda row: (-volume[row], abs(row - middle), row))
    rows = {poc}
    while sum(volume[row] for row in rows) < share * sum(volume):
        edges = [row for row in (max(rows) + 1, min(rows) - 1) if 0 <= row < len(volume)]
        rows.add(max(edges, key=lambda row: (volume[row], row)))
    return poc, min(rows), max(rows)


@given(volumes, st.sampled_from([0.5, 0.7, 0.95]))
@settings(max_examples=200)
def test_the_value_area_is_the_textbooks(volume: list[int], share: float) -> None:
    found = value_area(np.array(volume, np.float64), share)

    assert found == naive_area(volume, share)
    assert sum(volume[found[1] : found[2] + 1]) >= share * sum(volume)


@pytest.mark.parametrize(("ticks", "group"), [(0.3, 1), (1, 1), (1.1, 2), (3, 5), (5.01, 10), (40, 50), (700, 1_000)])
def test_rows_are_of_round_heights(ticks: float, group: int) -> None:
    assert round_group(ticks) == group
