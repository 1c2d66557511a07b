"""Paints lines on their way: the ghost at the new price, what it means, the question, "sent", why it was refused."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from crs_desktop import theme
from crs_desktop.charts.trading.hits import Act, Hit
from crs_desktop.charts.trading.order_lines import REACH, TAG_LEFT, Pen
from crs_desktop.charts.trading.tag import Look, Piece, row_width, tag_height, wrapped
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.chart_amends import Ghost, Phase


def paint_ghost(pen: Pen, ghost: Ghost, tag: QRectF | None) -> list[Hit]:
    """Paint one ghost beside the tag of its line, if that is on screen."""
    canvas, view, frame = pen.canvas, pen.plane.view, pen.plane.frame
    y = min(max(view.y(ghost.at), 0.0), frame.price_height)
    ink = "error" if ghost.phase is Phase.REFUSED else "warn" if ghost.warning is not None else "accent"
    if ghost.moved:
        was = view.y(ghost.line.at)
        canvas.box(0, min(was, y), frame.plot_width, abs(y - was), theme.color(ink, 22))
        canvas.dashed(0, y, frame.plot_width, y, theme.color(ink), 6.0)
        if ghost.limit is not None:
            along = view.y(ghost.limit)
            canvas.dashed(0, along, frame.plot_width, along, theme.color(ink, 130), 2.0)
    rows = ghost_rows(ghost, ink)
    left = (tag.right() if tag is not None else TAG_LEFT) + 8.0
    room = frame.plot_width - 8.0
    rows = wrapped(canvas, rows, room - TAG_LEFT)
    width = max(row_width(canvas, row) for row in rows)
    left = max(min(left, room - width), TAG_LEFT)
    height = tag_height(canvas)
    top = y - height / 2
    if tag is not None and left < tag.right() and top < tag.bottom() and top + height * len(rows) > tag.top():
        top = tag.bottom() + 2 if y >= tag.center().y() else tag.top() - height * len(rows) - 2
    top = min(max(top, pen.top), pen.bottom - height * len(rows))
    _, hits = pen.tags.paint(canvas, left, top, rows, Look(ink), ghost.line.order_id)
    if ghost.is_open:
        reach = QRectF(0, y - REACH, frame.plot_width, 2 * REACH)
        hits.insert(0, Hit(Act.LINE, reach, ghost.line.order_id, ghost.line.field, ghost.at))
    return hits


def ghost_rows(ghost: Ghost, ink: str) -> list[list[Piece]]:
    """Return what stands in the box of a ghost, row by row."""
    price = fmt.price(ghost.line.pair, ghost.at)
    says = " · ".join(spoken(each) for each in ghost.says)
    if ghost.phase is Phase.REFUSED:
        return [[Piece(tr("Not moved: {reason}", reason=says), "error")], [Piece(tr("Close"), "text_muted", Act.NO)]]
    if ghost.phase is Phase.SENT:
        return [[Piece(price, "text"), Piece(tr("sent…"), ink)]]
    rows = [[Piece(price, "text"), *(Piece(spoken(each), "text_muted") for each in ghost.says)]]
    if ghost.question is not None:
        rows.append([Piece(spoken(ghost.question.text), "warn")])
        rows.append([Piece(tr("Send (Enter)"), "text", Act.YES), Piece(tr("Leave it (Esc)"), "text_muted", Act.NO)])
    elif ghost.warning is not None:
        rows.append([Piece(spoken(ghost.warning), "warn")])
    return rows
