"""The chart by itself: styles of bars, scales, panes, axes, crosshair, and what stands there instead of bars."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget

from crs_desktop.panes.chart import ChartPane
from crs_desktop.viewmodels.chart import ChartModel
from crs_desktop.viewmodels.chart_style import BarKind, ChartStyle, Scale
from engine.domain.order import Side
from tests.crs_desktop.charts.gallery import desk_of
from tests.crs_desktop.golden.studio import Past, Stage, scene, trade


async def _styled(stage: Stage, style: ChartStyle) -> QWidget:
    return await stage.chart(style)


for _kind in BarKind:
    scene(_kind.value)(partial(_styled, style=ChartStyle(_kind, volume=False)))
for _scale in (Scale.LOG, Scale.PERCENT):
    scene(f"axis-{_scale.value}")(partial(_styled, style=ChartStyle(scale=_scale, volume=False)))
scene("axis-inverted")(partial(_styled, style=ChartStyle(inverted=True, volume=False)))
scene("volume")(partial(_styled, style=ChartStyle(shares={"volume": 0.4})))
scene("volume-folded")(partial(_styled, style=ChartStyle(folded=frozenset({"volume"}))))


@scene("gap-band")
async def gap_band(stage: Stage) -> QWidget:
    return await stage.chart(ChartStyle(volume=False), archive=Past(300, holes=[(30, 18)]))


@scene("zoomed-out")
async def zoomed_out(stage: Stage) -> QWidget:
    chart = await stage.chart(archive=Past(1_500))
    chart.view.bar_px = 0.25
    chart.view.show_latest(chart.shown.stop)
    chart.moved()
    return chart


@scene("crosshair-legend")
async def crosshair(stage: Stage) -> QWidget:
    chart = await stage.chart()
    chart.hover = (150.0, 90.0)
    return chart


@scene("axis-labels-dodge")
async def labels_dodge(stage: Stage) -> QWidget:
    """Last price, bid and ask within a few pixels of each other, and the countdown under the last."""
    desk = await stage.desk()
    chart = await stage.chart_of(desk, ChartStyle(volume=False))
    chart.hover = (150.0, chart.view.y(chart.model.last.close if chart.model.last else 0.0) + 6)
    return chart


@scene("scrolled-back")
async def scrolled_back(stage: Stage) -> QWidget:
    """The newest bar is out of view: a chip brings it back, the last price still stands on the axis."""
    chart = await stage.chart()
    chart.view.left -= 60
    chart.moved()
    return chart


@scene("chart-failed", 300, 160)
async def failed(stage: Stage) -> QWidget:
    archive = Past(300)
    desk = await stage.desk(archive)
    archive.broken = "The history cannot be read."
    pane = ChartPane(ChartModel(desk))
    await stage.show(pane)
    return pane


@scene("pane-chart", 480, 300)
async def pane(stage: Stage) -> QWidget:
    floor = await stage.floor(Past(300))

    pane = ChartPane(ChartModel(desk_of(floor)))
    assert pane.drawing.overlay
    await stage.show(pane)
    trade(floor, [(Side.BUY, 10, 500), (Side.SELL, -10, 900)])
    await stage.settle()
    return pane
