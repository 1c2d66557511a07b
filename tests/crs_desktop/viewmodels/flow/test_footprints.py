from hypothesis import given, settings
from hypothesis import strategies as st

from crs_desktop.viewmodels.flow.footprints import Footprints, Known
from engine.domain.number import Nanos
from engine.domain.order import Side
from tests.crs_desktop.viewmodels.flow.market import STEP, Market, Told

told = st.lists(
    st.tuples(st.integers(0, 90), st.integers(90, 130), st.integers(1, 999), st.booleans()), min_size=1, max_size=40
)


@given(told, st.integers(0, 5), st.booleans())
@settings(max_examples=60, deadline=None)
def test_cells_sum_to_the_volume_and_delta_of_every_bar_whose_prints_are_known(
    rows: list[Told], older: int, live: bool
) -> None:
    market = Market()
    footprints = Footprints(lambda: market.series, lambda: market.log)
    for row in rows:
        market.tell(*row)
        if live:
            footprints.cells(market.series.stop - 1)
    market.older(older, seed=1)

    for index in range(market.series.first, market.series.stop):
        start, cells = market.series.start(index), footprints.cells(index)
        inside = [tick for tick in market.prints if start <= tick.at < start + STEP]
        bar = market.series.row(index)
        assert bar is not None
        if index < 0:
            assert cells is None
            assert footprints.known(index) is (Known.NONE if bar.volume else Known.WHOLE)
            continue
        assert (cells.total if cells else 0) == bar.volume == sum(tick.qty for tick in inside)
        signed = sum(tick.qty if tick.side is Side.BUY else -tick.qty for tick in inside)
        assert (cells.delta if cells else 0) == signed
        assert footprints.known(index) is Known.WHOLE


def test_a_bar_of_which_a_part_was_missed_says_so() -> None:
    market = Market()
    market.tell(1, 100, 5, True)
    row = market.series.row(0)
    assert row is not None
    market.series.append(market.series.start(0), row._replace(volume=row.volume + 2))
    footprints = Footprints(lambda: market.series, lambda: market.log)

    assert footprints.known(0) is Known.PART


def test_another_log_is_another_market() -> None:
    market, other = Market(), Market()
    market.tell(1, 100, 5, True)
    other.tell(1, 200, 9, False)
    shown = [market]
    footprints = Footprints(lambda: shown[0].series, lambda: shown[0].log)
    footprints.cells(0)
    shown[0] = other

    cells = footprints.cells(0)

    assert cells is not None
    assert cells.price.tolist() == [200]


def test_prints_that_are_forgotten_leave_what_was_counted() -> None:
    market = Market()
    market.log = type(market.log)(Nanos(market.now), 10)
    footprints = Footprints(lambda: market.series, lambda: market.log)
    for number in range(60):
        market.tell(5, 100 + number % 3, 1, True)
        footprints.cells(market.series.stop - 1)
        if market.series.stop > 1:
            footprints.cells(market.series.stop - 2)

    totals = [cells.total if (cells := footprints.cells(index)) else 0 for index in range(1, 5)]

    assert market.log.dropped
    assert all(0 <= total <= 12 for total in totals)
    for index in range(5):
        assert footprints.known(index) in (Known.WHOLE, Known.PART, Known.NONE)
