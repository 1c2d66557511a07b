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
    """On which side of the label of highest rank it stands when it is near: -1 above, 1 below, 0 as its price says."""


def dodge(
    wanted: Sequence[tuple[float, float, int]],
    top: float,
    bottom: float,
    order: Sequence[tuple[float, int]] | None = None,
) -> list[float]:
    """Return the upper edges of labels given as (middle, height, rank), in the same order, without overlap.

    From top to bottom they stand as their middles do, or as `order` says, and between `top` and `bottom`; where not
    all of them fit they overlap evenly. Those of higher rank keep their place, as far as there is room on each side
    for the labels that belong there; the others move no further than they must.

    Source: isotonic regression by pooling adjacent violators (Barlow et al., 1972), the weights being the ranks.
    """
    keys = [(middle, 0) for middle, _, _ in wanted] if order is None else order
    ranked = sorted(range(len(wanted)), key=lambda i: (keys[i], i))
    offsets, height = [], 0.0
    for index in ranked:
        offsets.append(height)
        height += wanted[index][1] + GAP
    room = bottom - top - height + GAP
    answer = [0.0] * len(wanted)
    if room < 0:
        squeeze = max(bottom - top - wanted[ranked[-1]][1], 0.0) / offsets[-1] if len(ranked) > 1 else 0.0
        for index, offset in zip(ranked, offsets, strict=True):
            answer[index] = top + offset * squeeze
        return answer
    ideals = [
        (wanted[i][0] - wanted[i][1] / 2 - offset, wanted[i][2]) for i, offset in zip(ranked, offsets, strict=True)
    ]
    for index, offset, place in zip(ranked, offsets, _rising(ideals), strict=True):
        answer[index] = min(max(place, top), top + room) + offset
    return answer


def _rising(ideals: Sequence[tuple[float, int]]) -> list[float]:
    """Return the rising row of numbers nearest to numbers given with their ranks: within a pool the highest decide."""
    pools: list[tuple[int, float, int, int]] = []
    """Rank, sum and count of the deciding numbers, count of all."""
    for ideal, own in ideals:
        rank, total, deciding, size = own, ideal, 1, 1
        while pools and pools[-1][1] / pools[-1][2] > total / deciding:
            before, its_total, its_deciding, its_size = pools.pop()
            size += its_size
            if before == rank:
                total, deciding = total + its_total, deciding + its_deciding
            elif before > rank:
                rank, total, deciding = before, its_total, its_deciding
        pools.append((rank, total, deciding, size))
    return [total / deciding for _, total, deciding, size in pools for _ in range(size)]


def label_height(label: AxisLabel, line: float) -> float:
    """Return the height of a label whose text lines are `line` high."""
    return line * len(label.lines) + 2.0


def place_labels(
    labels: Sequence[AxisLabel], line: float, bottom: float, top: float = 0.0
) -> list[tuple[float, float]]:
    """Return upper and lower edge of each label between `top` and `bottom`, dodged."""
    heights = [label_height(each, line) for each in labels]
    wanted = [(each.y, height, each.rank) for each, height in zip(labels, heights, strict=True)]
    tops = dodge(wanted, top, bottom, _order(labels, line))
    return [(upper, upper + height) for upper, height in zip(tops, heights, strict=True)]


def _order(labels: Sequence[AxisLabel], line: float) -> list[tuple[float, int]]:
    """Return what labels are sorted by: their price, which the first line tells; near the highest rank, their lean."""
    prices = [each.y - (len(each.lines) - 1) * line / 2 for each in labels]
    upright = [at for at, each in enumerate(labels) if not each.lean]
    first = max(upright, key=lambda at: labels[at].rank, default=None)
    keys = []
    for price, label in zip(prices, labels, strict=True):
        if first is not None and label.lean and abs(price - prices[first]) < label_height(labels[first], line):
            price = prices[first]
        keys.append((price, label.lean))
    return keys


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
