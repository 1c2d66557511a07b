"""A tag on the chart: pieces of text side by side in one small box, some of them to be pressed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QRectF

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.labels import CENTRE, LEFT
from crs_desktop.charts.trading.hits import Act, Hit

CROSS = "\u00d7"
"""What takes something away."""
PAD = 6.0
GAP = 8.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A text in the colour of a token; with `act`, something to press."""

    text: str
    ink: str = "text"
    act: Act | None = None
    tip: str = ""
    key: str = ""

    @property
    def is_button(self) -> bool:
        """Whether it has a border of its own."""
        return self.act is not None


def line_height(canvas: Canvas) -> float:
    """Return the height of one line of text."""
    return float(canvas.painter.fontMetrics().height())


def tag_height(canvas: Canvas) -> float:
    """Return the height of a tag of one line."""
    return line_height(canvas) + 4.0


def piece_width(canvas: Canvas, piece: Piece) -> float:
    """Return how wide a piece is."""
    text = float(canvas.painter.fontMetrics().horizontalAdvance(piece.text))
    return max(text + 8.0, line_height(canvas) + 2.0) if piece.is_button else text


def row_width(canvas: Canvas, pieces: Sequence[Piece]) -> float:
    """Return how wide pieces side by side are, with what is left free around them."""
    widths = sum(piece_width(canvas, each) for each in pieces)
    return widths + sum(_gap(a, b) for a, b in pairwise(pieces)) + 2 * PAD


def fitted(canvas: Canvas, pieces: Sequence[Piece], width: float) -> list[Piece]:
    """Leave out texts from the end (never the first, never a button) until the rest fits."""
    kept = list(pieces)
    while row_width(canvas, kept) > width:
        spare = [number for number, each in enumerate(kept) if number and not each.is_button]
        if not spare:
            break
        kept.pop(spare[-1])
    return kept


def paint_row(canvas: Canvas, x: float, y: float, pieces: Sequence[Piece], key: str = "") -> list[Hit]:
    """Write pieces side by side from `x`; return the areas of those that can be pressed."""
    height, left = line_height(canvas), x + PAD
    hits: list[Hit] = []
    before: Piece | None = None
    for piece in pieces:
        left += _gap(before, piece) if before is not None else 0.0
        width = piece_width(canvas, piece)
        if piece.act is not None:
            rect = QRectF(left, y + 1.0, width, height + 2.0)
            canvas.tag(rect, theme.color("surface"), theme.color("border_strong"))
            canvas.text(rect.x(), rect.y(), rect.width(), rect.height(), piece.text, theme.color(piece.ink), CENTRE)
            hits.append(Hit(piece.act, rect, piece.key or key, tip=piece.tip))
        else:
            canvas.text(left, y + 2.0, width + 2.0, height, piece.text, theme.color(piece.ink), LEFT)
        left += width
        before = piece
    return hits


def paint_tag(
    canvas: Canvas,
    x: float,
    y: float,
    pieces: Sequence[Piece],
    border: str,
    *,
    chosen: bool = False,
    share: float = 0.0,
) -> QRectF:
    """Paint the box of a tag, the filled share of it in its border's colour; the pieces come after."""
    rect = QRectF(x, y, row_width(canvas, pieces), tag_height(canvas))
    canvas.tag(rect, theme.color("selected" if chosen else "raised"), theme.color("focus" if chosen else border))
    if share > 0:
        canvas.box(x + 1, y + 1, (rect.width() - 2) * min(share, 1.0), rect.height() - 2, theme.color(border, 60))
    return rect


def _gap(before: Piece, after: Piece) -> float:
    return 4.0 if before.is_button and after.is_button else GAP
