"""What each kind of drawing looks like on a pane. Pure arithmetic in logical pixels; no Qt.

Lines are straight on the screen between their anchors, on every scale; levels are straight in price. A drawing that is
wholly outside the pane has no outline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from math import atan2, cos, sin

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.drawings.figures import level_text, measure_lines, plain, position_notes
from crs_desktop.viewmodels.drawings.outline import FAR, MARGIN, Area, Note, Outline, Point, Stroke, stretched
from crs_desktop.viewmodels.drawings.position import near, plan
from crs_desktop.viewmodels.drawings.prices import levels, ticks
from crs_desktop.viewmodels.drawings.shape import Shape
from crs_desktop.viewmodels.drawings.sight import Sight
from crs_desktop.viewmodels.words import Sentence

HEAD = 12.0
"""Length of an arrow's head, px."""
SPREAD = 0.42
"""Half of its angle, radians."""


def points(shape: Shape, sight: Sight) -> list[Point]:
    """Return where the anchors are."""
    tick = float(sight.pair.tick)
    return [Point(sight.x(anchor.at), sight.y(float(anchor.price) / tick)) for anchor in shape.anchors]


def outline(shape: Shape, sight: Sight) -> Outline | None:
    """Return what to draw, None if nothing of it is in the pane."""
    where = points(shape, sight)
    if shape.kind in _BOUNDED and _outside(where, sight):
        return None
    found = _MAKERS[shape.kind](shape, where, sight)
    if not (found.strokes or found.areas or found.notes):
        return None
    found.handles = found.handles or where
    return found


def _outside(where: Sequence[Point], sight: Sight) -> bool:
    """Whether the box round some points misses the pane by more than a note may reach back into it."""
    xs, ys = [point.x for point in where], [point.y for point in where]
    return max(xs) < -MARGIN or min(xs) > sight.width + MARGIN or max(ys) < -MARGIN or min(ys) > sight.height + MARGIN


def _cut(strokes: Iterable[Stroke], sight: Sight) -> list[Stroke]:
    """Return strokes without what is far outside."""
    found = []
    for stroke in strokes:
        (ax, ay), (bx, by) = stroke.a, stroke.b
        if -FAR < ax < FAR and -FAR < ay < FAR and -FAR < bx < FAR and -FAR < by < FAR:
            found.append(stroke)
        elif (part := stretched(stroke.a, stroke.b, sight.width, sight.height, back=False, on=False)) is not None:
            found.append(stroke._replace(a=part[0], b=part[1]))
    return found


def _line(*, back: bool, on: bool) -> Maker:
    def make(_shape: Shape, where: list[Point], sight: Sight) -> Outline:
        part = stretched(where[0], where[1], sight.width, sight.height, back=back, on=on)
        return Outline() if part is None else Outline([Stroke(*part)])

    return make


def _horizontal(_shape: Shape, where: list[Point], sight: Sight) -> Outline:
    x, y = where[0]
    if not -MARGIN <= y <= sight.height + MARGIN:
        return Outline()
    grip = Point(min(max(x, MARGIN), sight.width - MARGIN), y)
    return Outline([Stroke(Point(0.0, y), Point(sight.width, y))], handles=[grip])


def _vertical(_shape: Shape, where: list[Point], sight: Sight) -> Outline:
    x = where[0].x
    if not -MARGIN <= x <= sight.width + MARGIN:
        return Outline()
    return Outline([Stroke(Point(x, 0.0), Point(x, sight.height))], handles=[Point(x, sight.height / 2)])


def _channel(_shape: Shape, where: list[Point], sight: Sight) -> Outline:
    a, b, c = where[0], where[1], where[-1]
    if a.x == b.x:
        dx, dy = c.x - a.x, 0.0
    else:
        dx, dy = 0.0, c.y - (a.y + (b.y - a.y) * (c.x - a.x) / (b.x - a.x))
    d, e = Point(a.x + dx, a.y + dy), Point(b.x + dx, b.y + dy)
    if _outside((a, b, d, e), sight):
        return Outline()
    middle = Stroke(Point(a.x + dx / 2, a.y + dy / 2), Point(b.x + dx / 2, b.y + dy / 2), thin=True, dashed=True)
    grips = [a, b, Point((d.x + e.x) / 2, (d.y + e.y) / 2)]
    return Outline(_cut((Stroke(a, b), Stroke(d, e), middle), sight), [Area((a, b, e, d))], handles=grips)


def _pitchfork(_shape: Shape, where: list[Point], sight: Sight) -> Outline:
    a, b, c = where[0], where[1], where[-1]
    middle = Point((b.x + c.x) / 2, (b.y + c.y) / 2)
    dx, dy = middle.x - a.x, middle.y - a.y
    prongs = [(a, middle)] + [(tine, Point(tine.x + dx, tine.y + dy)) for tine in (b, c)]
    found = [stretched(*prong, sight.width, sight.height, back=False, on=True) for prong in prongs]
    strokes = [Stroke(*part) for part in found if part is not None]
    cross = stretched(b, c, sight.width, sight.height, back=False, on=False)
    return Outline(strokes if cross is None else [*strokes, Stroke(*cross, thin=True, dashed=True)])


def _fibonacci(shape: Shape, where: list[Point], sight: Sight) -> Outline:
    left, right = min(p.x for p in where), max(p.x for p in where)
    rows = [(sight.y(ticks(sight.pair, price)), ratio, price) for ratio, price in levels(shape)]
    corners = [Point(x, y) for x in (left, right) for y, _, _ in rows]
    if _outside(where + corners, sight):
        return Outline()
    strokes = [Stroke(Point(left, y), Point(right, y)) for y, _, _ in rows]
    strokes += [Stroke(a, b, thin=True, dashed=True) for a, b in pairwise(where)]
    areas = [
        Area((Point(left, y), Point(right, y), Point(right, below), Point(left, below)), share=1.0 + number % 2)
        for number, ((y, _, _), (below, _, _)) in enumerate(pairwise(rows))
    ]
    notes = [
        Note(Point(left, y), (level_text(sight.pair, ratio, price),), across=1)
        for y, ratio, price in rows
        if -MARGIN <= y <= sight.height + MARGIN
    ]
    return Outline(_cut(strokes, sight), areas, notes)


def _box(a: Point, b: Point) -> tuple[Point, ...]:
    return a, Point(b.x, a.y), b, Point(a.x, b.y)


def _sides(box: tuple[Point, ...]) -> list[Stroke]:
    return [Stroke(box[number - 1], box[number]) for number in range(4)]


def _rectangle(_shape: Shape, where: list[Point], sight: Sight) -> Outline:
    box = _box(*where)
    return Outline(_cut(_sides(box), sight), [Area(box)], handles=[box[0], box[2], box[1], box[3]])


def _brush(_shape: Shape, where: list[Point], sight: Sight) -> Outline:
    strokes = _cut((Stroke(a, b) for a, b in pairwise(where)), sight)
    return Outline(strokes, handles=[where[0], where[-1]])


def _arrow(_shape: Shape, where: list[Point], sight: Sight) -> Outline:
    a, b = where
    strokes = [Stroke(a, b)]
    if a != b:
        angle = atan2(a.y - b.y, a.x - b.x)
        ends = [Point(b.x + HEAD * cos(angle + turn), b.y + HEAD * sin(angle + turn)) for turn in (-SPREAD, SPREAD)]
        strokes += [Stroke(b, end) for end in ends]
    return Outline(_cut(strokes, sight))


def _text(shape: Shape, where: list[Point], _sight: Sight) -> Outline:
    return Outline(notes=[Note(where[0], _written(shape) or (plain("…"),), across=0, down=0)])


def _written(shape: Shape) -> tuple[Sentence, ...]:
    """Return the lines the user wrote."""
    return tuple(plain(line) for line in shape.style.text.splitlines())


def _label(shape: Shape, where: list[Point], sight: Sight) -> Outline:
    x, y = where[0]
    price = fmt.price(sight.pair, near(sight.pair, shape.anchors[0].price))
    lines = (plain(price), *_written(shape))
    stem = Stroke(where[0], Point(x + 12.0, y - 12.0), thin=True)
    return Outline([stem], notes=[Note(stem.b, lines, across=1, boxed=True)])


def _measure(shape: Shape, where: list[Point], sight: Sight) -> Outline:
    a, b = where
    tone = "up_text" if shape.anchors[1].price >= shape.anchors[0].price else "down_text"
    middle = Point((a.x + b.x) / 2, (a.y + b.y) / 2)
    strokes = [edge._replace(tone=tone, thin=True) for edge in _sides(_box(a, b))]
    strokes += [
        Stroke(Point(a.x, middle.y), Point(b.x, middle.y), tone, thin=True, dashed=True),
        Stroke(Point(middle.x, a.y), Point(middle.x, b.y), tone, thin=True),
    ]
    side = -1 if b.y <= a.y else 1
    note = Note(Point(middle.x, b.y), measure_lines(sight, *shape.anchors), 0, side, tone, boxed=True)
    return Outline(_cut(strokes, sight), [Area(_box(a, b), tone)], [note], solid=True)


def _position(shape: Shape, where: list[Point], sight: Sight) -> Outline:
    entry, stop, target = where
    if _outside((entry, stop, target), sight):
        return Outline()
    left, right = entry.x, stop.x
    strokes = [
        Stroke(Point(left, y), Point(right, y), tone)
        for y, tone in ((target.y, "up_text"), (stop.y, "down_text"), (entry.y, "text_muted"))
    ]
    areas = [
        Area(_box(Point(left, entry.y), Point(right, y)), tone)
        for y, tone in ((target.y, "up_text"), (stop.y, "down_text"))
    ]
    middle = (left + right) / 2
    up = -1 if target.y <= stop.y else 1
    room = max(abs(right - left), 1.0)
    texts = position_notes(sight.pair, plan(sight.pair, shape, sight.equity))
    notes = [
        Note(Point(middle, target.y), texts[0], 0, up, "up_text", boxed=True, room=room),
        Note(Point(middle, entry.y), texts[1], 0, 0, "text", boxed=True, room=room),
        Note(Point(middle, stop.y), texts[2], 0, -up, "down_text", boxed=True, room=room),
    ]
    grips = [Point(left, entry.y), Point(right, stop.y), Point(right, target.y)]
    return Outline(_cut(strokes, sight), areas, notes, grips, solid=True)


Maker = Callable[[Shape, list[Point], Sight], Outline]

_BOUNDED = frozenset({"trend", "rectangle", "brush", "arrow", "measure", "text", "label"})
"""Kinds that lie in the box round their anchors; the others make their own. Notes are moved into the pane."""
_MAKERS: dict[str, Maker] = {
    "trend": _line(back=False, on=False),
    "ray": _line(back=False, on=True),
    "extended": _line(back=True, on=True),
    "horizontal": _horizontal,
    "vertical": _vertical,
    "channel": _channel,
    "pitchfork": _pitchfork,
    "fibonacci": _fibonacci,
    "extension": _fibonacci,
    "rectangle": _rectangle,
    "brush": _brush,
    "arrow": _arrow,
    "text": _text,
    "label": _label,
    "long": _position,
    "short": _position,
    "measure": _measure,
}
