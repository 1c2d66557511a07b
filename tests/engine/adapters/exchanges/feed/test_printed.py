"""Prints that are lost, doubled and fetched again come out once and in order."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.adapters.exchanges.book.grid import Grid
from engine.adapters.exchanges.feed.printed import PairPrints
from engine.adapters.exchanges.wire.heard import PrintHeard, TickerHeard, TradesHeard
from engine.domain.instrument import Instrument
from engine.domain.number import Nanos
from engine.domain.order import Side
from tests.engine.services.scripted_feed import BTC

INSTRUMENT = Instrument("plain", "BTCUSDT", BTC)


def heard(number: int) -> PrintHeard:
    return PrintHeard("100.01", "0.00002", Side.BUY, Nanos(number), number)


def trades(*numbers: int) -> TradesHeard:
    return TradesHeard("BTCUSDT", [heard(number) for number in numbers])


def prints(*, numbered: bool = True) -> PairPrints:
    return PairPrints(Grid(INSTRUMENT), numbered=numbered)


@given(st.data())
@settings(max_examples=40)
def test_whatever_a_stream_loses_and_doubles_all_prints_come_once_and_in_order(data: st.DataObject) -> None:
    made, kept = prints(), list[int]()
    for number in range(1, 60):
        times = data.draw(st.integers(0, 2) if number > 1 else st.just(1), "how often it comes")
        for _ in range(times):
            kept += [tick.trade_id for tick in made.hear(trades(number))]
        if made.is_holding and data.draw(st.booleans(), "the missed ones are fetched"):
            joined = made.join([heard(each) for each in range(1, number + 1)])
            assert joined.is_whole
            assert joined.past == ()
            kept += [tick.trade_id for tick in joined.fresh]
        assert kept == list(range(1, len(kept) + 1))


def test_what_cannot_be_fetched_any_more_is_said_to_be_missing() -> None:
    made = prints()
    made.hear(trades(1, 2))
    assert made.hear(trades(9)) == ()
    joined = made.join([heard(number) for number in (6, 7, 8)])

    assert not joined.is_whole
    assert [tick.trade_id for tick in joined.past] == [6, 7, 8]
    assert [tick.trade_id for tick in joined.fresh] == [9]
    assert [tick.trade_id for tick in made.hear(trades(10))] == [10]


def test_nothing_fetched_is_no_proof_where_prints_are_not_numbered_through() -> None:
    for numbered in (True, False):
        made = prints(numbered=numbered)
        made.hear(trades(1))
        made.hold()
        made.hear(trades(2))
        assert made.join([]).is_whole is numbered


def test_numbers_that_the_venue_itself_jumps_over_were_never_given_out() -> None:
    made = prints()
    made.hear(trades(1))
    assert made.hear(trades(5)) == ()
    joined = made.join([heard(1), heard(3), heard(5)])
    assert joined.is_whole
    assert [tick.trade_id for tick in joined.fresh] == [3, 5]
    assert [tick.trade_id for tick in made.hear(trades(9))] == [9]  # it is not asked about that again


def test_prints_that_came_before_the_subscription_are_not_news() -> None:
    made = prints()
    assert made.hear(trades(7)._replace(is_past=True)) == ()
    assert [tick.trade_id for tick in made.hear(trades(8))] == [8]
    assert made.hear(trades(8)._replace(is_past=True)) == ()


def test_time_never_goes_back_within_a_pair() -> None:
    made = prints()
    late = TradesHeard("BTCUSDT", [heard(1)._replace(at=Nanos(50)), heard(2)._replace(at=Nanos(40))])
    assert [tick.at for tick in made.hear(late)] == [50, 50]


def test_what_is_off_the_grid_is_left_out_and_counted() -> None:
    grid = Grid(INSTRUMENT)
    levels = grid.levels([("100.01", "1"), ("100.011", "1"), ("100.02", "0.000001"), ("100.03", "0.00"), ("-1", "1")])
    assert levels == [(10001, 100000), (10002, 0), (10003, 0)]
    assert grid.left_out == 3

    ticker = grid.ticker(TickerHeard("BTCUSDT", bid="100.01", last="100.011", volume="3.1234567"), Nanos(5))
    assert (ticker.bid, ticker.ask, ticker.last, ticker.at) == (10001, None, None, 5)
    assert ticker.volume is not None
    assert BTC.qty(ticker.volume) == Decimal("3.12345")
