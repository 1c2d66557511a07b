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
from crs_desktop.charts.shared_cursor import paint_shared_lines, paint_shared_tags
from crs_desktop.viewmodels.time_zone import chosen

if TYPE_CHECKING:
    from crs_desktop.charts.chart_view import ChartView


def paint_pointer_lines(canvas: Canvas, chart: ChartView) -> None:
    """Draw the crosshair's lines where the pointer or the keys put it; tags and words stand over them."""
    if (at := _middle(chart)) is not None:
        paint_crosshair(canvas, chart.frame, *at)
    elif chart.hover is None and chart.shared_cursor is not None:
        paint_shared_lines(canvas, chart.plane, chart.shared_cursor)


def paint_pointer_tags(canvas: Canvas, chart: ChartView) -> None:
    """Write the crosshair's value and instant on the axes."""
    if (at := _middle(chart)) is not None:
        series = chart.shown
        instant = instant_text(series.start(floor(chart.view.bar(at[0]))), series.step, chosen())
        paint_crosshair_tags(canvas, chart.frame, *at, _value_text(chart, at[1]), instant)
    elif chart.hover is None and chart.shared_cursor is not None:
        paint_shared_tags(canvas, chart.plane, chart.shared_cursor)


def _middle(chart: ChartView) -> tuple[float, float] | None:
    """Return where the crosshair is, in the middle of its bar; None if there is none in a pane."""
    if chart.hover is None or chart.frame.zone(*chart.hover) not in (Zone.PLOT, Zone.SUBPANE):
        return None
    x, y = chart.hover
    return chart.view.x(floor(chart.view.bar(x)) + 0.5), y


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
