"""The filtered tape beside a plain filter over all prints."""

from decimal import Decimal
from itertools import groupby

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.tape import TapeModel
from crs_desktop.viewmodels.tape_filter import FIRST, LARGE, LargeSizes
from crs_desktop.viewmodels.tape_pulse import WINDOW_S, TapePulse
from engine.domain.market import TradeTick
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.ports.feed import TradesPrinted
from tests.crs_desktop.trading_floor import SECOND, START, Floor

SIDES = st.sampled_from(list(Side))
PRINTS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 400), SIDES, st.booleans()), max_size=60)
FLOOR = Floor()


def ticks_of(rows: list[tuple[int, int, Side, bool]]) -> list[TradeTick]:
    at = START
    made: list[TradeTick] = []
    for price, qty, side, later in rows:
        at += SECOND if later else 0
        made.append(TradeTick("BTC/USDT", Ticks(6_425_000 + price), Lots(qty), side, Nanos(at), len(made)))
    return made


@given(PRINTS, st.sampled_from((None, *Side)), st.sampled_from((0, 1, 100, 250)), st.booleans(), st.booleans())
def test_the_tape_shows_what_a_plain_filter_shows(
    rows: list[tuple[int, int, Side, bool]], side: Side | None, least: int, together: bool, early: bool
) -> None:
    floor = FLOOR
    desk = floor.desk()
    floor.market_data.tape("BTC/USDT").clear()
    model, ticks = TapeModel(desk), ticks_of(rows)
    if early:  # what was chosen before the prints and after them must come to the same
        choose(model, side, least, together)
    for tick in ticks:
        floor.bus.publish(TradesPrinted("BTC/USDT", (tick,)))
    choose(model, side, least, together)

    lines = [list(group) for _, group in groupby(ticks, key=lambda each: (each.at, each.side))]
    if not together:
        lines = [[each] for each in ticks]
    expected = [
        (each[-1].price, sum(tick.qty for tick in each), each[0].side, len(each))
        for each in lines
        if (side is None or each[0].side is side) and sum(tick.qty for tick in each) >= least
    ][::-1]
    got = [(each.ticks, each.qty, each.side, each.prints) for each in model.prints(1_000)]
    pair = desk.pair
    assert got == [(price, pair.qty_text(qty), which, count) for price, qty, which, count in expected]
    assert model.total == len(expected)
    model.close()


def choose(model: TapeModel, side: Side | None, least: int, together: bool) -> None:
    model.set_side(side)
    model.set_together(together)
    model.set_least(model.desk.pair.qty_text(least) if least else "")


def test_a_least_size_in_the_quote_asset_judges_by_value() -> None:
    floor = Floor()
    model = TapeModel(floor.desk())
    for qty in (10, 20, 40):
        floor.bus.publish(TradesPrinted("BTC/USDT", (ticks_of([(1, qty, Side.BUY, False)])[0],)))

    model.set_in_quote(True)
    model.set_least("12")

    assert [each.qty for each in model.prints(9)] == ["0.00040", "0.00020"]
    assert model.is_filtered
    model.set_least("1 million")
    assert model.least_problem is not None
    assert len(model.prints(9)) == 3, "a text that is no size leaves nothing out"
    model.set_least("9999")
    assert str(model.state) == "No trade passes the filter yet."
    assert model.filter.least == Decimal(9999)
    model.close()


@given(st.lists(st.integers(1, 10**6), min_size=FIRST, max_size=400))
def test_large_is_the_top_quantile_of_the_session(sizes: list[int]) -> None:
    large = LargeSizes()
    assert large.limit is None
    large.add(sizes)

    assert large.limit == int(np.quantile(np.array(sizes), LARGE, method="higher"))


def test_large_prints_are_marked_by_quantile_or_by_an_own_threshold() -> None:
    floor = Floor()
    model = TapeModel(floor.desk())
    floor.bus.publish(TradesPrinted("BTC/USDT", tuple(ticks_of([(1, 10, Side.BUY, True)] * 99))))
    floor.bus.publish(TradesPrinted("BTC/USDT", tuple(ticks_of([(1, 5_000, Side.SELL, True)]))))
    assert [each.large for each in model.prints(3)] == [True, False, False] or model.prints(1)[0].large

    model.set_large("0.0001")
    assert all(each.large for each in model.prints(5))
    model.set_large("1")
    assert not any(each.large for each in model.prints(5))
    model.close()


@given(PRINTS)
def test_the_flow_is_that_of_the_last_ten_seconds(rows: list[tuple[int, int, Side, bool]]) -> None:
    pulse, ticks = TapePulse(), ticks_of(rows)
    pulse.add(ticks)
    now = ticks[-1].at if ticks else START

    speed, bought, sold = pulse.read(now)

    late = [each for each in ticks if each.at > now - WINDOW_S * SECOND]
    assert speed == len(late) / WINDOW_S
    assert bought == sum(each.qty for each in late if each.side is Side.BUY)
    assert sold == sum(each.qty for each in late if each.side is Side.SELL)
    assert pulse.read(now + 60 * SECOND) == (0.0, 0, 0)


def test_a_held_tape_stands_still_and_counts_what_comes() -> None:
    floor = Floor()
    model = TapeModel(floor.desk())
    for qty in (1, 2, 3):
        floor.bus.publish(TradesPrinted("BTC/USDT", tuple(ticks_of([(1, qty, Side.BUY, True)]))))
    model.hold(True)
    before = model.prints(3)
    for qty in (4, 5):
        floor.bus.publish(TradesPrinted("BTC/USDT", tuple(ticks_of([(1, qty, Side.BUY, True)]))))

    assert [each.qty for each in model.prints(3)] == [each.qty for each in before]
    assert (model.waiting, model.total) == (2, 3)
    model.hold(False)
    assert [each.qty for each in model.prints(2)] == ["0.00005", "0.00004"]
    assert model.waiting == 0
    model.desk.select("ETH/USDT")
    assert (model.prints(5), model.total) == ([], 0)
    model.close()
