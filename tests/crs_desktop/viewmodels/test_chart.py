from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from crs_desktop.viewmodels.chart import FIRST_CHUNK, ChartModel, ChartState
from engine.domain.command import SubmitOrder
from engine.domain.market import FeedState, Timeframe
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import OrderType, Side
from tests.crs_desktop.charts.gallery import LEVEL, Archive, close_floor, desk_of, floor_with, settle
from tests.crs_desktop.trading_floor import ME, SECOND, Floor

MINUTE = 60 * SECOND


def state_of(model: ChartModel) -> ChartState:
    return model.state


class Scene:
    def __init__(self, floor: Floor, archive: Archive) -> None:
        self.floor, self.archive = floor, archive
        self.desk = desk_of(floor)
        self.model = ChartModel(self.desk)

    def trade(self, price: int, qty: int = 2_000) -> None:
        """Somebody trades with somebody at a price of ours."""
        self.floor.other(Side.SELL, "BTC/USDT", price, qty)
        self.floor.other(Side.BUY, "BTC/USDT", price, qty)

    def pass_time(self, nanos: int) -> None:
        self.floor.now = Nanos(self.floor.now + nanos)

    def end(self) -> None:
        self.model.close()
        close_floor(self.floor)
        assert self.floor.bus.subscriber_count == 0
        assert self.desk.link_count == 0


@pytest.fixture
async def archive() -> Archive:
    return Archive()


@pytest.fixture
async def scene(archive: Archive) -> AsyncIterator[Scene]:
    made = Scene(await floor_with(archive), archive)
    yield made
    made.end()
    await settle()


async def test_the_first_load_brings_the_newest_bars_and_the_forming_one(scene: Scene) -> None:
    assert state_of(scene.model) is ChartState.LOADING

    await settle()
    scene.model.fold()

    series = scene.model.series
    assert scene.model.state is ChartState.READY
    assert series.bars == FIRST_CHUNK + 1
    assert series.holes(series.first, series.stop) == []
    assert series.start(series.stop - 1) == scene.floor.now - scene.floor.now % MINUTE
    assert scene.model.last is not None
    assert scene.model.last.close == LEVEL


async def test_prints_move_the_newest_bar_and_a_minute_closes_it(scene: Scene) -> None:
    await settle()
    scene.model.fold()
    stop = scene.model.series.stop
    scene.model.dirty = False

    scene.trade(LEVEL + 5)
    assert scene.model._touched
    scene.model.fold()
    last = scene.model.last
    assert last is not None
    assert (scene.model.series.stop, last.close) == (stop, LEVEL + 5)

    scene.pass_time(3 * MINUTE)
    scene.trade(LEVEL - 5)
    scene.model.fold()
    assert scene.model.series.stop == stop + 3
    assert scene.model.series.holes(-9_999, 9_999) == []
    closed = scene.model.series.row(stop - 1)
    assert closed is not None
    assert (closed.high, closed.close) == (max(last.high, LEVEL + 5), LEVEL + 5)


async def test_bars_that_close_while_history_loads_are_not_lost(archive: Archive) -> None:
    floor = await floor_with(archive)
    archive.gate = asyncio.Event()
    made = Scene(floor, archive)
    await settle()
    made.pass_time(MINUTE)
    made.trade(LEVEL + 5)
    archive.gate.set()
    await settle()
    made.pass_time(MINUTE)
    made.trade(LEVEL + 6)
    made.model.fold()
    await settle()
    made.model.fold()

    series = made.model.series
    assert made.model.state is ChartState.READY
    assert series.start(series.stop - 1) == floor.now - floor.now % MINUTE
    assert np.all(np.diff([series.start(i) for i in range(series.first, series.stop)]) == MINUTE)
    made.end()
    await settle()


async def test_scrolling_back_loads_older_bars_until_there_are_none(scene: Scene) -> None:
    await settle()
    scene.model.fold()
    series = scene.model.series
    newest = [(series.start(i), series.row(i)) for i in range(0, 1_000, 97)]

    scene.model.need_older(5_000.0, 300.0)
    assert not scene.model.loading_older, "nothing is loaded before it is needed"
    while not scene.model.exhausted:
        scene.model.need_older(float(series.first), 300.0)
        assert scene.model.loading_older
        await settle()

    assert [(series.start(i), series.row(i)) for i in range(0, 1_000, 97)] == newest
    assert series.bars == scene.archive.count + 1
    asked = len(scene.archive.asked)
    scene.model.need_older(float(series.first), 300.0)
    assert len(scene.archive.asked) == asked


async def test_another_timeframe_cancels_what_was_loading(archive: Archive) -> None:
    floor = await floor_with(archive)
    archive.gate = asyncio.Event()
    made = Scene(floor, archive)
    await settle()

    made.desk.set_timeframe(Timeframe.H1)
    archive.gate.set()
    await settle()
    made.model.fold()

    assert made.model.timeframe is Timeframe.H1
    assert made.model.series.step == Timeframe.H1.nanos
    assert np.all(np.diff([made.model.series.start(i) for i in range(FIRST_CHUNK)]) == Timeframe.H1.nanos)
    made.end()
    await settle()


async def test_another_pair_shows_that_pair(scene: Scene) -> None:
    await settle()
    scene.floor.stock("ETH/USDT", middle=300_000)

    scene.desk.select("ETH/USDT")
    await settle()
    scene.model.fold()

    assert scene.model.pair.symbol == "ETH/USDT"
    assert scene.archive.asked[-1][0] == "ETH/USDT"


async def test_a_failure_is_a_sentence_and_retry_mends_it(archive: Archive) -> None:
    floor = await floor_with(archive)
    archive.broken = "The history cannot be read now."
    made = Scene(floor, archive)
    await settle()
    assert (made.model.state, str(made.model.problem)) == (ChartState.FAILED, "The history cannot be read now.")

    archive.broken = ""
    made.model.reload()
    await settle()

    assert made.model.state is ChartState.READY
    made.end()
    await settle()


async def test_a_failure_to_load_older_bars_keeps_the_others(scene: Scene) -> None:
    await settle()
    scene.archive.broken = "The archive is closed."

    scene.model.need_older(float(scene.model.series.first), 100.0)
    await settle()

    assert scene.model.state is ChartState.READY
    assert str(scene.model.notice) == "The archive is closed."


async def test_a_pair_without_history_says_so_until_its_first_print() -> None:
    floor = await floor_with(Archive(count=0))
    made = Scene(floor, Archive(count=0))
    await settle()

    assert state_of(made.model) is ChartState.EMPTY
    assert "BTC/USDT" in str(made.model.problem)
    made.trade(LEVEL)
    await settle()
    made.model.fold()
    assert made.model.state is ChartState.READY
    assert made.model.series.bars == 1
    made.end()
    await settle()


async def test_a_hole_in_the_feed_stays_a_hole() -> None:
    archive = Archive(holes=[(50, 40)])
    made = Scene(await floor_with(archive), archive)
    await settle()
    made.model.fold()

    holes = made.model.series.holes(0, 99_999)

    assert [(hole.until - hole.since) // MINUTE for hole in holes] == [10]
    made.end()
    await settle()


async def test_a_jump_of_the_market_loads_everything_anew(scene: Scene) -> None:
    await settle()
    before = scene.model.series

    scene.floor.feed_state(FeedState.SNAPSHOT, "jumped")
    await settle()

    assert scene.model.series is not before
    assert scene.model.state is ChartState.READY


async def test_the_countdown_runs_on_the_venues_clock(scene: Scene) -> None:
    await settle()
    scene.floor.now = Nanos(scene.floor.now - scene.floor.now % MINUTE + 17 * SECOND)

    assert scene.model.remaining == 43 * SECOND
    assert scene.model.is_live
    scene.floor.feed.state = FeedState.ENDED
    assert not scene.model.is_live


async def test_orders_fills_and_entry_are_marked(scene: Scene) -> None:
    await settle()
    floor = scene.floor
    buy = SubmitOrder(
        account=ME, order_id=floor.orders.new_id(), symbol="BTC/USDT", side=Side.BUY,
        order_type=OrderType.MARKET, qty=Lots(1_000),
    )  # fmt: skip
    await floor.orders.submit(buy)
    rest = SubmitOrder(
        account=ME, order_id=floor.orders.new_id(), symbol="BTC/USDT", side=Side.BUY,
        order_type=OrderType.LIMIT, qty=Lots(1_000), price=Ticks(LEVEL - 900),
    )  # fmt: skip
    await floor.orders.submit(rest)
    scene.model.fold()

    assert [order.order_id for order in scene.model.orders] == [rest.order_id]
    assert [fill.order_id for fill in scene.model.fills] == [buy.order_id]
    assert scene.model.average_cost == pytest.approx((LEVEL + 10) * 1.001, rel=1e-3)

    scene.model.cancel(rest.order_id)
    await settle()
    scene.model.fold()
    assert scene.model.orders == []
    scene.model.cancel(rest.order_id)
    await settle()
    assert str(scene.model.notice), "the venue's refusal is shown"


def test_a_window_built_before_the_loop_runs_loads_with_its_first_refresh() -> None:
    async def prepare() -> Floor:
        return await floor_with(Archive())

    async def live() -> ChartState:
        model.fold()
        await settle()
        state = model.state
        model.close()
        await settle()
        return state

    floor = asyncio.run(prepare())
    model = ChartModel(desk_of(floor))

    assert model.state is ChartState.LOADING
    assert asyncio.run(live()) is ChartState.READY
    close_floor(floor)
