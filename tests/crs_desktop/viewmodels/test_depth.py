"""Depth beside plain sums over sorted levels."""

from hypothesis import given
from hypothesis import strategies as st

from crs_desktop.viewmodels.depth import DepthModel, depth_of
from engine.domain.market import BookSnapshot, Level
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.market.l2 import L2Book
from engine.portfolio.preview import walk
from tests.crs_desktop.trading_floor import Floor

MIDDLE = 6_425_000
LEVELS = st.dictionaries(st.integers(1, 500), st.integers(1, 10**6), max_size=60)


def a_side(levels: dict[int, int], side: Side) -> L2Book:
    rows = tuple(Level(Ticks(p), Lots(q)) for p, q in levels.items())
    book = L2Book("A/B")
    book.apply_snapshot(
        BookSnapshot("A/B", rows if side is Side.BUY else (), () if side is Side.BUY else rows, 1, Nanos(0))
    )
    return book


@given(LEVELS, st.sampled_from(list(Side)), st.integers(0, 510), st.integers(0, 10**7))
def test_depth_is_a_plain_cumulative_sum(levels: dict[int, int], side: Side, price: int, wanted: int) -> None:
    depth = depth_of(a_side(levels, side), side)

    lots = value = 0
    best_first = sorted(levels, reverse=side is Side.BUY)
    for number, each in enumerate(best_first):
        lots, value = lots + levels[each], value + each * levels[each]
        assert (depth.prices[number], depth.lots[number], depth.tick_lots[number]) == (each, lots, value)
    for at in (price, *levels):
        through = [p for p in best_first if (p >= at if side is Side.BUY else p <= at)]
        got = depth.up_to(at, side)
        assert (got.lots, got.tick_lots) == (sum(levels[p] for p in through), sum(p * levels[p] for p in through))
    left, paid = wanted, 0
    for each in best_first:
        part = min(left, levels[each])
        left, paid = left - part, paid + part * each
    fill = depth.fill(wanted)
    assert (fill.lots, fill.tick_lots) == (wanted - left, paid)


async def seated() -> tuple[Floor, DepthModel]:
    floor = Floor()
    desk = await floor.sit()
    model = DepthModel(desk)
    return floor, model


async def test_the_average_fill_is_what_the_ticket_would_walk() -> None:
    floor, model = await seated()
    assert "empty" in str(model.state)
    floor.stock()
    model.update()
    model.set_size("0.15")

    book, pair = floor.market_data.book("BTC/USDT"), model.desk.pair
    for side in Side:
        walked = walk(pair, book.top(side, 100), side.opposite, 15_000, None, pair.taker_fee)
        got = model.side(side).fill(15_000)
        assert (got.tick_lots, got.worst) == (walked.tick_lots, walked.worst)
    sell, buy = model.fills()  # type: ignore[misc]
    assert str(buy) == "Buy 64,250.27 (0.03 bps)"
    assert str(sell) == "Sell 64,249.73 (0.03 bps)"
    model.set_size("100")
    _, buy = model.fills()  # type: ignore[misc]
    assert str(buy) == "Only 36.60000 offered"
    model.set_size("x")
    assert "is not a number" in str(model.fills())
    model.close()


async def test_what_is_read_at_a_price_says_size_cost_and_average() -> None:
    floor, model = await seated()
    floor.stock()
    model.update()

    head, rests, cost = (str(each) for each in model.told(MIDDLE + 25))

    assert head == "+0.000% from the middle"
    assert rests == "0.06000 BTC rest up to there"
    paid = ((MIDDLE + 10) * 2_000 + (MIDDLE + 20) * 4_000) * model.desk.pair.notional_unit
    assert f"{int(model.desk.pair.quote.amount(paid)):,}" in cost
    assert "bought moves it there, at 64,250.17 on average" in cost
    assert str(model.told(MIDDLE - 5)[1]) == "Nothing rests before that."
    assert "sold moves it there" in str(model.told(MIDDLE - 15)[2])
    model.close()


async def test_moves_beyond_the_known_book_say_that_they_cost_more() -> None:
    floor, model = await seated()
    floor.stock()
    model.update()
    assert model.span_bps is not None
    first = model.span_bps
    model.zoom(-2)
    assert model.span_bps > first
    model.zoom(1)
    model.zoom(-99)

    moves = model.moves()

    assert [each[0] for each in moves] == ["2.5%", "5%", "10%"]
    assert all(sold.startswith(">") and bought.startswith(">") for _, sold, bought in moves)
    model.desk.select("ETH/USDT")
    model.update()
    assert model.moves() == []
    model.close()
