"""Laws of a market made of bars, and a twin that goes through them tick by tick."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.command import Deposit, SubmitList, SubmitOrder
from engine.domain.event import KernelEvent, LegStarted, OrderCancelled, OrderFilled, OrderTriggered
from engine.domain.order import CancelReason, Liquidity, ListKind, OrderId, OrderType, Side
from engine.errors import InvalidInput
from engine.exchange.barpath import PathBar
from engine.exchange.barreplay import BarMarket, Rules
from tests.engine.exchange.bar_market import ME, MINUTE, MONEY, PAIR, Row, after, market, order, table

PLENTY = 1_000_000
FEW = settings(max_examples=25)


def fills(facts: list[KernelEvent]) -> list[OrderFilled]:
    return [each for each in facts if isinstance(each, OrderFilled)]


@st.composite
def bars(draw: st.DrawFn, count: int = 6) -> list[Row]:
    rows, last = [], 10_000
    for _ in range(count):
        opened = last + draw(st.integers(-30, 30))
        high, low = opened + draw(st.integers(0, 60)), opened - draw(st.integers(0, 60))
        last = draw(st.integers(low, high))
        rows.append((opened, high, low, last, draw(st.sampled_from([0, 40, 1_000, 50_000]))))
    return rows


@st.composite
def actions(draw: st.DrawFn, count: int = 6) -> list[tuple[int, SubmitOrder]]:
    """Return orders and after which bar each is sent."""
    found = []
    for number in range(draw(st.integers(1, 6))):
        side = draw(st.sampled_from(list(Side)))
        kind = draw(st.sampled_from([OrderType.MARKET, OrderType.LIMIT, OrderType.STOP, OrderType.TRAILING_STOP]))
        level = draw(st.integers(9_850, 10_150))
        limit, stop = kind is OrderType.LIMIT, kind is OrderType.STOP
        trail = draw(st.integers(5, 80)) if kind is OrderType.TRAILING_STOP else None
        made = order(
            f"o{number}", side, kind, draw(st.integers(1, 400)), price=level if limit else None,
            stop=level if stop else None, trail=trail,
        )  # fmt: skip
        found.append((draw(st.integers(0, count - 1)), made))
    return sorted(found, key=lambda each: each[0])


def played(
    rows: list[Row], sent: list[tuple[int, SubmitOrder]], *, rules: Rules | None = None, finely: bool = False
) -> tuple[BarMarket, list[list[KernelEvent]]]:
    """Walk all bars; return the market and what happened up to the end of each bar."""
    made, seen = market(rows, rules=rules), []
    for number in range(len(rows)):
        facts: list[KernelEvent] = []
        for _, command in [each for each in sent if each[0] == number]:
            facts += made.open_next().facts
            facts += made.command(command)
        if finely:
            facts += made.walk(made.now).facts
        facts += made.walk(after(number + 1)).facts
        seen.append(facts)
    return made, seen


# -- laws ---------------------------------------------------------------------------------------------


@pytest.mark.no_cover
@FEW
@given(bars(), actions(), bars(), st.integers(1, 5))
def test_what_happens_up_to_a_bar_does_not_depend_on_what_follows(
    rows: list[Row], sent: list[tuple[int, SubmitOrder]], other: list[Row], cut: int
) -> None:
    early = [each for each in sent if each[0] < cut]
    traded = [place for place, row in enumerate(rows[:cut]) if row[4]]
    asked = [each for each in early if any(place >= each[0] for place in traded)]  # else it waits for a later price

    _, whole = played(rows, asked)
    _, changed = played(rows[:cut] + other[cut:], asked)
    _, ends = played(rows[:cut], asked)

    assert whole[:cut] == changed[:cut] == ends


@pytest.mark.no_cover
@FEW
@given(bars(), actions())
def test_the_same_actions_have_the_same_result_in_whatever_pieces_time_goes(
    rows: list[Row], sent: list[tuple[int, SubmitOrder]]
) -> None:
    first, facts = played(rows, sent)
    second, again = played(rows, sent, finely=True)

    assert facts == again
    assert first.exchange.state_hash() == second.exchange.state_hash()


@pytest.mark.no_cover
@FEW
@given(bars(), actions())
def test_money_is_what_fills_say_and_nothing_comes_from_nowhere(
    rows: list[Row], sent: list[tuple[int, SubmitOrder]]
) -> None:
    made, seen = played(rows, sent)

    quote, base = int(MONEY), 0
    for fill in fills([fact for facts in seen for fact in facts]):
        way = 1 if fill.side is Side.BUY else -1
        quote -= way * PAIR.notional(fill.price, fill.qty) + fill.fee
        base += way * PAIR.base_units(fill.qty)
    held = made.exchange.balances(ME)

    assert held["USD"].total == quote
    assert (held["AAA"].total if "AAA" in held else 0) == base


@pytest.mark.no_cover
@FEW
@given(bars(), actions(), st.sampled_from([1, 10, 50]))
def test_no_side_ever_gets_more_than_its_share_of_a_bar(
    rows: list[Row], sent: list[tuple[int, SubmitOrder]], percent: int
) -> None:
    _, seen = played(rows, sent, rules=Rules(share_percent=percent))

    for side in Side:
        for number, row in enumerate(rows):
            ours = [each for each in fills([f for facts in seen for f in facts]) if each.side is side]
            within = sum(each.qty for each in ours if after(number) <= each.at < after(number + 1))
            assert within <= row[4] * percent // 100


@FEW
@given(bars(), actions())
def test_every_fill_is_at_a_price_of_its_bar_and_the_taker_pays_half_a_spread(
    rows: list[Row], sent: list[tuple[int, SubmitOrder]]
) -> None:
    made, seen = played(rows, sent)
    limits = {each.order_id: each.price for _, each in sent}

    for fill in fills([fact for facts in seen for fact in facts]):
        row = rows[(fill.at - MINUTE) // MINUTE]
        half, way = made.rules.half_spread(row[0]), 1 if fill.side is Side.BUY else -1
        met = fill.price - way * half if fill.liquidity is Liquidity.TAKER else fill.price
        if fill.liquidity is Liquidity.TAKER:
            assert row[2] <= met <= row[1]
        else:
            assert met == limits[fill.order_id]
            assert row[2] + half <= met if fill.side is Side.BUY else row[1] - half >= met


@FEW
@given(bars())
def test_bid_and_ask_are_the_same_whether_anybody_was_there_to_see_them(rows: list[Row]) -> None:
    rows = [(*rows[0][:4], 40), *rows[1:]]  # the first bar trades, so that both stand in it
    alone, watched = market(rows), market(rows)
    watched.open_next()
    watched.command(order("far", Side.BUY, OrderType.LIMIT, 1, price=5_000))

    for number in range(len(rows)):
        prints = [made.walk(after(number + 1)).prints for made in (alone, watched)]
        if number:
            assert prints[0] == prints[1]
        alone.diff()
        watched.diff()
        assert alone.snapshot()._replace(seq=0) == watched.snapshot()._replace(seq=0)


# -- the twin -----------------------------------------------------------------------------------------


def naive(rows: list[Row], sent: SubmitOrder, half: int) -> tuple[int, int] | None:
    """Return bar and price of the fill of one resting order, found by going through every tick."""
    buys, before = sent.side is Side.BUY, rows[0][0]
    for number, row in enumerate(rows):
        bar = PathBar(after(number), *row)
        ticks = [bar.open]
        for goal in bar.path[1:]:
            step = 1 if goal > ticks[-1] else -1
            ticks += range(ticks[-1] + step, goal + step, step) if goal != ticks[-1] else []
        for tick in ticks:
            if sent.price is not None and (tick + half <= sent.price if buys else tick - half >= sent.price):
                return number, sent.price
            if sent.stop_price is not None and (tick >= sent.stop_price if buys else tick <= sent.stop_price):
                return number, tick + half if buys else tick - half
        before = ticks[-1]
    assert before == rows[-1][3]
    return None


@pytest.mark.no_cover
@FEW
@given(
    bars(),
    st.sampled_from(list(Side)),
    st.sampled_from([OrderType.LIMIT, OrderType.STOP]),
    st.integers(9_850, 10_150),
)
def test_one_order_fills_where_a_twin_that_goes_tick_by_tick_fills_it(
    rows: list[Row], side: Side, kind: OrderType, level: int
) -> None:
    rows = [(*row[:4], PLENTY) for row in rows]
    made, half = market(rows), 1
    made.command(Deposit(ME, "AAA", PAIR.base.units(Decimal(1_000))))
    limit = kind is OrderType.LIMIT
    sent = order("o", side, kind, 10, price=level if limit else None, stop=None if limit else level)
    facts = made.open_next().facts + made.command(sent)
    for number in range(len(rows)):
        facts += made.walk(after(number + 1)).facts

    found = [((each.at - MINUTE) // MINUTE, each.price) for each in fills(facts)]
    at_once = found and fills(facts)[0].at == MINUTE and fills(facts)[0].liquidity is Liquidity.TAKER and limit
    expected = naive(rows, sent, half)

    if at_once:  # it was marketable: it took the spread instead of resting
        assert found == [(0, rows[0][0] + (half if side is Side.BUY else -half))]
    else:
        assert found == ([] if expected is None else [expected])


# -- examples -----------------------------------------------------------------------------------------


def test_a_market_order_trades_at_the_next_open_plus_half_the_spread() -> None:
    made = market([(10_000, 10_010, 9_990, 10_005, PLENTY), (10_100, 10_120, 10_090, 10_110, PLENTY)])
    made.walk(after(1))

    made.open_next()
    facts = made.command(order("o", Side.BUY, OrderType.MARKET))

    assert [each.price for each in fills(facts)] == [10_101]
    assert made.is_within
    assert made.open_next().prints == []


def test_a_stop_that_the_market_jumps_over_fills_at_the_open() -> None:
    made = market([(10_000, 10_010, 9_990, 10_000, PLENTY), (9_800, 9_810, 9_700, 9_750, PLENTY)])
    made.open_next()
    made.command(order("in", Side.BUY, OrderType.MARKET))
    made.command(order("out", Side.SELL, OrderType.STOP, stop=9_950))

    facts = made.walk(after(2)).facts

    assert [(each.price, each.at) for each in fills(facts)] == [(9_799, after(1))]


def test_a_limit_that_the_price_only_touches_does_not_fill() -> None:
    made = market([(10_000, 10_010, 9_990, 10_005, PLENTY), (10_005, 10_005, 9_980, 10_000, PLENTY)])
    made.open_next()
    made.command(order("o", Side.BUY, OrderType.LIMIT, price=9_990))

    assert fills(made.walk(after(1)).facts) == []
    assert [each.price for each in fills(made.walk(after(2)).facts)] == [9_990]


def test_a_bracket_lives_through_entry_stop_and_end_inside_one_bar() -> None:
    made = market([(10_000, 10_001, 9_900, 9_950, PLENTY)])
    made.open_next()
    entry = order("entry", Side.BUY, OrderType.LIMIT, price=9_980)
    target = order("target", Side.SELL, OrderType.LIMIT, price=10_050)
    stop = order("stop", Side.SELL, OrderType.STOP, stop=9_940)
    made.command(SubmitList(ME, OrderId("list"), ListKind.BRACKET, (entry, target, stop)))

    facts = made.walk(after(1)).facts

    assert [(each.order_id, each.price) for each in fills(facts)] == [("entry", 9_980), ("stop", 9_939)]
    assert any(isinstance(each, LegStarted) for each in facts)
    assert any(isinstance(each, OrderTriggered) for each in facts)
    assert made.exchange.open_orders(ME) == []


def test_a_trailing_stop_follows_the_high_and_fires_on_the_way_down() -> None:
    made = market([(10_000, 10_100, 9_990, 10_000, PLENTY)])
    made.open_next()
    made.command(order("in", Side.BUY, OrderType.MARKET))
    made.command(order("out", Side.SELL, OrderType.TRAILING_STOP, trail=40))

    assert [each.price for each in fills(made.walk(after(1)).facts)] == [10_059]


def test_more_than_its_share_is_cancelled_for_want_of_liquidity() -> None:
    made = market([(10_000, 10_000, 10_000, 10_000, 1_000)], rules=Rules(share_percent=10))
    made.open_next()

    facts = made.command(order("o", Side.BUY, OrderType.MARKET, 300))

    assert [each.qty for each in fills(facts)] == [100]
    assert [each.reason for each in facts if isinstance(each, OrderCancelled)] == [CancelReason.NO_LIQUIDITY]
    assert made.left(Side.BUY) == 0
    assert made.left(Side.SELL) == 100


def test_bars_in_which_nothing_traded_are_passed_in_silence_and_fill_nothing() -> None:
    made = market([(10_000, 10_000, 10_000, 10_000, 0), (10_000, 10_010, 9_000, 10_000, 0), (10_050,) * 4 + (400,)])

    assert [each.price for each in made.open_next().prints] == [10_050]
    assert made.now == after(2)
    made.command(order("o", Side.BUY, OrderType.LIMIT, price=9_500))
    assert fills(made.walk(after(5)).facts) == []
    assert made.now == after(5)
    assert made.waiting == 0


def test_a_very_low_price_has_no_bid_below_one_tick() -> None:
    made = market([(1, 1, 1, 1, 400)], price=1)
    made.walk(after(1))
    made.diff()

    assert made.snapshot().bids == ()
    assert made.snapshot().asks[0].price == 2


def test_bars_that_are_over_already_are_refused() -> None:
    made = market([(10_000,) * 4 + (10,)])

    with pytest.raises(InvalidInput):
        made.extend(table([(10_000,) * 4 + (10,)]))
    made.extend(table([(10_000,) * 4 + (10,)], first=2))
    made.walk(after(2))
    with pytest.raises(InvalidInput):
        made.extend(table([(10_000,) * 4 + (10,)], first=2))
    made.extend(table([]))


def test_whoever_wants_to_is_told_the_close_of_every_bar() -> None:
    closes: list[int] = []
    made = market([(10_000, 10_010, 9_990, 10_005, 40), (10_005, 10_005, 10_005, 10_005, 0)])
    made.walk(after(1))
    made.on_bar = closes.append
    made.walk(after(2))

    assert closes == [10_005]


def test_a_bar_of_a_few_lots_is_one_print() -> None:
    made = market([(10_000, 10_010, 9_990, 10_005, 3)])

    assert [(each.price, each.qty) for each in made.walk(after(1)).prints] == [(10_000, 3)]
    assert made.price == 10_005
