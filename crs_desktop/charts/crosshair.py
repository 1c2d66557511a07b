"""The crosshair with its axis tags, and the legend that tells the bar under it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor

from crs_desktop import theme
from crs_desktop.charts.axes import CENTRE, month_in_words
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.frame import Frame
from crs_desktop.charts.labels import LEFT, PADDING
from crs_desktop.charts.scale import NumberGrid
from crs_desktop.i18n import tr
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.series import Row

LEAST_ERROR = 60.0
"""Room in px that a message cut short needs to say anything."""
PLATE = 200
"""Opacity of what lies behind words over candles, of 255."""
Part = tuple[str, str]
"""A piece of the legend: text and the token of its colour."""


def legend_parts(row: Row | None, before: Row | None, price: NumberGrid, qty: NumberGrid) -> list[Part]:
    """Return open, high, low, close, volume and change of a bar against the close before it."""
    if row is None:
        return [(tr("no data"), "text_muted")]
    tone = "up_text" if row.close >= row.open else "down_text"
    parts: list[Part] = []
    for name, value in ((tr("O"), row.open), (tr("H"), row.high), (tr("L"), row.low), (tr("C"), row.close)):
        parts += [(name, "text_faint"), (price.text(value), tone)]
    parts += [(tr("V"), "text_faint"), (qty.short(row.volume), tone)]
    base = before.close if before is not None else row.open
    if base > 0:
        parts.append((fmt.percent(round((row.close - base) * 10_000 / base)), tone))
    return parts


def paint_parts(
    canvas: Canvas, x: float, y: float, parts: Sequence[Part], limit: float, *, plate: bool = False
) -> float:
    """Write pieces side by side until `limit`, on a `plate` that lets little through; return where the text ends."""
    height = float(canvas.painter.fontMetrics().height())
    ground = theme.color("surface", PLATE) if plate else None
    for number, (text, tone) in enumerate(parts):
        width = canvas.text_width(text)
        whole = width
        if tone == "text_faint" and number + 1 < len(parts):  # a name stands with its value or not at all
            whole += 4.0 + canvas.text_width(parts[number + 1][0])
        if x + whole > limit:
            if tone != "error" or limit - x < LEAST_ERROR:  # half a figure would be another figure
                break
            metrics = canvas.painter.fontMetrics()
            text, width = metrics.elidedText(text, Qt.TextElideMode.ElideRight, round(limit - x)), limit - x
        step = width + (4.0 if tone == "text_faint" else 9.0)
        if ground is not None:
            canvas.box(x, y, step, height, ground)
        canvas.text(x, y, width + 2, height, text, theme.color(tone), LEFT)
        x += step
    return x


def paint_crosshair(canvas: Canvas, frame: Frame, x: float, y: float) -> None:
    """Draw the two lines through both panes."""
    color = theme.color("crosshair")
    canvas.dashed(x, 0, x, frame.time_top, color, 3.0)
    if y < frame.time_top:
        canvas.dashed(0, y, frame.plot_width, y, color, 3.0)


def paint_crosshair_tags(canvas: Canvas, frame: Frame, x: float, y: float, value: str, instant: str) -> None:
    """Write the value on the price axis and the instant on the time axis; an empty text is left out."""
    metrics = canvas.painter.fontMetrics()
    line = float(metrics.height())
    fill, ink, border = theme.color("raised"), theme.color("text"), theme.color("border_strong")
    if value and y < frame.time_top:
        top = min(max(y - line / 2 - 1, 0.0), frame.time_top - line - 2)
        canvas.tag(QRectF(frame.plot_width + 1, top, frame.axis_width - 1, line + 2), fill, border)
        canvas.text(frame.plot_width + PADDING, top + 1, frame.axis_width, line, value, ink, LEFT)
    if not instant:
        return
    text = month_in_words(instant)
    width = canvas.text_width(text) + 14
    left = min(max(x - width / 2, 0.0), max(frame.plot_width - width, 0.0))
    canvas.tag(QRectF(left, frame.time_top + 1, width, frame.axis_height - 2), fill, border)
    canvas.text(left, frame.time_top + 1, width, frame.axis_height - 2, text, ink, CENTRE)


def paint_box(canvas: Canvas, frame: Frame, x: float, y: float, lines: Sequence[str]) -> None:
    """Write a hover box near a point, inside the panes."""
    metrics = canvas.painter.fontMetrics()
    line = float(metrics.height()) + 1
    width = max(float(metrics.horizontalAdvance(each)) for each in lines) + 16
    height = line * len(lines) + 10
    left = x + 14 if x + 14 + width < frame.plot_width else x - 14 - width
    top = min(max(y - height / 2, 2.0), max(frame.time_top - height - 2, 2.0))
    canvas.tag(QRectF(left, top, width, height), theme.color("raised"), theme.color("border_strong"))
    first: QColor = theme.color("text")
    for number, text in enumerate(lines):
        ink = first if number == 0 else theme.color("text_muted")
        canvas.text(left + 8, top + 5 + number * line, width, line, text, ink, LEFT)
