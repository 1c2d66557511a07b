"""Changing how a chart looks while it is on screen: what is in view stays there as far as it can."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

from crs_desktop.viewmodels.chart_style import ChartStyle
from crs_desktop.viewmodels.shown_bars import ShownBars

if TYPE_CHECKING:
    from crs_desktop.charts.chart_view import ChartView


def take_look(chart: ChartView, style: ChartStyle) -> None:
    """Show a chart in another style; the caller repaints."""
    before, chart.look = chart.look, style
    if (style.kind, style.brick) != (before.kind, before.brick):
        _change_bars(chart, style)
    view = chart.view
    if (style.scale, style.inverted) != (view.scale, view.inverted):
        view.scale, view.inverted = style.scale, style.inverted
        view.refit()
    panes, volume = chart.subpanes, chart.volume
    if style.volume and volume not in panes:
        panes.insert(0, volume)
    elif not style.volume and volume in panes:
        panes.remove(volume)
    chart.stack.shares, chart.stack.folded = dict(style.shares), set(style.folded)


def _change_bars(chart: ChartView, style: ChartStyle) -> None:
    """Derive other bars; the newest stays where it is, or the instant at the right edge does."""
    view, before = chart.view, chart.shown
    right, instant = view.right - before.stop, before.start(floor(view.right))
    bars = ShownBars(chart.model.series, style.kind, style.brick)
    bars.sync()
    series = bars.series
    newest = right >= 0 or not len(series)
    view.left = (series.stop + right if newest else series.index_at(instant) + 1.0) - view.bars
    chart.take_bars(bars)
    if view.auto:
        view.refit()
