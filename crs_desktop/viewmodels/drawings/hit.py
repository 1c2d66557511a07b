"""What is under the pointer: a drawing, one of its handles."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot
from typing import NamedTuple

from crs_desktop.viewmodels.drawings.outline import Outline, distance, inside

REACH = 6.0
"""How near the pointer must come to a line, px."""
GRIP = 9.0
"""How near to a handle."""


class Hit(NamedTuple):
    """A drawing under the pointer; `handle` is the one that would be dragged, None for the whole."""

    id: str
    handle: int | None


def away(outline: Outline, x: float, y: float, *, grab_inside: bool) -> float:
    """Return how far a point is from a drawing, px; 0 in its notes, and in its areas if they can be grabbed."""
    if any(left <= x <= right and top <= y <= bottom for left, top, right, bottom in outline.boxes):
        return 0.0
    if (grab_inside or outline.solid) and any(inside(x, y, area.points) for area in outline.areas):
        return 0.0
    return min((distance(x, y, stroke.a, stroke.b) for stroke in outline.strokes), default=float("inf"))


def handle_at(outline: Outline, x: float, y: float) -> int | None:
    """Return the nearest handle under a point."""
    best, found = GRIP, None
    for number, (hx, hy) in enumerate(outline.handles):
        if (far := hypot(hx - x, hy - y)) <= best:
            best, found = far, number
    return found


def hit(shown: Sequence[tuple[str, Outline]], selected: str | None, x: float, y: float) -> Hit | None:
    """Return what is under a point, the front one of several; handles of the selected drawing come first.

    Args:
        shown: ids and outlines as they were painted, the front one last.
        selected: id of the drawing whose handles are shown.
        x: px from the left of the pane.
        y: px from its top.
    """
    for shape_id, outline in shown:
        if shape_id == selected and (handle := handle_at(outline, x, y)) is not None:
            return Hit(shape_id, handle)
    for shape_id, outline in reversed(shown):
        if away(outline, x, y, grab_inside=shape_id == selected) <= REACH:
            return Hit(shape_id, handle_at(outline, x, y))
    return None
