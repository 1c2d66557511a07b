import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crs_desktop.viewmodels.flow.sums import BLOCK, FACTOR, ProfileSums
from crs_desktop.viewmodels.series import BarSeries, Row
from engine.domain.number import Nanos
from engine.market.prints import PrintLog
from engine.market.volume_profile import Rows, spread
from tests.crs_desktop.charts.gallery import some, walk

STEP = 60_000_000_000
BARS = BLOCK * (FACTOR + 5)
HISTORY = walk(BARS, STEP)
GROUP = 20_000


def made(first_part: int = BARS) -> ProfileSums:
    series = BarSeries(STEP)
    series.extend(some(HISTORY, np.arange(BARS - first_part, BARS)))
    return ProfileSums(series, GROUP, lambda: PrintLog(Nanos(2**62)))


def plain(first: int, stop: int) -> Rows:
    return spread(some(HISTORY, np.arange(max(first, 0), min(max(stop, 0), BARS))), GROUP).trimmed()


def same(one: Rows | None, other: Rows) -> bool:
    return one is not None and one.first == other.first and np.array_equal(one.up, other.up)


SUMS = made()


@given(st.integers(-50, BARS), st.integers(1, BARS))
@settings(max_examples=40, deadline=None)
def test_any_stretch_is_the_sum_of_its_bars(first: int, length: int) -> None:
    found = SUMS.take(first, first + length, 60)

    assert same(found, plain(first, first + length))


def test_what_was_added_up_is_not_added_up_again() -> None:
    sums = made()
    sums.take(0, BARS, 60)
    once = sums.made

    sums.take(700, BARS - 9, 60)

    assert once == BARS // BLOCK - 1  # the newest bar is in the last block
    assert sums.made == once


def test_work_stops_when_its_time_is_up_and_goes_on_from_there() -> None:
    sums = made()

    asked = 0
    while (found := sums.take(0, BARS, 1e-9)) is None:
        asked += 1
        assert asked < BARS

    assert asked
    assert same(found, plain(0, BARS))


def test_older_bars_in_front_and_new_ones_behind_are_counted() -> None:
    cut = BARS - BLOCK * 3 - 17
    sums = made(cut)
    sums.take(0, cut, 60)
    sums.series.prepend(some(HISTORY, np.arange(BARS - cut)))
    sums.series.append(sums.series.start(sums.series.stop), Row(HISTORY.close[-1], 6.5e6, 6.4e6, 6.45e6, 1_000.0))

    found = sums.take(sums.series.first, sums.series.stop, 60)

    assert found is not None
    assert found.total == HISTORY.volume.sum() + 1_000
