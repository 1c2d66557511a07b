"""Order flow on a chart: volume profiles, footprints and cumulative delta, made of what is printed on the stage."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget

from crs_desktop.charts.flow_board import FlowBoard
from crs_desktop.viewmodels.chart_style import ChartStyle
from crs_desktop.viewmodels.flow.style import DeltaKind, FlowStyle, ProfileSpan
from engine.domain.number import Nanos
from engine.domain.order import Side
from tests.crs_desktop.charts.gallery import LEVEL, desk_of
from tests.crs_desktop.golden.studio import BTC, Stage, scene
from tests.crs_desktop.trading_floor import SECOND

MINUTES = 6


async def _flowing(stage: Stage, style: FlowStyle, reveal: bool = False, bar_px: float = 4.0) -> QWidget:
    floor = await stage.floor()
    chart = await stage.chart_of(desk_of(floor), ChartStyle(volume=False, quotes=False))
    board = FlowBoard(chart)
    board.show(style)
    for minute in range(MINUTES):
        for number in range(12):
            floor.now = Nanos(floor.now + 5 * SECOND)
            side = Side.BUY if (minute + number) % 3 else Side.SELL
            floor.other(side.opposite, BTC, LEVEL + 200 * (number % 5) - 400, 300 + 170 * number)
            floor.other(side, BTC, LEVEL + 200 * (number % 5) - 400, 300 + 170 * number)
        await stage.settle()
    if reveal:
        board.reveal()
    else:
        chart.view.bar_px = bar_px
        chart.view.show_latest(chart.shown.stop)
        chart.moved()
    await stage.settle()
    return chart


scene("profile-visible")(partial(_flowing, style=FlowStyle(profile=ProfileSpan.VISIBLE)))
scene("profile-session")(partial(_flowing, style=FlowStyle(profile=ProfileSpan.SESSION), bar_px=0.8))
scene("footprint", 420, 300)(partial(_flowing, style=FlowStyle(footprint=True), reveal=True))
scene("delta-line", 360, 260)(partial(_flowing, style=FlowStyle(delta=DeltaKind.LINE)))
scene("delta-candles", 360, 260)(partial(_flowing, style=FlowStyle(delta=DeltaKind.CANDLES)))
