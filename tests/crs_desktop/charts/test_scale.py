from __future__ import annotations

import itertools
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.charts.scale import (
    NumberGrid,
    countdown_text,
    instant_text,
    nice_ceiling,
    number_ticks,
    span_text,
    time_ticks,
)
from crs_desktop.charts.viewport import Viewport
from crs_desktop.viewmodels.series import BarSeries
from engine.domain.market import Timeframe
from engine.market.catalogue import PAIRS
from engine.ports.feed import BarArrays

SECOND = 1_000_000_000


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


def series_of(step: int, start: int, count: int) -> BarSeries:
    series = BarSeries(step)
    ones = np.ones(count)
    series.extend(BarArrays(start + np.arange(count) * step, ones, ones, ones, ones, ones))
    return series


@given(st.floats(1, 1e9), st.floats(1e-9, 10), st.floats(50, 2_000), st.floats(20, 80), st.sampled_from(PAIRS))
def test_price_ticks_ascend_with_room_between_them_and_all_decimals(
    low: float, share: float, height: float, spacing: float, spec: object
) -> None:
    pair = spec.pair  # type: ignore[attr-defined]
    grid = NumberGrid.of_price(pair)
    high = low + max(1.0, low * share)

    ticks = number_ticks(low, high, height, spacing, grid)

    assert len(ticks) <= height / spacing + 1
    values = [Decimal(tick.text.replace(",", "")) for tick in ticks]
    for before, after in itertools.pairwise(ticks):
        assert (after.value - before.value) * height / (high - low) >= spacing * 0.999
    assert values == sorted(set(values)), "strictly increasing as written, too"
    for tick, value in zip(ticks, values, strict=True):
        assert low - 1e-6 <= tick.value <= high + 1e-6
        assert "e" not in tick.text.lower()
        assert len(tick.text.partition(".")[2]) == pair.tick_decimals
        assert float(value) == pytest.approx(tick.value * float(pair.tick), rel=1e-12)


def test_a_tiny_price_is_written_out() -> None:
    assert NumberGrid(8).text(921) == "0.00000921"
    assert NumberGrid(8).text(123_456_789_012) == "1,234.56789012"
    assert NumberGrid(2, 5).text(7) == "0.35", "a tick of 0.05"
    assert next(t.text for t in number_ticks(919, 923, 200, 40, NumberGrid(8))) == "0.00000919"


def test_nothing_is_marked_on_an_empty_range() -> None:
    assert number_ticks(5, 5, 100, 40, NumberGrid(2)) == []
    assert time_ticks(BarSeries(SECOND), Viewport(), 80) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [(950, "950"), (1_240_000, "1.24M"), (15_230, "15.2K"), (412_000, "412K"), (2.5e9, "2.50B"), (7.1e12, "7.10T")],
)
def test_large_quantities_are_short(value: float, text: str) -> None:
    assert NumberGrid(0).short(value) == text


def test_small_quantities_keep_digits_that_matter() -> None:
    assert (NumberGrid(5).short(412), NumberGrid(5).short(-312_000)) == ("0.0041", "\u22123.12")


@given(st.floats(1e-6, 1e15))
def test_a_ceiling_is_round_and_not_much_higher(value: float) -> None:
    assert value <= nice_ceiling(value) <= 2.01 * value


@given(
    st.sampled_from(list(Timeframe)),
    st.integers(0, 10**7),
    st.integers(2, 3_000),
    st.floats(0.02, 60),
    st.floats(-0.5, 1.2),
)
def test_time_ticks_ascend_and_never_crowd(
    timeframe: Timeframe, offset: int, count: int, bar_px: float, across: float
) -> None:
    step = timeframe.nanos
    series = series_of(step, (at("2023-01-01") // step + offset % 2_000) * step, count)
    view = Viewport(width=900, bar_px=bar_px, left=across * count)

    ticks = time_ticks(series, view, 84)

    for before, after in itertools.pairwise(ticks):
        assert (after.bar - before.bar) * bar_px >= 84 * 0.75
    assert len(ticks) <= 900 / (84 * 0.75) + 2
    assert all(tick.text for tick in ticks)


def test_minutes_are_labelled_with_the_clock_and_days_by_their_date() -> None:
    series = series_of(60 * SECOND, at("2026-03-30T20:00"), 600)

    ticks = time_ticks(series, Viewport(width=600, bar_px=1.0, left=0), 84)

    assert [tick.text for tick in ticks] == ["20:00", "22:00", "31 Mar", "02:00", "04:00", "06:00"]
    assert [tick.major for tick in ticks] == [False, False, True, False, False, False]


def test_days_are_labelled_with_months_and_years() -> None:
    series = series_of(86_400 * SECOND, at("2025-10-01"), 400)

    near = time_ticks(series, Viewport(width=600, bar_px=7.0, left=0), 84)
    far = time_ticks(series, Viewport(width=400, bar_px=1.0, left=0), 60)

    assert [tick.text for tick in near] == ["Oct", "15", "Nov", "15", "Dec", "15"]
    assert [tick.text for tick in far] == ["Oct", "Jan", "Apr", "Jul", "Oct"] or [tick.text for tick in far] == [
        "Nov",
        "2026",
        "Mar",
        "May",
        "Jul",
        "Sep",
        "Nov",
    ]


def test_a_tick_within_a_shortened_hole_stands_at_its_end() -> None:
    series = series_of(60 * SECOND, at("2026-01-01"), 60)
    ones = np.ones(60)
    later = at("2026-01-03T00:30") + np.arange(60) * 60 * SECOND
    series.extend(BarArrays(later, ones, ones, ones, ones, ones))

    ticks = time_ticks(series, Viewport(width=800, bar_px=5.0, left=0), 84)

    assert [a.bar < b.bar for a, b in itertools.pairwise(ticks)] == [True] * (len(ticks) - 1)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (42, "00:42"),
        (41.2, "00:42"),
        (0, "00:00"),
        (-3, "00:00"),
        (3_599, "59:59"),
        (14_350, "3:59:10"),
        (90_600, "1d 01:10"),
    ],
)
def test_a_countdown_reads_like_a_clock(seconds: float, text: str) -> None:
    assert countdown_text(round(seconds * SECOND)) == text


def test_instants_are_told_as_finely_as_the_bars_are_long() -> None:
    instant = at("2026-11-22T14:03:09")

    assert instant_text(instant, SECOND) == "22 Nov 2026  14:03:09"
    assert instant_text(instant, 60 * SECOND) == "22 Nov 2026  14:03"
    assert instant_text(instant, 86_400 * SECOND) == "22 Nov 2026"
    assert span_text(instant, instant + 31 * SECOND) == "14:03:09 \u2013 14:03:40"
    assert span_text(instant, instant + 86_400 * SECOND) == "22 Nov 14:03 \u2013 23 Nov 14:03"
