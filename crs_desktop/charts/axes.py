"""Grid, price axis, time axis: paints what `scale` computes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.frame import Frame
from crs_desktop.charts.labels import LEFT, PADDING
from crs_desktop.charts.pane_area import PaneArea
from crs_desktop.charts.scale import PriceTick, TimeTick
from crs_desktop.charts.viewport import Viewport
from crs_desktop.i18n import tr

PRICE_SPACING = 38.0
"""Least distance of price labels, px at font scale 1."""
TIME_SPACING = 84.0
MARK = 4.0
"""Length of a tick mark."""
CENTRE = (Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter).value


def paint_grid(
    canvas: Canvas, frame: Frame, view: Viewport, prices: Sequence[PriceTick], ticks: Sequence[TimeTick]
) -> None:
    """Draw the grid behind the candles; where a day or month begins its line is stronger."""
    faint, strong = theme.color("grid"), theme.color("border")
    for tick in ticks:
        x = view.x(tick.bar)
        if 0 <= x < frame.plot_width:
            canvas.vertical(x, 0, frame.time_top, strong if tick.major else faint)
    for price in prices:
        canvas.horizontal(view.y(price.value), 0, frame.plot_width, faint)


def paint_price_axis(
    canvas: Canvas, frame: Frame, view: Viewport, prices: Sequence[PriceTick], taken: Sequence[tuple[float, float]]
) -> None:
    """Write the price labels that no other label covers; the edge line separates axis and panes."""
    muted, edge = theme.color("text_muted"), theme.color("border")
    left = frame.plot_width
    canvas.vertical(left, 0, frame.height, edge)
    line = float(canvas.painter.fontMetrics().height())
    for price in prices:
        y = view.y(price.value)
        top, bottom = y - line / 2 + 2, y + line / 2 - 2
        if top >= 0 and bottom <= frame.price_height and all(bottom < low or high < top for low, high in taken):
            canvas.horizontal(y, left, left + MARK, edge)
            canvas.text(left + PADDING, y - line / 2, frame.axis_width - PADDING, line, price.text, muted, LEFT)


def paint_pane_grid(canvas: Canvas, frame: Frame, area: PaneArea, ticks: Sequence[PriceTick]) -> None:
    """Draw the grid behind what a pane under the prices shows."""
    faint = theme.color("grid")
    for tick in ticks:
        y = area.y(tick.value)
        if area.top <= y < area.bottom:
            canvas.horizontal(y, 0, frame.plot_width, faint)


def paint_pane_axis(
    canvas: Canvas,
    frame: Frame,
    area: PaneArea,
    ticks: Sequence[PriceTick],
    taken: Sequence[tuple[float, float]],
    *,
    exact: bool,
) -> None:
    """Write the values of a pane under the prices that no label covers; those of an `exact` pane below their place."""
    ink = theme.color("text_faint")
    line = float(canvas.painter.fontMetrics().height())
    lowest = area.bottom - line
    for tick in ticks:
        y = area.y(tick.value)
        top = max(y, area.top + 3) if exact else y - line / 2
        if not area.top - 1 <= top <= lowest + 2:
            continue
        top = min(top, lowest)
        if all(top + line - 2 < low or high < top + 2 for low, high in taken):
            width = frame.axis_width - PADDING
            canvas.text(frame.plot_width + PADDING, top, width, line, tick.text, ink, LEFT)


def paint_time_axis(canvas: Canvas, frame: Frame, view: Viewport, ticks: Sequence[TimeTick], zone: str = "UTC") -> None:
    """Write the time labels and, in the corner, the zone they are in."""
    muted, bright, edge = theme.color("text_muted"), theme.color("text"), theme.color("border")
    top = frame.time_top
    canvas.horizontal(top, 0, frame.width, edge)
    taken = 0.0
    for tick in ticks:
        x, text = view.x(tick.bar), month_in_words(tick.text)
        width = canvas.text_width(text)
        left = x - width / 2
        if left < taken or x + width / 2 > frame.plot_width - 2:
            continue
        taken = x + width / 2 + 6
        canvas.vertical(x, top, top + MARK, edge)
        canvas.text(left - 4, top + 1, width + 8, frame.axis_height - 1, text, bright if tick.major else muted, CENTRE)
    faint = theme.color("text_faint")
    canvas.text(
        frame.plot_width + PADDING, top + 1, frame.axis_width - PADDING, frame.axis_height - 1, zone, faint, LEFT
    )


def month_in_words(text: str) -> str:
    """Translate the month of a tick's label; digits stay."""
    return " ".join(tr(word) if word.isalpha() else word for word in text.split(" "))
