"""Order flow: ladder, heatmap, depth chart and tape, as panes and in the states that they can be in."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from crs_desktop.panes.base import Pane
from crs_desktop.panes.depth import DepthPane
from crs_desktop.panes.heatmap import HeatmapPane
from crs_desktop.panes.ladder import LadderPane
from crs_desktop.panes.tape import TapePane
from crs_desktop.viewmodels.depth import DepthModel
from crs_desktop.viewmodels.heatmap import HeatmapModel
from crs_desktop.viewmodels.ladder import LadderModel
from crs_desktop.viewmodels.tape import TapeModel
from engine.domain.command import SubmitOrder
from engine.domain.market import FeedState
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import OrderId, OrderType, Side
from tests.crs_desktop.charts.gallery import LEVEL, desk_of
from tests.crs_desktop.golden.studio import BTC, Stage, scene, trade
from tests.crs_desktop.trading_floor import ME, SECOND, Floor

PRINTS = [
    (Side.BUY, 10, 400), (Side.BUY, 10, 400), (Side.SELL, -10, 1_900), (Side.BUY, 20, 9_000), (Side.SELL, -10, 250),
    (Side.BUY, 10, 120), (Side.SELL, -20, 7_000),
]  # fmt: skip


def _rest(floor: Floor, side: Side, price: int, qty: int, name: str) -> None:
    floor.apply(
        SubmitOrder(
            account=ME, order_id=OrderId(name), symbol=BTC, side=side, order_type=OrderType.LIMIT,
            qty=Lots(qty), price=Ticks(price),
        )
    )  # fmt: skip


async def _ladder(stage: Stage, armed: bool = True, own: bool = True) -> tuple[Floor, LadderPane]:
    floor = await stage.floor()
    floor.set("trading.ladder", "safe")
    desk = desk_of(floor)
    model = LadderModel(desk)
    model.set_grouping(10)
    pane = LadderPane(model)
    await stage.show(pane)
    if armed:
        pane.arm.click()
    if own:
        floor.give("BTC", "1")
        _rest(floor, Side.BUY, LEVEL - 50, 300, "mine-1")
        _rest(floor, Side.SELL, LEVEL + 60, 500, "mine-2")
    trade(floor, PRINTS)
    await stage.settle()
    return floor, pane


@scene("pane-ladder", 300, 420)
async def ladder(stage: Stage) -> QWidget:
    """Armed, with own orders and their places in the queue, and the volume traded at each price."""
    return (await _ladder(stage))[1]


@scene("ladder-stale", 300, 260)
async def stale(stage: Stage) -> QWidget:
    floor, pane = await _ladder(stage, armed=False, own=False)
    floor.feed_state(FeedState.STALE)
    await stage.settle()
    return pane


@scene("pane-heatmap", 480, 260)
async def heatmap(stage: Stage) -> QWidget:
    """A wall that came and went, bubbles of trades, the touch over it."""
    floor = await stage.floor()
    pane: Pane = HeatmapPane(HeatmapModel(desk_of(floor)))
    wall = OrderId("none")
    for number in range(90):
        floor.now = Nanos(floor.now + SECOND // 10)
        if number == 20:
            wall = floor.other(Side.BUY, BTC, LEVEL - 205, 60_000)
        floor.other(Side.SELL, BTC, LEVEL + 300 + number, 2_000 + 100 * number)
        if number % 9 == 0:
            trade(floor, [PRINTS[number // 9 % len(PRINTS)]])
    assert wall
    await stage.show(pane)
    return pane


@scene("heatmap-empty", 300, 160)
async def no_heatmap(stage: Stage) -> QWidget:
    floor = Floor()
    pane = HeatmapPane(HeatmapModel(await floor.sit()))
    await stage.show(pane)
    return pane


@scene("pane-depth", 480, 240)
async def depth(stage: Stage) -> QWidget:
    pane = DepthPane(DepthModel(await stage.desk()))
    await stage.show(pane)
    return pane


@scene("pane-tape", 260, 300)
async def tape(stage: Stage) -> QWidget:
    """Prints of both sides, the large ones marked, the bar of their balance over them."""
    floor = await stage.floor()
    pane = TapePane(TapeModel(desk_of(floor)))
    await stage.show(pane)
    for number in range(4):
        floor.now = Nanos(floor.now + number * SECOND)
        trade(floor, PRINTS)
    await stage.settle()
    return pane
