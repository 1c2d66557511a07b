"""Indicators on a chart: over the candles, in panes of their own, in the legend; their picker and their dialog."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget

from crs_desktop.charts.chart_view import ChartView
from crs_desktop.charts.study_board import StudyBoard
from crs_desktop.panes.chart_indicators import ChartIndicators
from crs_desktop.panes.indicator_dialog import IndicatorDialog
from crs_desktop.panes.indicator_picker import IndicatorPicker
from crs_desktop.viewmodels.chart_style import ChartStyle
from crs_desktop.viewmodels.indicators.form import StudyForm
from tests.crs_desktop.golden.studio import Stage, scene

PLAIN = ChartStyle(volume=False, quotes=False)


async def _studied(stage: Stage, names: tuple[str, ...]) -> ChartView:
    chart = await stage.chart(PLAIN)
    studies = chart.model.studies
    board = StudyBoard(chart, studies)
    stage.closing.append(board.close)
    for name in names:
        studies.add(name)
    await stage.settle()
    return chart


for _name, _studies in {
    "line": ("ema", "sma"),
    "bands": ("bbands",),
    "cloud": ("ichimoku",),
    "dots": ("sar", "supertrend"),
    "histogram-pane": ("macd",),
    "levels-pane": ("rsi", "stoch"),
}.items():
    scene(f"indicator-{_name}", 360, 260)(partial(_studied, names=_studies))


@scene("indicator-picker", 480, 320)
async def picker(stage: Stage) -> QWidget:
    chart = await _studied(stage, ())
    indicators = ChartIndicators(chart, chart.model.studies, chart)
    stage.closing.append(indicators.close)
    dialog = IndicatorPicker(chart, chart.model.studies, lambda: None)
    stage.closing.append(chart.close)
    await stage.show(dialog)
    return dialog


@scene("indicator-dialog", 380, 420)
async def dialog(stage: Stage) -> QWidget:
    chart = await _studied(stage, ("macd",))
    (study,) = chart.model.studies
    dialog = IndicatorDialog(chart, StudyForm(chart.model.studies, study))
    stage.closing.append(chart.close)
    await stage.show(dialog)
    return dialog
