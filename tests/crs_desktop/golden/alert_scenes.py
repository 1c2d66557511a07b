"""Alerts: their lines and labels on the chart, their pane, empty and full, and their dialog."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtWidgets import QWidget

from crs_desktop.charts.alerts.overlay import AlertOverlay
from crs_desktop.panes.alert_dialog import AlertDialog
from crs_desktop.panes.alerts import AlertsPane
from crs_desktop.viewmodels.alert_form import AlertForm
from crs_desktop.viewmodels.alerts import AlertsModel
from crs_desktop.viewmodels.chart_style import ChartStyle
from engine.domain.number import Nanos, Ticks
from engine.domain.order import Side
from engine.services.alerts import Cross, PriceRule
from tests.crs_desktop.charts.gallery import LEVEL, desk_of
from tests.crs_desktop.golden.studio import BTC, Stage, scene
from tests.crs_desktop.trading_floor import SECOND, Floor


async def _alerted(stage: Stage) -> Floor:
    """One waits above, one is paused below, one was told."""
    floor = await stage.floor()
    alerts = floor.alerts
    await alerts.add(BTC, PriceRule(Ticks(LEVEL + 8_000)), note="Breakout")
    paused = await alerts.add(BTC, PriceRule(Ticks(LEVEL - 9_000), Cross.DOWN))
    await alerts.change(replace(paused, active=False))
    await alerts.add(BTC, PriceRule(Ticks(LEVEL + 30), Cross.UP))
    floor.now = Nanos(floor.now + SECOND)
    for price in (LEVEL + 10, LEVEL + 40):
        floor.other(Side.SELL, BTC, price, 100)
        floor.other(Side.BUY, BTC, price, 90_000)
    await stage.settle()
    return floor


@scene("alert-lines", 420, 260)
async def lines(stage: Stage) -> QWidget:
    chart = await stage.chart_of(desk_of(await _alerted(stage)), ChartStyle(volume=False))
    overlay = AlertOverlay(chart)
    stage.closing.append(overlay.close)
    chart.overlays.append(overlay)
    await stage.settle()
    return chart


@scene("pane-alerts", 240, 260)
async def pane(stage: Stage) -> QWidget:
    pane = AlertsPane(AlertsModel(desk_of(await _alerted(stage))))
    await stage.show(pane)
    return pane


@scene("alerts-empty", 240, 180)
async def empty(stage: Stage) -> QWidget:
    pane = AlertsPane(AlertsModel(await stage.desk()))
    await stage.show(pane)
    return pane


@scene("alert-dialog", 420, 380)
async def dialog(stage: Stage) -> QWidget:
    desk = desk_of(await stage.floor())
    parent = QWidget()
    stage.closing.append(parent.close)
    dialog = AlertDialog(parent, AlertForm(desk, lambda _symbol: (), None, symbol=BTC, rule=PriceRule(Ticks(LEVEL))))
    await stage.show(dialog)
    return dialog
