"""The right column of the trading overlay: the position with its buttons, and a new order with its legs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.overlay import Plane
from crs_desktop.charts.trading.hits import Act, Hit
from crs_desktop.charts.trading.order_lines import REACH, Pen, on_screen
from crs_desktop.charts.trading.stacking import clear, stacked
from crs_desktop.charts.trading.tag import CROSS, Look, Piece, row_width, tag_height, wrapped
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.chart_draft import DraftLine, draft_says
from crs_desktop.viewmodels.chart_entry import ENTRY, ChartTicket
from crs_desktop.viewmodels.chart_position import PositionLine
from crs_desktop.viewmodels.guard import Question

RIGHT = 28.0
"""What stays free right of the column, for the button of the crosshair."""
WIDE = 560.0
"""From this width of the pane on the buttons of a position are always there."""


@dataclass(slots=True)
class Box:
    """A box of the column: rows at a price, in a colour; `name` is that of a new order's line."""

    at: float
    rows: list[list[Piece]]
    ink: str
    stays: bool
    """Whether it is shown while its price is off screen, too."""
    name: str = ""


def paint_column(pen: Pen, boxes: list[Box], tags: Sequence[QRectF] = ()) -> list[Hit]:
    """Paint the boxes that are on screen, right-aligned, dodging each other and the tags that reach so far."""
    canvas, plane = pen.canvas, pen.plane
    shown = [box for box in boxes if on_screen(plane, box.at) or box.stays]
    room = max(plane.frame.plot_width - RIGHT, 80.0)
    for box in shown:
        box.rows = wrapped(canvas, box.rows, room)
    height = tag_height(canvas)
    heights = [height * len(box.rows) for box in shown]
    tops = stacked([plane.view.y(box.at) for box in shown], heights, pen.top, pen.bottom)
    hits: list[Hit] = []
    placed: list[tuple[float, float]] = []
    for box, wanted, tall in zip(shown, tops, heights, strict=True):
        width = max(row_width(canvas, row) for row in box.rows)
        left = max(room - width, 0.0)
        reaching = [(each.top(), each.bottom()) for each in tags if each.right() > left]
        top = clear(wanted, tall, [*placed, *reaching], pen.top, pen.bottom) if reaching else wanted
        placed.append((top, top + tall))
        rect, inside = pen.tags.paint(canvas, left, top, box.rows, Look(box.ink), box.name)
        if box.name:
            hits.append(Hit(Act.DRAFT, rect, box.name, level=box.at))
        hits += inside
    return hits


def position_box(
    position: PositionLine, question: Question | None, guarded: set[Act], *, wide: bool, near: bool
) -> Box:
    """Return the box of a position: its worth, its buttons (in a narrow pane only near the pointer), its question."""
    profit = position.profit
    ink = "text_muted" if not profit else "up_text" if profit > 0 else "down_text"
    row = [Piece(spoken(position.title), "accent"), Piece(position.result, ink)]
    buttons = [
        Piece(tr("Stop"), "text", Act.PULL_STOP, tr("Drag to where the stop goes")),
        Piece(tr("Target"), "text", Act.PULL_TARGET, tr("Drag to where the target goes")),
        Piece(tr("Breakeven"), "text", Act.BREAKEVEN, tr("Move the stop to the average cost (E)")),
        Piece(tr("Reverse"), "text", Act.REVERSE, tr("Close; spot goes no further than flat")),
        Piece(CROSS, "text", Act.CLOSE, tr("Cancel the orders of this pair and sell at market (F)")),
    ]
    offered = [each for each in buttons if each.act not in guarded]
    rows = [[*row, *offered]] if wide else [row, offered] if near else [row]
    if question is not None:
        rows.append([Piece(spoken(question.text), "warn")])
        rows.append([Piece(tr("Yes (Enter)"), "text", Act.YES), Piece(tr("No (Esc)"), "text_muted", Act.NO)])
    return Box(position.at, rows, "accent", question is not None)


def draft_boxes(draft: ChartTicket, lines: dict[str, DraftLine]) -> list[Box]:
    """Return the boxes of a new order: what it is and may be told, and one for each leg."""
    boxes = []
    lead = next(iter(lines), None)
    for name, line in lines.items():
        if name == lead:
            continue
        row = [Piece(spoken(line.title), line.tone), Piece(fmt.price(draft.pair, line.at), "text")]
        if line.result:
            row.append(Piece(line.result, "text_muted"))
        row.append(Piece(CROSS, "text_muted", Act.DROP_LEG, tr("Without it"), key=name))
        boxes.append(Box(line.at, [row], "accent", False, name))
    if lead is not None:
        boxes.append(Box(lines[lead].at, _lead_rows(draft, lead, lines[lead].result), "accent", True, lead))
    return boxes


def _lead_rows(draft: ChartTicket, lead: str, result: str) -> list[list[Piece]]:
    rows = [[Piece(spoken(draft.title), "text")]]
    if result:
        rows[0].append(Piece(result, "text_muted"))
    rows += [[Piece(spoken(text), ink)] for text, ink in draft_says(draft)]
    if draft.busy:
        rows.append([Piece(tr("sent…"), "accent")])
        return rows
    levels = draft.levels()
    buttons = [Piece(tr("Send (Enter)"), "text", Act.SEND)]
    if "loss" not in levels:
        buttons.append(Piece(tr("Stop"), "text", Act.PULL_STOP, tr("Drag to where the stop goes")))
    if "target" not in levels:
        buttons.append(Piece(tr("Target"), "text", Act.PULL_TARGET, tr("Drag to where the target goes")))
    if lead == ENTRY and draft.desk.has_ticket:
        buttons.append(Piece(tr("In the ticket"), "text", Act.EDIT, tr("Finish it in the ticket")))
    buttons.append(Piece(CROSS, "text_muted", Act.NO, tr("Drop it (Esc)")))
    rows.append(buttons)
    return rows


def paint_draft_levels(canvas: Canvas, plane: Plane, lines: dict[str, DraftLine]) -> list[Hit]:
    """Paint the lines of a new order; return where they can be dragged."""
    hits: list[Hit] = []
    for name, line in lines.items():
        if on_screen(plane, line.at):
            y = plane.view.y(line.at)
            canvas.dashed(0, y, plane.frame.plot_width, y, theme.color(line.tone), 6.0)
            rect = QRectF(0, y - REACH, plane.frame.plot_width, 2 * REACH)
            hits.append(Hit(Act.DRAFT, rect, name, level=line.at))
    return hits
