"""A tag on the chart: pieces of text side by side in one small box, some of them to be pressed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas, laid_out
from crs_desktop.charts.labels import CENTRE, LEFT
from crs_desktop.charts.trading.hits import Act, Hit

CROSS = "\u00d7"
"""What takes something away."""
PAD = 6.0
GAP = 8.0
GRIP = 10.0
"""Width of the dots that say that a tag can be dragged."""
KEPT = 96
"""Pictures that are kept."""


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


@dataclass(frozen=True, slots=True)
class Look:
    """How a box looks: the token of its border, whether it is chosen, its filled share, whether it has a grip."""

    ink: str
    chosen: bool = False
    share: float = 0.0
    grip: bool = False


def line_height(canvas: Canvas) -> float:
    """Return the height of one line of text."""
    return float(canvas.painter.fontMetrics().height())


def tag_height(canvas: Canvas) -> float:
    """Return the height of a tag of one line."""
    return line_height(canvas) + 4.0


def piece_width(canvas: Canvas, piece: Piece) -> float:
    """Return how wide a piece is."""
    _, text, height = laid_out(canvas.painter.font(), piece.text)
    return max(text + 8.0, height + 2.0) if piece.is_button else text


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


def wrapped(canvas: Canvas, rows: Sequence[Sequence[Piece]], width: float) -> list[list[Piece]]:
    """Fit rows into a width: what is too much goes on in further rows, a long sentence word by word."""
    found: list[list[Piece]] = []
    for row in rows:
        line: list[Piece] = []
        for piece in (part for each in row for part in _parts(canvas, each, width)):
            if line and row_width(canvas, [*line, piece]) > width:
                found.append(line)
                line = []
            line.append(piece)
        found.append(line)
    return found


def _parts(canvas: Canvas, piece: Piece, width: float) -> list[Piece]:
    """Return a piece, or what it falls into between words if it is wider than a row."""
    if piece.is_button or row_width(canvas, [piece]) <= width:
        return [piece]
    parts: list[str] = []
    for word in piece.text.split(" "):
        longer = f"{parts[-1]} {word}" if parts else word
        if parts and row_width(canvas, [replace(piece, text=longer)]) <= width:
            parts[-1] = longer
        else:
            parts.append(word)
    return [replace(piece, text=part) for part in parts]


Make = Callable[[], list[Piece]]
"""Makes the pieces of a tag."""


class TagPainter:
    """Paints boxes of rows of pieces, each kept as a picture: from frame to frame little but their place changes."""

    def __init__(self) -> None:
        self._rows: dict[tuple[object, ...], tuple[object, list[Piece]]] = {}
        self._kept: OrderedDict[tuple[object, ...], tuple[QPixmap, list[Hit]]] = OrderedDict()

    def fitted(self, canvas: Canvas, source: object, undo: bool, width: float, make: Make) -> list[Piece]:
        """Return the pieces of a source (kept alive by its owner) that fit into a width, made anew if it is another."""
        key = (id(source), undo, width, theme.current())
        kept = self._rows.get(key)
        if kept is None or kept[0] is not source:
            if len(self._rows) > KEPT:
                self._rows.clear()
            kept = self._rows[key] = (source, fitted(canvas, make(), width))
        return kept[1]

    def paint(
        self, canvas: Canvas, x: float, y: float, rows: Sequence[Sequence[Piece]], look: Look, key: str = ""
    ) -> tuple[QRectF, list[Hit]]:
        """Paint a box with its upper left corner at a point; return its place and what in it can be pressed."""
        name = (tuple(map(tuple, rows)), look, canvas.ratio, theme.current())
        found = self._kept.pop(name, None) or _picture(canvas, rows, look)
        self._kept[name] = found
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        picture, hits = found
        left, top = canvas.snap(x), canvas.snap(y)
        canvas.painter.drawPixmap(QPointF(left, top), picture)
        size = picture.deviceIndependentSize()
        rect = QRectF(left, top, size.width(), size.height())
        return rect, [replace(hit, rect=hit.rect.translated(left, top), key=hit.key or key) for hit in hits]


def _picture(canvas: Canvas, rows: Sequence[Sequence[Piece]], look: Look) -> tuple[QPixmap, list[Hit]]:
    """Paint a box at the origin of a picture of its own."""
    height, ratio = tag_height(canvas), canvas.ratio
    width = max(row_width(canvas, row) for row in rows) + (GRIP if look.grip else 0.0)
    picture = QPixmap(ceil(width * ratio), ceil(height * len(rows) * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setFont(canvas.painter.font())
    own = Canvas(painter, ratio)
    rect = QRectF(0, 0, picture.width() / ratio, picture.height() / ratio)
    fill, border = ("selected", "focus") if look.chosen else ("raised", look.ink)
    own.tag(rect, theme.color(fill), theme.color(border))
    if look.share > 0:
        own.box(1, 1, (rect.width() - 2) * min(look.share, 1.0), rect.height() - 2, theme.color(look.ink, 60))
    if look.grip:
        _paint_grip(own, rect, look.ink)
    hits: list[Hit] = []
    for number, row in enumerate(rows):
        hits += _paint_row(own, GRIP if look.grip else 0.0, number * height, row)
    painter.end()
    return picture, hits


def _paint_row(canvas: Canvas, x: float, y: float, pieces: Sequence[Piece]) -> list[Hit]:
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
            hits.append(Hit(piece.act, rect, piece.key, tip=piece.tip))
        else:
            canvas.text(left, y + 2.0, width + 2.0, height, piece.text, theme.color(piece.ink), LEFT)
        left += width
        before = piece
    return hits


def _paint_grip(canvas: Canvas, rect: QRectF, ink: str) -> None:
    """Paint the dots that say that a tag can be dragged."""
    dot, color, middle = max(canvas.hair, 1.5), theme.color(ink, 160), rect.center().y()
    for column in (0.0, 3.5):
        for row in (-4.0, -0.5, 3.0):
            canvas.box(rect.x() + 5.0 + column, middle + row, dot, dot, color)


def _gap(before: Piece, after: Piece) -> float:
    return 4.0 if before.is_button and after.is_button else GAP
