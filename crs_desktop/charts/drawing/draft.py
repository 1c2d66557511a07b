"""A drawing in the making: points that are placed, and the one that follows the pointer."""

from __future__ import annotations

from dataclasses import dataclass, field

from crs_desktop.viewmodels.drawings.kinds import POSITIONS, Kind
from crs_desktop.viewmodels.drawings.outline import Point
from crs_desktop.viewmodels.drawings.place import finished, thinned
from crs_desktop.viewmodels.drawings.shape import Anchor, Shape, Style
from crs_desktop.viewmodels.drawings.sight import Sight

DRAFT = "draft"
"""The id of what is not kept yet."""


@dataclass(slots=True)
class Draft:
    """Points so far; `stroke` are those of a brush."""

    kind: Kind
    placed: list[Anchor] = field(default_factory=list)
    stroke: list[tuple[Point, Anchor]] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether every point is placed."""
        return bool(self.kind.clicks) and len(self.placed) >= self.kind.clicks

    def place(self, anchor: Anchor) -> bool:
        """Place the next point; False if it is where the last one is, which makes no line."""
        if self.placed and anchor == self.placed[-1]:
            return False
        self.placed.append(anchor)
        return True

    def shape(self, style: Style, pointer: Anchor | None, sight: Sight) -> Shape | None:
        """Return what it would be with the pointer as all points that are missing; None if there is nothing yet."""
        if not self.kind.clicks:
            points = tuple(anchor for _, anchor in self.stroke)
            return Shape(DRAFT, self.kind.name, points, style) if len(points) > 1 else None
        last = pointer if pointer is not None else (self.placed[-1] if self.placed else None)
        if last is None or (self.kind.clicks > 1 and not self.placed):
            return None
        placed = self.placed[: self.kind.clicks]
        count = 2 if self.kind.name in POSITIONS else self.kind.anchors
        points = (*placed, *[last] * (count - len(placed)))
        return finished(Shape(DRAFT, self.kind.name, points, style), sight)

    def brushed(self, style: Style) -> Shape | None:
        """Return the stroke of a brush with the points it needs; None if it is a mere dot."""
        if len(self.stroke) < 2:
            return None
        return Shape(DRAFT, self.kind.name, thinned(self.stroke), style)
