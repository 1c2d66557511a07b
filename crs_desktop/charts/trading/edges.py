"""Arrows at the edges: how many lines of ours lie above and below the screen, the nearest with its price."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.labels import CENTRE
from crs_desktop.charts.overlay import Plane
from crs_desktop.charts.trading.hits import Act, Hit
from crs_desktop.charts.trading.tag import line_height, tag_height
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.words import Sentence


@dataclass(frozen=True, slots=True)
class Mark:
    """Something of ours at a price: an order (`key` is its id) or the position."""

    at: float
    title: Sentence
    key: str = ""


def off_screen(plane: Plane, marks: Iterable[Mark]) -> tuple[list[Mark], list[Mark]]:
    """Return what lies above and below the price pane, the nearest first."""
    placed = [(plane.view.y(mark.at), mark) for mark in marks]
    above = sorted(((y, mark) for y, mark in placed if y < 0), key=lambda each: -each[0])
    below = sorted(((y, mark) for y, mark in placed if y > plane.frame.price_height), key=lambda each: each[0])
    return [mark for _, mark in above], [mark for _, mark in below]


def edge_text(plane: Plane, marks: Sequence[Mark], arrow: str) -> str:
    """Return what an arrow says: the nearest with its price, and how many more there are."""
    first = marks[0]
    text = f"{arrow} {spoken(first.title)} @ {fmt.price(plane.pair, round(first.at))}"
    return text if len(marks) == 1 else tr("{text}  and {count} more", text=text, count=len(marks) - 1)


def paint_edges(canvas: Canvas, plane: Plane, above: Sequence[Mark], below: Sequence[Mark]) -> list[Hit]:
    """Paint both arrows; return an area for each mark that is off screen, to be shown."""
    height = tag_height(canvas)
    hits: list[Hit] = []
    for found, arrow, top in (
        (above, "↑", plane.view.top_px + 2.0),
        (below, "↓", plane.frame.price_height - height - 4.0),
    ):
        if not found:
            continue
        text = edge_text(plane, found, arrow)
        width = min(float(canvas.painter.fontMetrics().horizontalAdvance(text)) + 16.0, plane.frame.plot_width)
        rect = QRectF((plane.frame.plot_width - width) / 2, top, width, height)
        canvas.tag(rect, theme.color("raised"), theme.color("border_strong"))
        canvas.text(rect.x(), top + 2.0, width, line_height(canvas), text, theme.color("text_muted"), CENTRE)
        tip = tr("Click to bring it into view")
        hits += [Hit(Act.SHOW, rect, mark.key, level=mark.at, tip=tip) for mark in reversed(found)]
    return hits
