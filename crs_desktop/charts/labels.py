"""Labels on the price axis: they stand at their price, or as near as the others let them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas

PADDING = 6.0
GAP = 1.0
LEFT = (Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter).value
CENTRE = Qt.AlignmentFlag.AlignCenter.value


@dataclass(frozen=True, slots=True)
class AxisLabel:
    """A label wanted at `y`; the highest `rank` moves least. `filled` labels carry contrast text."""

    y: float
    lines: tuple[str, ...]
    fill: QColor
    ink: QColor
    border: QColor | None = None
    rank: int = 0
    lean: int = 0
    """Which way it gives way: -1 up, 1 down, 0 to the nearest place."""


def dodge(
    wanted: Sequence[tuple[float, float, int]], top: float, bottom: float, leans: Sequence[int] = ()
) -> list[float]:
    """Return the upper edges of labels given as (middle, height, rank), in the same order, without overlap.

    They stay between `top` and `bottom` as far as all of them fit. Those of higher rank keep their
    place; the others move to the nearest free one, on the side that `leans` tells if there is one.
    """
    placed: list[tuple[float, float]] = []
    answer = [0.0] * len(wanted)
    for index in sorted(range(len(wanted)), key=lambda i: (-wanted[i][2], wanted[i][0])):
        middle, height, _ = wanted[index]
        ideal = min(max(middle - height / 2, top), max(top, bottom - height))
        candidates = [ideal]
        for low, high in placed:
            candidates += [low - GAP - height, high + GAP]
        free = [
            y
            for y in candidates
            if top <= y <= bottom - height and all(y + height <= low or high <= y for low, high in placed)
        ]
        lean = leans[index] if leans else 0
        answer[index] = min(free, key=lambda y: ((y - ideal) * lean < 0, abs(y - ideal))) if free else ideal
        placed.append((answer[index], answer[index] + height))
    return answer


def label_height(label: AxisLabel, line: float) -> float:
    """Return the height of a label whose text lines are `line` high."""
    return line * len(label.lines) + 2.0


def place_labels(
    labels: Sequence[AxisLabel], line: float, bottom: float, top: float = 0.0
) -> list[tuple[float, float]]:
    """Return upper and lower edge of each label between `top` and `bottom`, dodged."""
    heights = [label_height(each, line) for each in labels]
    leans = [each.lean for each in labels]
    wanted = [(each.y, height, each.rank) for each, height in zip(labels, heights, strict=True)]
    tops = _upright(dodge(wanted, top, bottom, leans), leans)
    return [(upper, upper + height) for upper, height in zip(tops, heights, strict=True)]


def _upright(tops: list[float], leans: Sequence[int]) -> list[float]:
    """Exchange the places of a pair that leans apart but had to go to one side, and stands upside down there."""
    rising = [i for i, lean in enumerate(leans) if lean < 0]
    sinking = [i for i, lean in enumerate(leans) if lean > 0]
    for upper, lower in zip(rising, sinking, strict=False):
        if tops[upper] > tops[lower]:
            tops[upper], tops[lower] = tops[lower], tops[upper]
    return tops


def paint_labels(
    canvas: Canvas, labels: Sequence[AxisLabel], places: Sequence[tuple[float, float]], left: float, width: float
) -> None:
    """Paint labels at their places in the axis that begins at `left`."""
    line = float(canvas.painter.fontMetrics().height())
    for label, (top, bottom) in zip(labels, places, strict=True):
        canvas.tag(QRectF(left, top, width, bottom - top), label.fill, label.border)
        for number, text in enumerate(label.lines):
            y = top + 1.0 + number * line
            canvas.text(left + PADDING - 1, y, width - PADDING, line, text, label.ink, LEFT)


def ink_on(fill: QColor) -> QColor:
    """Return the text colour, dark or white, that reads better on a fill."""
    dark, white = "#0b0e13", "#ffffff"
    name = fill.name()
    return QColor(dark if theme.contrast(dark, name) >= theme.contrast(white, name) else white)
