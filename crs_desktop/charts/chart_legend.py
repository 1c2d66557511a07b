"""The words over a candle chart: pair, timeframe, source, the bar under the crosshair, and each curve and pane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.crosshair import Part, legend_parts, paint_parts
from crs_desktop.charts.labels import CENTRE
from crs_desktop.charts.scale import NumberGrid, instant_text
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.chart import ChartState
from crs_desktop.viewmodels.chart_style import BarKind, Scale
from crs_desktop.viewmodels.time_zone import chosen
from crs_desktop.viewmodels.words import NOTHING

if TYPE_CHECKING:
    from crs_desktop.charts.chart_view import ChartView

LEFT_EDGE = 8.0


def legend_height(chart: ChartView) -> int:
    """Return how much of the price pane the legend takes."""
    title, number = (QFontMetrics(theme.font(role)).height() for role in ("title", "number"))
    return title + number + 12 + len(chart.curves) * QFontMetrics(theme.font("small")).height()


def told_bar(chart: ChartView) -> int:
    """Return the index of the bar that the legend tells: under the crosshair, else the newest."""
    newest, pointed = chart.shown.stop - 1, chart.pointed_bar
    return newest if pointed is None else min(newest, pointed)  # right of the newest bar: the newest


def paint_legend(canvas: Canvas, chart: ChartView) -> None:
    """Write the head line, the bar, a line for each curve, and one at the top of each pane."""
    index = told_bar(chart)
    y = _paint_head(canvas, chart)
    painter, limit = canvas.painter, chart.frame.plot_width - 8
    painter.setFont(theme.font("number"))
    pair = chart.model.pair
    row, before = chart.shown.row(index), chart.shown.row(index - 1)
    parts = legend_parts(row, before, NumberGrid.of_price(pair), NumberGrid.of_quantity(pair))
    paint_parts(canvas, LEFT_EDGE, y, parts, limit, plate=True)
    y += painter.fontMetrics().height()
    painter.setFont(theme.font("small"))
    line = float(painter.fontMetrics().height())
    chart.legend_spots.clear()
    for curve in chart.scene.curves:
        end = paint_parts(canvas, LEFT_EDGE, y, curve.legend(index), limit, plate=True)
        chart.legend_spots.append((QRectF(LEFT_EDGE, y, end - LEFT_EDGE, line), curve.key))
        y += line
    for pane, slot in chart.stack.shown(chart.frame):
        end = paint_parts(canvas, LEFT_EDGE, slot.top + 3, pane.legend(index), limit, plate=True)
        chart.legend_spots.append((QRectF(LEFT_EDGE, slot.top + 3, end - LEFT_EDGE, line), pane.key))


def _paint_head(canvas: Canvas, chart: ChartView) -> float:
    model, painter = chart.model, canvas.painter
    painter.setFont(theme.font("title"))
    limit = chart.frame.plot_width - 8
    height = float(painter.fontMetrics().height())
    tone = theme.data_tone(model.label)
    head = [(model.pair.symbol, "text"), (str(model.timeframe), "text_muted")]
    x = paint_parts(canvas, LEFT_EDGE, 6, head, limit, plate=True)
    painter.setFont(theme.font("small"))
    notes = [*([(spoken(model.doubt), "warn")] if model.doubt != NOTHING else ()), (model.label, tone)]
    notes += _style_notes(chart)
    if model.loading_older and model.journey.target is None:
        notes.append((tr("loading older candles…"), "text_muted"))
    paint_parts(canvas, x, 6 + (height - painter.fontMetrics().height()) / 2, notes, limit, plate=True)
    return 8 + height


def paint_chip(canvas: Canvas, chart: ChartView) -> None:
    """Say at the foot of the price pane where a journey is, that bars are not live, or what went wrong."""
    model, frame = chart.model, chart.frame
    journey = model.journey
    if journey.target is not None:
        when = instant_text(journey.target, 1, chosen())
        text = tr("Going to {when}: {percent} %. Esc stays.", when=when, percent=journey.percent)
    elif model.notice != NOTHING:
        text = spoken(model.notice)
    elif journey.detached:
        text = tr("Not live. End returns to the market.")
    else:
        return
    line = float(canvas.painter.fontMetrics().height()) + 6
    width = min(canvas.text_width(text) + 20, frame.plot_width)
    x, y = (frame.plot_width - width) / 2, frame.price_height - 2 * line - 8
    canvas.tag(QRectF(x, y, width, line), theme.color("raised"), theme.color("warn"))
    canvas.text(x, y, width, line, text, theme.color("text"), CENTRE)


def _style_notes(chart: ChartView) -> list[Part]:
    """Say when what is drawn is not the bars that happened, or the scale is not the usual one."""
    notes: list[Part] = []
    style, pair = chart.look, chart.model.pair
    if style.kind is BarKind.HEIKIN_ASHI:
        notes.append((tr("Heikin-Ashi: derived values"), "text_muted"))
    elif style.kind is BarKind.RENKO:
        height = NumberGrid.of_price(pair).text(chart.brick)
        notes.append((tr("Renko bricks of {height}", height=height), "text_muted"))
        if chart.curves or any(pane.key != "volume" for pane in chart.subpanes):
            notes.append((tr("without indicators: they follow bars, not bricks"), "text_muted"))
    if style.scale is not Scale.LINEAR:
        notes.append((tr("log scale") if style.scale is Scale.LOG else tr("percent scale"), "text_muted"))
    if style.inverted:
        notes.append((tr("inverted"), "text_muted"))
    return notes


def paint_sentence(canvas: Canvas, chart: ChartView) -> None:
    """Say why there are no candles."""
    model, painter = chart.model, canvas.painter
    canvas.box(0, 0, chart.width(), chart.height(), theme.color("surface"))
    text = tr(model.problem.source, **model.problem.values)
    if model.state in (ChartState.LOADING, ChartState.READY):
        text = tr("Loading {symbol} {timeframe}…", symbol=model.pair.symbol, timeframe=str(model.timeframe))
    painter.setFont(theme.font("body"))
    painter.setPen(theme.color("text_muted"))
    area = QRectF(24, 0, max(chart.width() - 48, 1), chart.height())
    painter.drawText(area, CENTRE | Qt.TextFlag.TextWordWrap.value, text)


def described(chart: ChartView) -> str:
    """Return what a screen reader says of the chart."""
    last = chart.model.last
    grid = NumberGrid.of_price(chart.model.pair)
    return tr(
        "{symbol}, {timeframe} candles, last price {price}, {label}",
        symbol=chart.model.pair.symbol,
        timeframe=str(chart.model.timeframe),
        price=grid.text(last.close) if last else tr("no price yet"),
        label=chart.model.label,
    )
