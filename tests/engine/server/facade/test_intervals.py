"""Candles of every interval are cut where the calendar cuts them and lose nothing of the bars they are made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ports.feed import BarArrays
from engine.server.facade.fault import Fault
from engine.server.facade.intervals import INTERVALS, SECOND, Interval, fold, interval, until

NAMES = ("1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M")
INSTANTS = st.integers(1_500_000_000, 2_000_000_000).map(lambda seconds: seconds * SECOND)


def naive(kind: Interval, at: int) -> int:
    """Return when a candle begins, by the calendar."""
    day = datetime.fromtimestamp(at // SECOND, UTC)
    if kind.name == "1M":
        return int(datetime(day.year, day.month, 1, tzinfo=UTC).timestamp()) * SECOND
    if kind.name == "1w":
        monday = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=day.weekday())
        return int(monday.timestamp()) * SECOND
    return at // kind.nanos * kind.nanos


def test_all_of_binances_intervals_are_there() -> None:
    assert tuple(INTERVALS) == NAMES
    with pytest.raises(Fault) as refused:
        interval("7m")
    assert refused.value.code == -1120


@given(INSTANTS, st.sampled_from(NAMES))
def test_candles_begin_where_the_calendar_says_and_follow_each_other(at: int, name: str) -> None:
    kind = INTERVALS[name]
    start = kind.opening(at)

    assert start == naive(kind, at)
    assert start <= at < kind.ending(start)
    assert kind.opening(kind.ending(start)) == kind.ending(start)
    assert kind.opening(kind.ending(start) - 1) == start
    assert until(kind, start, 3) == kind.ending(kind.ending(kind.ending(start)))
    assert kind.at_or_after(start) == start
    assert kind.at_or_after(start + 1) == kind.ending(start)


@given(INSTANTS, st.sampled_from(NAMES), st.lists(st.integers(1, 10**6), min_size=1, max_size=120))
def test_folding_loses_no_volume_and_no_extreme(at: int, name: str, prices: list[int]) -> None:
    kind = INTERVALS[name]
    count, step = len(prices), kind.source.nanos
    first = kind.opening(at)
    start = np.arange(count, dtype=np.int64) * step + first
    column = np.array(prices, dtype=np.float64)
    candles = fold(BarArrays(start, column, column + 2, column - 1, column + 1, column), kind)

    assert [each.start for each in candles] == sorted({naive(kind, int(each)) for each in start})
    assert sum(each.lots for each in candles) == sum(prices)
    assert max(each.high for each in candles) == max(prices) + 2
    assert min(each.low for each in candles) == min(prices) - 1
    assert (candles[0].open, candles[-1].close) == (prices[0], prices[-1] + 1)


def test_a_candle_whose_beginning_is_not_known_is_left_out() -> None:
    kind = INTERVALS["3m"]
    start = np.array([60, 120, 180], dtype=np.int64) * SECOND
    column = np.ones(3)

    assert [each.start for each in fold(BarArrays(start, column, column, column, column, column), kind)] == [
        180 * SECOND
    ]
