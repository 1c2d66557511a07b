"""What stands on the price axis of a candle chart: last price with countdown, curves, overlays; they dodge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from crs_desktop import theme
from crs_desktop.charts.axes import paint_pane_axis, paint_price_axis
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.frame import Zone
from crs_desktop.charts.labels import AxisLabel, ink_on, paint_labels, place_labels
from crs_desktop.charts.scale import NumberGrid, countdown_text

if TYPE_CHECKING:
    from crs_desktop.charts.chart_view import ChartView


def paint_axis_labels(canvas: Canvas, chart: ChartView) -> None:
    """Paint the labels, then the plain numbers of the axis wherever no label is."""
    frame, view = chart.frame, chart.view
    labels = [*_last(canvas, chart), *chart.quotes.labels()]
    area = chart.scene.price_area
    for curve in chart.scene.curves:
        labels += curve.labels(area)
    for overlay in chart.overlays:
        labels += overlay.labels(chart.plane)
    line = float(canvas.painter.fontMetrics().height())
    places = place_labels(labels, line, frame.price_height)
    pointed = _pointed(chart, line)
    paint_price_axis(canvas, frame, view, chart.layer.prices, [*places, *pointed])
    paint_labels(canvas, labels, places, frame.plot_width + 1, frame.axis_width - 1)
    for (pane, pane_area), values in zip(chart.scene.panes, chart.layer.values, strict=True):
        marks = list(pane.labels(pane_area))[: max(int(pane_area.height / (line + 3)), 1)]
        spots = place_labels(marks, line, pane_area.bottom, pane_area.top)
        paint_pane_axis(canvas, frame, pane_area, values, [*spots, *pointed], exact=pane.exact)
        paint_labels(canvas, marks, spots, frame.plot_width + 1, frame.axis_width - 1)


def _pointed(chart: ChartView, line: float) -> list[tuple[float, float]]:
    """Return what the crosshair's tag covers of the axis."""
    hover = chart.hover
    if hover is None or chart.frame.zone(*hover) not in (Zone.PLOT, Zone.SUBPANE):
        return []
    return [(hover[1] - line / 2, hover[1] + line / 2)]


def paint_last_line(canvas: Canvas, chart: ChartView) -> None:
    """Draw the line of the last price, below everything that lies over the candles."""
    last = chart.model.last
    if last is not None and not chart.model.journey.detached:
        y, ink = chart.view.y(last.close), theme.color("up" if last.close >= last.open else "down")
        canvas.dashed(0, y, chart.frame.plot_width, y, ink, 2.0)


def _last(canvas: Canvas, chart: ChartView) -> Iterator[AxisLabel]:
    """Yield the last price with the countdown."""
    model, last = chart.model, chart.model.last
    if last is None or model.journey.detached:
        return
    rising = last.close >= last.open
    fill = theme.color(chart.flash or ("up_fill" if rising else "down_fill"))
    y = chart.view.y(last.close)
    chart.second = model.remaining // 1_000_000_000
    lines = [NumberGrid.of_price(model.pair).text(last.close)]
    if model.is_live:
        lines.append(countdown_text(model.remaining))
    middle = y + (len(lines) - 1) * canvas.painter.fontMetrics().height() / 2
    yield AxisLabel(middle, tuple(lines), fill, ink_on(fill), None, 3)
