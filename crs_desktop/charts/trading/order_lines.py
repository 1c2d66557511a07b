"""Paints working orders: dashed lines, their tags at the left, brackets that join the legs of a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QRectF

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.overlay import Plane
from crs_desktop.charts.trading.hits import Act, Hit
from crs_desktop.charts.trading.stacking import stacked
from crs_desktop.charts.trading.tag import CROSS, Look, Piece, TagPainter, tag_height
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.chart_lines import Line
from engine.domain.order import OrderId, Side

TAG_LEFT = 20.0
"""Where order tags stand: away from the newest candles, right of the brackets."""
BRACKET_LEFT = 6.0
REACH = 4.0
"""How near a line must be pressed to be dragged, px."""
MOST_WIDTH = 0.7
"""Share of the pane that a tag may take."""


@dataclass(frozen=True, slots=True)
class Pen:
    """What the parts of the overlay paint with."""

    canvas: Canvas
    plane: Plane
    tags: TagPainter
    top: float
    bottom: float
    """Between these boxes may stand: below the legend, and clear of the arrows at the edges."""


@dataclass(slots=True)
class Painted:
    """What was painted: the tag of each line on screen by order and field, and what can be pressed."""

    tags: dict[tuple[str, str], QRectF] = field(default_factory=dict)
    hits: list[Hit] = field(default_factory=list)


def tone(side: Side) -> str:
    """Return the token of a side's colour."""
    return "up_text" if side is Side.BUY else "down_text"


def on_screen(plane: Plane, at: float) -> bool:
    """Whether a price is in the price pane."""
    return 0 <= plane.view.y(at) <= plane.frame.price_height


def foremost(lines: Sequence[Line], most: int, chosen: Sequence[str], near: float) -> list[Line]:
    """Return the lines that come first where not all have room: chosen ones, then those nearest to a price."""
    if len(lines) <= most:
        return list(lines)
    return sorted(lines, key=lambda line: (line.order_id not in chosen, abs(line.at - near)))[:most]


def paint_lines(pen: Pen, lines: Sequence[Line], chosen: OrderId | None, undo: str, near: float) -> Painted:
    """Paint the lines that are on screen, with tags as far as there is room, nearest to the price `near` first.

    `undo` is the order that offers to be moved back.
    """
    canvas, plane = pen.canvas, pen.plane
    shown = [line for line in lines if on_screen(plane, line.at)]
    painted = Painted()
    for line in shown:
        _paint_level(canvas, plane, line)
        y = plane.view.y(line.at)
        rect = QRectF(0, y - REACH, plane.frame.plot_width, 2 * REACH)
        painted.hits.append(Hit(Act.LINE, rect, line.order_id, line.field, line.at))
    paint_brackets(canvas, plane, shown)
    height = tag_height(canvas)
    tagged = foremost(shown, max(int((pen.bottom - pen.top) / height), 1), (chosen or "", undo), near)
    tops = stacked([plane.view.y(line.at) for line in tagged], [height] * len(tagged), pen.top, pen.bottom)
    for line in shown:  # those without a tag can be chosen by key, too
        painted.tags[line.order_id, line.field] = QRectF(0, plane.view.y(line.at), 0, 0)
    for line, top in zip(tagged, tops, strict=True):
        _paint_tag(pen, line, top, painted, chosen=line.order_id == chosen, undo=line.order_id == undo)
    return painted


def _paint_level(canvas: Canvas, plane: Plane, line: Line) -> None:
    """Draw the line: dashed, its filled share solid; the limit of a stop is fainter."""
    y, width = plane.view.y(line.at), plane.frame.plot_width
    ink = theme.color(tone(line.side), 130) if line.is_limit_of_stop else theme.color(tone(line.side))
    canvas.dashed(0, y, width, y, ink, 2.0 if line.is_limit_of_stop else 4.0)
    if line.filled_share > 0:
        canvas.box(0, y - canvas.hair, width * line.filled_share, 3 * canvas.hair, ink)


def pieces_of(line: Line, *, undo: bool) -> list[Piece]:
    """Return what a tag says and offers."""
    if line.is_limit_of_stop:
        return [Piece(tr("its limit"), tone(line.side))]
    pieces = [Piece(spoken(line.title), tone(line.side))]
    if line.filled_text is not None:
        pieces.append(Piece(spoken(line.filled_text), "text"))
    if line.result_text:
        result = "text_muted" if line.profit is None else "up_text" if line.profit >= 0 else "down_text"
        pieces.append(Piece(line.result_text, result))
    if undo:
        pieces.append(Piece(tr("Undo"), "accent", Act.UNDO, tr("Move it back (Ctrl+Z)")))
    pieces.append(Piece(CROSS, "text_muted", Act.CANCEL, tr("Cancel this order (Delete)")))
    return pieces


def _paint_tag(pen: Pen, line: Line, top: float, painted: Painted, *, chosen: bool, undo: bool) -> None:
    canvas, plane = pen.canvas, pen.plane
    room = plane.frame.plot_width * MOST_WIDTH - TAG_LEFT
    pieces = pen.tags.fitted(canvas, line, undo, room, lambda: pieces_of(line, undo=undo))
    look = Look(tone(line.side), chosen, round(line.filled_share, 3), bool(line.field))
    rect, hits = pen.tags.paint(canvas, TAG_LEFT, top, [pieces], look, line.order_id)
    painted.hits.append(Hit(Act.LINE, rect, line.order_id, line.field, line.at))
    painted.hits += hits
    y, middle = plane.view.y(line.at), rect.center().y()
    if abs(middle - y) > rect.height() / 2:  # it dodged: say which line it is
        canvas.vertical(TAG_LEFT - 4, min(y, middle), max(y, middle), theme.color(tone(line.side)))
    painted.tags[line.order_id, line.field] = rect


def paint_brackets(canvas: Canvas, plane: Plane, lines: Sequence[Line]) -> None:
    """Join the lines of each list at the left edge, each list a little further in."""
    lists: dict[OrderId, list[float]] = {}
    for line in lines:
        if line.list_id is not None and not line.is_limit_of_stop:
            lists.setdefault(line.list_id, []).append(plane.view.y(line.at))
    color = theme.color("text_muted")
    for number, levels in enumerate(lists.values()):
        if len(levels) < 2:
            continue
        x = BRACKET_LEFT + 3.0 * (number % 3)
        canvas.vertical(x, min(levels), max(levels), color)
        for y in levels:
            canvas.horizontal(y, x, TAG_LEFT - 2, color)
