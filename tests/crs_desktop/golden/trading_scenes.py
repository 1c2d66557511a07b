"""Trading on the chart: lines of orders, a ghost, a bracket, the position, fills, and arrows to what is out of view."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from crs_desktop.charts.chart_view import ChartView
from crs_desktop.charts.marks import FillMarks
from crs_desktop.charts.trading.overlay import TradingOverlay
from crs_desktop.viewmodels.chart_fills import ChartFills
from crs_desktop.viewmodels.chart_style import ChartStyle
from crs_desktop.viewmodels.ticket_kind import Leg
from engine.domain.number import Nanos, Ticks
from engine.domain.order import OrderType, Side
from tests.crs_desktop.charts.gallery import LEVEL
from tests.crs_desktop.golden.studio import Stage, scene
from tests.crs_desktop.viewmodels.charting import Trader

WIDE = (420, 260)


class Desk:
    """A trader before a chart on which orders lie."""

    def __init__(self, trader: Trader, chart: ChartView) -> None:
        self.trader, self.chart, self.model = trader, chart, trader.model
        self.overlay = TradingOverlay(chart, self.model)
        self.fills = ChartFills(trader.chart, chart.update)
        self.marks = FillMarks(self.fills, lambda: chart.hover)
        chart.overlays += [self.marks, self.overlay]

    def close(self) -> None:
        self.overlay.close()
        self.fills.close()
        self.trader.ticket.close()
        self.trader.chart.close()


async def _seated(stage: Stage) -> Desk:
    floor = await stage.floor()
    floor.set("risk.max_price_deviation_bps", None)
    trader = Trader(floor)
    await trader.fold()
    chart = ChartView(trader.chart)
    chart.set_style(ChartStyle(volume=False))
    desk = Desk(trader, chart)
    desk.model.buttons._clock = lambda: Nanos(trader.now)
    stage.closing.append(desk.close)
    await stage.show(chart)
    return desk


@scene("orders", *WIDE)
async def orders(stage: Stage) -> QWidget:
    """A resting buy, a stop order and a resting sell."""
    desk = await _seated(stage)
    desk.trader.floor.give("BTC", "1")
    await desk.trader.send(Side.BUY, OrderType.LIMIT, price=LEVEL - 9_000)
    await desk.trader.send(Side.SELL, OrderType.LIMIT, 2_500, price=LEVEL + 9_000)
    await desk.trader.send(Side.SELL, OrderType.STOP, stop_price=LEVEL - 15_000)
    await stage.settle()
    return desk.chart


@scene("order-ghost", *WIDE)
async def ghost(stage: Stage) -> QWidget:
    """A line that was dragged: the venue has not answered yet."""
    desk = await _seated(stage)
    order = await desk.trader.send(Side.BUY, OrderType.LIMIT, price=LEVEL - 9_000)
    await stage.settle()
    gate = desk.trader.answer_late()
    await desk.trader.pull(order, LEVEL - 15_000)
    stage.closing.append(gate.set)
    await stage.settle()
    return desk.chart


@scene("order-draft", *WIDE)
async def draft(stage: Stage) -> QWidget:
    """A new entry with stop and target, not yet sent."""
    desk = await _seated(stage)
    desk.model.place_at(Side.BUY, LEVEL - 5_000)
    await stage.settle()
    assert desk.model.draft is not None
    desk.model.draft.set_leg(Leg.STOP, Ticks(LEVEL - 14_000))
    desk.model.draft.set_leg(Leg.TARGET, Ticks(LEVEL + 9_000))
    desk.model.changed()
    await stage.settle()
    return desk.chart


@scene("position-and-fills", *WIDE)
async def position(stage: Stage) -> QWidget:
    """What is held, at its average cost, the triangle of the fill, and a partly filled order."""
    desk = await _seated(stage)
    await desk.trader.send(Side.BUY, OrderType.MARKET, 3_000)
    order = await desk.trader.send(Side.BUY, OrderType.LIMIT, 4_000, price=LEVEL)
    assert order
    desk.trader.floor.other(Side.SELL, "BTC/USDT", LEVEL, 1_500)
    await stage.settle()
    return desk.chart


@scene("orders-out-of-view", *WIDE)
async def arrows(stage: Stage) -> QWidget:
    desk = await _seated(stage)
    desk.trader.floor.give("BTC", "1")
    await desk.trader.send(Side.BUY, OrderType.LIMIT, price=LEVEL - 400_000)
    await desk.trader.send(Side.SELL, OrderType.LIMIT, price=LEVEL + 400_000)
    await stage.settle()
    return desk.chart
