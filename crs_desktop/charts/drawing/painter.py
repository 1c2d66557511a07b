"""Paints outlines of drawings: level and upright lines on whole pixels, slanted ones smooth, notes never cut off."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.labels import LEFT
from crs_desktop.i18n import spoken
from crs_desktop.viewmodels.drawings.outline import Area, Note, Outline, Point, Stroke
from crs_desktop.viewmodels.drawings.shape import HEX, Style

DASH = {"dashed": (6.0, 4.0), "dotted": (1.5, 3.0)}
"""Line and gap, px."""
Box = tuple[float, float, float, float]
GRIP = 4.0
"""Half the size of a handle, px."""
PLATE = 208
"""Opacity of what lies behind a note, of 255: candles shine through, and the text is read."""


def ink(color: str) -> QColor:
    """Return the colour of a tone of the theme, or of a `#rrggbb`."""
    return _hex(color) if HEX.match(color) else theme.color(color)


@lru_cache(maxsize=256)
def _hex(color: str) -> QColor:
    return QColor(color)


def paint_outline(
    canvas: Canvas, outline: Outline, style: Style, size: tuple[float, float], *, lit: bool, held: bool = False
) -> None:
    """Paint areas, lines and notes of a drawing; `lit` ones (pointed at, selected) a little stronger.

    Notes that want room are written if they have it, or the drawing is lit or `held` in the hand.
    """
    for area in outline.areas:
        _paint_area(canvas, area, style, lit)
    for stroke in outline.strokes:
        _paint_stroke(canvas, stroke, style, lit)
    outline.boxes = []
    for note in outline.notes:
        if note.room and not (lit or held) and _width(canvas, note) > note.room:
            continue
        outline.boxes.append(_paint_note(canvas, note, style, size, outline.boxes))


def paint_handles(canvas: Canvas, outline: Outline, chosen: int | None) -> None:
    """Paint the handles of a drawing; the one that the keyboard moves is filled."""
    painter = canvas.painter
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(theme.color("focus"), 1.5))
    for number, (x, y) in enumerate(outline.handles):
        painter.setBrush(theme.color("focus" if number == chosen else "surface"))
        painter.drawEllipse(QPointF(x, y), GRIP, GRIP)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def paint_dot(canvas: Canvas, at: Point, color: QColor) -> None:
    """Mark where the next point would go."""
    painter = canvas.painter
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(color, 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(at.x, at.y), GRIP, GRIP)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _paint_area(canvas: Canvas, area: Area, style: Style, lit: bool) -> None:
    color = QColor(ink(area.tone or style.color))
    color.setAlphaF(min(style.fill / 100 * area.share * (1.3 if lit else 1.0), 1.0))
    if not color.alpha():
        return
    painter, points = canvas.painter, area.points
    if len(points) == 4 and points[0].y == points[1].y and points[2].y == points[3].y and points[1].x == points[2].x:
        (left, top), (right, bottom) = points[0], points[2]
        left, right, top, bottom = min(left, right), max(left, right), min(top, bottom), max(top, bottom)
        window = painter.clipBoundingRect()
        left, right = max(left, window.left()), min(right, window.right())
        top, bottom = max(top, window.top()), min(bottom, window.bottom())
        if left < right and top < bottom:
            canvas.box(left, top, right - left, bottom - top, color)
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _paint_stroke(canvas: Canvas, stroke: Stroke, style: Style, lit: bool) -> None:
    color = ink(stroke.tone or style.color)
    pixels = 1 if stroke.thin else style.width
    width = max(canvas.hair, canvas.snap(float(pixels))) + (canvas.hair if lit and not stroke.thin else 0.0)
    dash = "dashed" if stroke.dashed else style.dash
    (ax, ay), (bx, by) = stroke.a, stroke.b
    level, upright = ay == by, ax == bx
    if dash == "solid" and (level or upright):
        half = width / 2
        left, top = min(ax, bx), min(ay, by)
        if level:
            canvas.painter.fillRect(QRectF(left, canvas.snap(ay - half), abs(bx - ax), width), color)
        else:
            canvas.painter.fillRect(QRectF(canvas.snap(ax - half), top, width, abs(by - ay)), color)
        return
    pen = QPen(color, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dash != "solid":
        pen.setDashPattern([length / width for length in DASH[dash]])
    if level:
        ay = by = canvas.snap(ay - width / 2) + width / 2
    elif upright:
        ax = bx = canvas.snap(ax - width / 2) + width / 2
    painter = canvas.painter
    painter.setPen(pen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, not (level or upright))
    painter.drawLine(QPointF(ax, ay), QPointF(bx, by))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _paint_note(canvas: Canvas, note: Note, style: Style, size: tuple[float, float], taken: Sequence[Box]) -> Box:
    """Write a note, moved as far as it takes to stand inside the pane and beside the others; return where it is."""
    metrics = canvas.painter.fontMetrics()
    line, pad = float(metrics.height()), _pad(note)
    width = min(_width(canvas, note), max(size[0] - 4.0, 4 * pad))
    inner = int(width - 2 * pad) + 1
    texts = [metrics.elidedText(spoken(line), Qt.TextElideMode.ElideRight, inner) for line in note.lines]
    height = line * len(texts) + 2.0
    left = note.at.x + {1: 2.0, 0: -width / 2, -1: -width - 2.0}[note.across]
    top = note.at.y + {1: 3.0, 0: -height / 2, -1: -height - 2.0}[note.down]
    left = max(min(left, size[0] - width - 2.0), 2.0)
    top = max(min(top, size[1] - height - 2.0), 2.0)
    left = _beside(taken, left, top, width, height, size[0])
    color = ink(note.tone or style.color)
    if note.boxed:
        canvas.tag(QRectF(left, top, width, height), theme.color("raised"), color)
    else:
        plate = QColor(theme.color("surface"))
        plate.setAlpha(PLATE)
        canvas.box(left, top, width, height, plate)
    for number, text in enumerate(texts):
        canvas.text(left + pad, top + 1.0 + number * line, width, line, text, color, LEFT)
    return left, top, left + width, top + height


def _pad(note: Note) -> float:
    return 6.0 if note.boxed else 3.0


def _width(canvas: Canvas, note: Note) -> float:
    """Return how wide a note is with its margins."""
    metrics = canvas.painter.fontMetrics()
    return max(float(metrics.horizontalAdvance(spoken(line))) for line in note.lines) + 2 * _pad(note)


def _beside(taken: Sequence[Box], left: float, top: float, width: float, height: float, room: float) -> float:
    """Return the place nearest to `left` where a note covers none of those written before; `left` if there is none."""
    level = [box for box in taken if box[1] < top + height - 1 and top + 1 < box[3]]
    places = [left, *(box[2] + 2.0 for box in level), *(box[0] - width - 2.0 for box in level)]
    free = [
        x for x in places if 2.0 <= x <= room - width - 2.0 and all(x + width <= box[0] or box[2] <= x for box in level)
    ]
    return min(free, key=lambda x: abs(x - left)) if free else left
