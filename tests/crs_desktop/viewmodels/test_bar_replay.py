"""A replay on a chart: the future is hidden from it, its time obeys, its result is what one counts by hand."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable
from decimal import Decimal
from pathlib import Path

import pytest

from crs_desktop.viewmodels.bar_replay import BarReplay
from crs_desktop.viewmodels.chart import ChartModel, ChartState
from crs_desktop.viewmodels.chart_orders import ChartOrders
from crs_desktop.viewmodels.drawings.desk import drawings_of
from crs_desktop.viewmodels.replay_result import ReplayResult
from crs_desktop.viewmodels.words import NOTHING, say
from engine.domain.command import SubmitOrder
from engine.domain.market import Timeframe
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import OrderType, Side
from tests.crs_desktop.trading_floor import Floor
from tests.engine.services.replaying import BEGIN, HOUR, PAIR, PastBars, replay


@pytest.fixture
async def model(tmp_path: Path) -> AsyncIterator[BarReplay]:
    """Return a replay of hours, three hours into a past of twelve."""
    live = await Floor().sit()
    before = live.bus.subscriber_count
    made = BarReplay(await replay(PastBars(), tmp_path), live)
    yield made
    made.close()
    made.close()
    assert live.bus.subscriber_count == before


async def until(done: Callable[[], object]) -> None:
    for _ in range(2_000):
        if done():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it never happened")


async def send(model: BarReplay, side: Side, qty: int, **levels: int) -> None:
    kind = OrderType.STOP if "stop_price" in levels else OrderType.MARKET
    desk = model.inside
    await desk.orders.submit(
        SubmitOrder(
            account=desk.venue.account, order_id=desk.orders.new_id(), symbol=PAIR.symbol, side=side, order_type=kind,
            qty=Lots(qty), **{name: Ticks(at) for name, at in levels.items()},  # type: ignore[arg-type]
        )
    )  # fmt: skip


async def test_the_chart_never_holds_a_bar_that_is_hidden(model: BarReplay) -> None:
    chart = ChartModel(model.inside)
    await until(lambda: chart.state is ChartState.READY)

    for _ in range(4):
        chart.fold()
        series = chart.series
        assert series.start(series.stop - 1) + HOUR == model.session.now
        model.step()
        await until(lambda: not model.is_busy)
    model.step_finely()
    await until(lambda: not model.is_busy)
    chart.fold()

    assert chart.series.start(chart.series.stop - 1) == model.session.now - HOUR // 60
    past = await PastBars()(PAIR.symbol, Timeframe.H1, end=model.session.now, count=100)
    row = chart.series.row(chart.series.stop - 2)
    assert row is not None
    assert (row.open, row.high, row.low, row.close) == tuple(
        float(column[-1]) for column in (past.open, past.high, past.low, past.close)
    )
    chart.close()


async def test_it_steps_plays_pauses_and_ends(model: BarReplay) -> None:
    model.set_speed(20.0)
    model.toggle()
    await until(lambda: model.session.now >= BEGIN + 5 * HOUR)
    assert model.playing
    model.toggle()
    await until(lambda: not model.is_busy)
    stood = model.session.now
    await asyncio.sleep(0.06)
    assert model.session.now == stood

    model.to_end()
    await until(lambda: model.ended and not model.is_busy)
    model.toggle()

    assert "end" in str(model.notice)
    assert str(model.speed_text(0.5)) == "0.5 bars/s"


async def test_the_way_back_is_open_until_an_order_was_sent(model: BarReplay) -> None:
    model.back()
    await until(lambda: not model.is_busy)
    assert model.session.now == BEGIN + 2 * HOUR
    model.go_to(BEGIN + 4 * HOUR)
    await until(lambda: not model.is_busy)
    assert model.can_go_back

    model.trade(Side.BUY)
    await until(lambda: model.has_position)
    model.back()

    assert not model.can_go_back
    assert "No way back" in str(model.notice)
    assert "No way back" in str(model.jump("-11h"))
    assert "Enter a date" in str(model.jump("soon"))
    assert model.jump("-6h") == NOTHING
    await until(lambda: not model.is_busy)
    assert model.session.now == BEGIN + 6 * HOUR


async def test_buttons_trade_at_the_next_price_and_say_what_went_wrong(model: BarReplay) -> None:
    assert PAIR.lots(Decimal(model.size_text))
    model.set_size("nothing")
    model.trade(Side.BUY)
    assert "Enter a size" in str(model.notice)
    model.set_size("0.01")
    model.trade(Side.SELL)
    await until(lambda: model.notice != NOTHING and "Enter" not in str(model.notice))
    model.trade(Side.BUY)
    await until(lambda: model.has_position)
    assert str(model.position_text).startswith("Long 0.01000 @ 6")
    model.set_size("2")
    model.say(say("old"))
    model.cancel_last()
    await until(lambda: "No order is open" in str(model.notice))

    model.flatten()
    await until(lambda: not model.has_position)

    assert str(model.position_text) == "Flat"
    assert model.profit < 0
    assert "(" in model.profit_text
    assert model.equity_text.endswith("USDT")
    model.flatten()
    await until(lambda: "Nothing is held" in str(model.notice))


async def test_what_the_volume_does_not_give_is_said(model: BarReplay) -> None:
    model.session.market.rules = type(model.session.market.rules)(share_percent=0)
    model.set_size("0.01")
    model.trade(Side.BUY)

    await until(lambda: model.notice != NOTHING)

    assert not model.has_position


async def test_a_finer_chart_than_what_is_walked_is_refused(model: BarReplay) -> None:
    model.set_timeframe(Timeframe.S1)
    assert "1m" in str(model.notice)
    model.set_timeframe(Timeframe.M5)

    model.step()
    await until(lambda: not model.is_busy)

    assert model.session.now == BEGIN + 3 * HOUR + HOUR // 12


async def test_orders_on_its_chart_are_its_own_and_begin_with_its_size(model: BarReplay) -> None:
    chart = ChartModel(model.inside)
    await until(lambda: chart.state is ChartState.READY)
    orders = ChartOrders(chart)
    model.set_size("0.01")

    orders.place_at(Side.BUY, float(model.session.market.price - 30_000))
    assert orders.draft is not None
    assert orders.draft.sized.lots == 1_000
    orders.enter()
    await until(lambda: model.inside.orders.open())
    orders.fold()

    assert [line.title for line in orders.lines] == [say("Buy {kind} {qty}", kind="Limit", qty="0.01000")]
    assert model.inside.live.orders.open() == []
    model.cancel_all()
    await until(lambda: not model.inside.orders.open())
    orders.close()
    chart.close()


async def test_the_result_is_what_one_counts_by_hand(model: BarReplay) -> None:
    await send(model, Side.BUY, 1_000)
    bought = model.inside.orders.fills()[0]
    await send(model, Side.SELL, 1_000, stop_price=model.session.market.price - 5_000)
    await model.session.advance(Nanos(BEGIN + 9 * HOUR))
    sold = model.inside.orders.fills()[0]
    assert sold.side is Side.SELL
    await send(model, Side.BUY, 500)
    again = model.inside.orders.fills()[0]

    session = model.session
    found = session.result()
    first = PAIR.notional(sold.price - bought.price, 1_000) - bought.fee - sold.fee
    second = PAIR.notional(session.market.price - again.price, 500) - again.fee

    assert (found.closed, found.wins, found.best, found.worst) == (1, int(first > 0), first, first)
    assert found.profit == first + second == model.profit
    assert found.fees == bought.fee + sold.fee + again.fee
    assert found.drawdown >= -first
    result = ReplayResult(PAIR, found, session.market.price)
    rows = list(csv.DictReader(io.StringIO(result.csv())))
    assert [row["result"] for row in rows] == [PAIR.quote.shown(first), PAIR.quote.shown(second)]
    assert [row["closed_utc"] == "" for row in rows] == [False, True]
    assert [row[0] for row in result.rows()] == ["1", "2"]
    assert result.tones()[0] == "down"
    assert "holding" in str(result.headline)
    assert {str(figure.title): figure.text for figure in result.figures}["Trades"] == "1 + 1"


async def test_a_replay_without_a_trade_has_an_empty_result(model: BarReplay) -> None:
    result = ReplayResult(PAIR, model.session.result(), model.session.market.price)

    assert result.is_empty
    assert "Nothing was traded" in str(result.headline)
    assert result.rows() == []
    assert len(result.figures) == 9


async def test_drawings_are_those_of_the_live_desk_and_words_go_there(model: BarReplay) -> None:
    told: list[str] = []
    live = model.inside.live
    link = live.on_tell(lambda each: told.append(str(each.title)))

    model.inside.ask_why(model.inside.orders.new_id())

    assert drawings_of(model.inside) is drawings_of(live)
    assert model.inside.presets is live.presets
    assert told == ["Why it filled"]
    link.close()
