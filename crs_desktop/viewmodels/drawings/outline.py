"""What a drawing consists of on the pane: lines, areas, notes and handles, in logical pixels."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import hypot
from typing import NamedTuple

from crs_desktop.viewmodels.words import Sentence

FAR = 8_000.0
"""Lines that reach further are cut to the pane: painters lose their grip on huge coordinates."""
MARGIN = 16.0


class Point(NamedTuple):
    """A place on the pane."""

    x: float
    y: float


class Stroke(NamedTuple):
    """A straight line; without a tone it has the drawing's own colour. `thin` is a line of 1 px whatever the style."""

    a: Point
    b: Point
    tone: str = ""
    thin: bool = False
    dashed: bool = False


class Area(NamedTuple):
    """A filled polygon; `share` of the style's opacity."""

    points: tuple[Point, ...]
    tone: str = ""
    share: float = 1.0


class Note(NamedTuple):
    """Lines of text at a point; `across` and `down` say on which side of it: -1, 0 or 1."""

    at: Point
    lines: tuple[Sentence, ...]
    across: int = 1
    down: int = -1
    tone: str = ""
    boxed: bool = False
    room: float = 0.0
    """Wider than this, px, it is written only while the drawing is pointed at, selected or in the hand; 0 always."""


@dataclass(slots=True)
class Outline:
    """A drawing on the pane; `boxes` (left, top, right, bottom) are where its notes were written."""

    strokes: list[Stroke] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    handles: list[Point] = field(default_factory=list)
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    solid: bool = False
    """Whether the inside of its areas can be grabbed as well."""


def stretched(a: Point, b: Point, width: float, height: float, *, back: bool, on: bool) -> tuple[Point, Point] | None:
    """Return the line through two points cut to the pane (and a margin), drawn on beyond `a`, `b` or both.

    None if nothing of it is in the pane. Two equal points are a line of no length.
    """
    dx, dy = b.x - a.x, b.y - a.y
    begin, end = (float("-inf") if back else 0.0), (float("inf") if on else 1.0)
    if not dx and not dy:
        begin, end = 0.0, 0.0
    for delta, low, high in ((dx, -MARGIN - a.x, width + MARGIN - a.x), (dy, -MARGIN - a.y, height + MARGIN - a.y)):
        if delta == 0.0:
            if low > 0.0 or high < 0.0:
                return None
            continue
        one, other = low / delta, high / delta
        begin, end = max(begin, min(one, other)), min(end, max(one, other))
    if begin > end:
        return None
    return Point(a.x + begin * dx, a.y + begin * dy), Point(a.x + end * dx, a.y + end * dy)


def distance(x: float, y: float, a: Point, b: Point) -> float:
    """Return how far a point is from a line between two others, px."""
    dx, dy = b.x - a.x, b.y - a.y
    square = dx * dx + dy * dy
    part = 0.0 if square == 0.0 else min(max(((x - a.x) * dx + (y - a.y) * dy) / square, 0.0), 1.0)
    return hypot(x - a.x - part * dx, y - a.y - part * dy)


def inside(x: float, y: float, polygon: tuple[Point, ...]) -> bool:
    """Whether a point is in a polygon (even-odd)."""
    found = False
    before = polygon[-1]
    for corner in polygon:
        if (corner.y > y) != (before.y > y):
            cross = corner.x + (y - corner.y) * (before.x - corner.x) / (before.y - corner.y)
            found ^= x < cross
        before = corner
    return found
