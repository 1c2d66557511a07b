from math import isnan
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crs_desktop.viewmodels.flow import delta as module
from crs_desktop.viewmodels.flow.delta import DAY, CumulativeDelta
from crs_desktop.viewmodels.series import Row
from engine.domain.order import Side
from tests.crs_desktop.viewmodels.flow.market import STEP, Market, Told

told = st.lists(
    st.tuples(st.integers(0, 200), st.integers(90, 130), st.integers(1, 999), st.booleans()), min_size=1, max_size=30
)


def naive(market: Market, *, daily: bool) -> dict[int, tuple[float, float, float, float, bool]]:
    """Walk bar by bar and print by print: open, high, low, close, exact."""
    series = market.series
    deltas: dict[int, tuple[float, float, float, bool]] = {}
    for index in range(series.first, series.stop):
        row, start = series.row(index), series.start(index)
        if row is None:
            continue
        inside = [tick for tick in market.prints if start <= tick.at < start + STEP]
        way = [0]
        for tick in inside:
            way.append(way[-1] + (tick.qty if tick.side is Side.BUY else -tick.qty))
        if start >= market.log.since and sum(tick.qty for tick in inside) == row.volume:
            deltas[index] = (way[-1], max(way), min(way), True)
        else:
            signed = row.volume * ((row.close > row.open) - (row.close < row.open))
            deltas[index] = (signed, max(signed, 0), min(signed, 0), False)
    found, summed, day = {}, 0.0, None
    for index, (delta, most, least, exact) in deltas.items():
        if daily and series.start(index) // DAY != day:
            summed, day = 0.0, series.start(index) // DAY
        found[index] = (summed, summed + most, summed + least, summed + delta, exact)
        summed += delta
    base = 0.0 if daily else found[min(index for index in found if index >= 0)][0]
    return {index: (*(each - base for each in row[:4]), row[4]) for index, row in found.items()}  # type: ignore[misc]


@given(
    told,
    st.lists(st.integers(0, 29), min_size=1, max_size=3),
    st.integers(0, 40),
    st.booleans(),
    st.sampled_from([7, 65_536]),
)
@settings(max_examples=60, deadline=None)
def test_sums_kept_up_live_are_those_of_a_walk_from_the_first_bar(
    rows: list[Told], prepends: list[int], older: int, daily: bool, piece: int
) -> None:
    with patch.object(module, "PIECE", piece):
        check_live(rows, prepends, older, daily=daily)


def check_live(rows: list[Told], prepends: list[int], older: int, *, daily: bool) -> None:
    market = Market()
    model = CumulativeDelta(lambda: market.series, lambda: market.log, daily=daily)
    prepends = [each % len(rows) for each in prepends]
    for number, row in enumerate(rows):
        market.tell(*row)
        if number in prepends:
            market.older(older, seed=number)
        if number % 2 or number in prepends:
            model.sync()
    model.sync()
    while model.pending:
        model.sync()

    wanted = naive(market, daily=daily)

    for index in range(market.series.first, market.series.stop):
        got = model.row(index)
        assert got is not None
        assert (got.open, got.high, got.low, got.close, got.exact) == wanted[index]
        assert model.exact.at(index) == wanted[index][3] if got.exact else isnan(model.exact.at(index))
        if not got.exact:
            assert model.estimated.at(index) == wanted[index][3]


def test_an_exact_bar_after_estimates_ends_their_line_and_the_next_does_not() -> None:
    market = Market()
    for _ in range(3):
        market.tell(60, 100, 5, True)
    market.older(2, seed=1)
    model = CumulativeDelta(lambda: market.series, lambda: market.log, daily=False)
    model.sync()

    assert [isnan(model.estimated.at(index)) for index in range(-2, 3)] == [False, False, False, True, True]
    assert [isnan(model.exact.at(index)) for index in range(-2, 3)] == [True, True, False, False, False]


def test_a_hole_has_no_sum_and_what_follows_goes_on() -> None:
    market = Market()
    market.tell(0, 100, 5, True)
    market.series.append(market.series.start(0) + 4 * STEP, Row(100, 102, 99, 101, 7))
    model = CumulativeDelta(lambda: market.series, lambda: market.log, daily=False)
    model.sync()

    assert [row and row.close for row in map(model.row, range(5))] == [5, None, None, None, 12]
    columns = model.columns(0, 5)
    assert np.isnan(columns.close).tolist() == [False, True, True, True, False]
    assert columns.exact.tolist()[::4] == [True, False]


@pytest.mark.parametrize("daily", [True, False])
def test_another_series_begins_anew(daily: bool) -> None:
    market, other = Market(), Market()
    market.tell(0, 100, 5, True)
    for _ in range(40):
        other.tell(60, 100, 9, False)
    shown = [market]
    model = CumulativeDelta(lambda: shown[0].series, lambda: shown[0].log, daily=daily)
    model.sync()
    shown[0] = other
    model.sync()

    row = model.row(0)
    assert row is not None
    assert row.close == -9
    assert model.exact.stop == other.series.stop
