"""One indicator as it is drawn: areas between outputs, then each output as its mark wants it."""

from __future__ import annotations

from math import ceil, floor

import numpy as np

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.lines import paint_between, paint_dots, paint_histogram, paint_line, paint_steps
from crs_desktop.charts.pane_area import PaneArea
from crs_desktop.viewmodels.indicators.setup import Look
from crs_desktop.viewmodels.indicators.study import Study
from crs_desktop.viewmodels.value_column import Strip
from engine.indicators.spec import Mark

TINT = 30
"""How strong an area between two outputs is, of 255."""
FADED = 120
"""How strong a histogram's bar is that is nearer to zero than the one before it."""


def paint_study(canvas: Canvas, area: PaneArea, study: Study, live: bool) -> None:
    """Paint what is closed of an indicator, or what the newest bar holds."""
    if not study.shown:
        return
    _paint_fill(canvas, area, study, live)
    for at, (output, look) in enumerate(zip(study.indicator.outputs, study.setup.looks, strict=True)):
        if look.visible and study.drawn(at):
            strip = strip_of_output(study, at, area, canvas.ratio, live=live)
            _paint_output(canvas, area, strip, output.mark, look)


def study_extremes(study: Study, first: int, stop: int, size: int) -> tuple[float, float] | None:
    """Return the least and the greatest value of all outputs that are drawn."""
    if not study.shown:
        return None
    found = []
    for at, look in enumerate(study.setup.looks):
        if look.visible and study.drawn(at):
            shift = study.shift(at)
            column = study.columns[at]
            if len(column) and (reach := column.strip(first - shift, stop - shift, size).extremes()) is not None:
                found.append(reach)
                if study.indicator.outputs[at].mark is Mark.HISTOGRAM:
                    found.append((0.0, 0.0))
    return (min(low for low, _ in found), max(high for _, high in found)) if found else None


def strip_of_output(study: Study, at: int, area: PaneArea, ratio: float, *, live: bool) -> Strip:
    """Return what of an output is on screen: all but the newest group, or (`live`) that and its neighbour."""
    view, column, shift = area.view, study.columns[at], study.shift(at)
    size = view.size(ratio)
    if not len(column):
        nothing = np.empty(0)
        return Strip(0, size, nothing, nothing)
    strip = column.strip(floor(view.left) - shift - size, ceil(view.right) - shift + size, size)
    cut = min(max((column.stop - 1 - strip.first) // size, 0), len(strip))
    part = strip.part(max(cut - 1, 0), len(strip)) if live else strip.part(0, cut)
    return Strip(part.first + shift, size, part.low, part.high)


def _paint_output(canvas: Canvas, area: PaneArea, strip: Strip, mark: Mark, look: Look) -> None:
    color = theme.color(look.color)
    if mark is Mark.HISTOGRAM:
        _paint_histogram(canvas, area, strip, look)
    elif mark is Mark.DOTS:
        paint_dots(canvas, area, strip, color, 1.0 + 1.5 * look.width)
    elif mark is Mark.STEPS:
        paint_steps(canvas, area, strip, color, look.width)
    else:
        paint_line(canvas, area, strip, color, look.width)


def _paint_histogram(canvas: Canvas, area: PaneArea, strip: Strip, look: Look) -> None:
    """Paint bars from zero, fainter where they come nearer to it; a colour of the user's own serves both sides."""
    up, down = (look.color, look.color) if look.color.startswith("#") else ("up", "down")
    if strip.size > 1 or not len(strip):
        paint_histogram(canvas, area, strip, theme.color(up), theme.color(down))
        return
    height = np.abs(strip.low)
    grows = height >= np.concatenate((height[:1], height[:-1]))
    for there, alpha in ((grows, 255), (~grows, FADED)):
        values = np.where(there, strip.low, np.nan)
        part = Strip(strip.first, 1, values, values)
        paint_histogram(canvas, area, part, theme.color(up, alpha), theme.color(down, alpha))


def _paint_fill(canvas: Canvas, area: PaneArea, study: Study, live: bool) -> None:
    if study.indicator.fill is None:
        return
    names = [output.name for output in study.indicator.outputs]
    upper, lower = (names.index(name) for name in study.indicator.fill)
    looks = study.setup.looks
    if not (looks[upper].visible and looks[lower].visible):
        return
    one, other = (strip_of_output(study, at, area, canvas.ratio, live=live) for at in (upper, lower))
    above = one.low + one.high >= other.low + other.high
    for there, top, bottom, look in ((above, one, other, looks[upper]), (~above, other, one, looks[lower])):
        if there.any():
            kept = there | np.concatenate((there[1:], [False])) | np.concatenate(([False], there[:-1]))
            high = Strip(top.first, top.size, top.low, np.where(kept, top.high, np.nan))
            paint_between(canvas, area, high, bottom, theme.color(look.color, TINT))
