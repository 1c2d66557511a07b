"""The crosshair of a candle chart with its tags, and the focus ring."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.crosshair import paint_crosshair, paint_crosshair_tags
from crs_desktop.charts.frame import Zone
from crs_desktop.charts.price_scale import scaled_text
from crs_desktop.charts.scale import NumberGrid, instant_text
from crs_desktop.charts.shared_cursor import paint_shared_cursor
from crs_desktop.viewmodels.time_zone import chosen

if TYPE_CHECKING:
    from crs_desktop.charts.chart_view import ChartView


def paint_pointer(canvas: Canvas, chart: ChartView) -> None:
    """Draw the crosshair where the pointer or the keys put it."""
    if chart.hover is None:
        if chart.shared_cursor is not None:
            paint_shared_cursor(canvas, chart.plane, chart.shared_cursor)
        return
    x, y = chart.hover
    frame, view, series = chart.frame, chart.view, chart.shown
    if frame.zone(x, y) not in (Zone.PLOT, Zone.SUBPANE):
        return
    index = floor(view.bar(x))
    middle = view.x(index + 0.5)
    paint_crosshair(canvas, frame, middle, y)
    instant = instant_text(series.start(index), series.step, chosen())
    paint_crosshair_tags(canvas, frame, middle, y, _value_text(chart, y), instant)


def _value_text(chart: ChartView, y: float) -> str:
    if y < chart.frame.price_height:
        grid = NumberGrid.of_price(chart.model.pair)
        return scaled_text(chart.view, chart.view.price(y), grid, chart.scene.base)
    for pane, area in chart.scene.panes:
        if area.top <= y < area.bottom:
            return pane.value_text(area.value(y))
    return ""


def paint_focus(canvas: Canvas, width: float, height: float) -> None:
    """Draw the ring that says that the keyboard is here."""
    color, edge = theme.color("focus"), 2 * canvas.hair
    canvas.box(0, 0, width, edge, color)
    canvas.box(0, height - edge, width, edge, color)
    canvas.box(0, 0, edge, height, color)
    canvas.box(width - edge, 0, edge, height, color)
