"""Where a point goes: on the bar and price grid, on a bar's extreme by the magnet, on a slope of 45°; and moving.

Moving keeps what is not moved to the last digit: an anchor keeps its instant within its bar, and its price when a
drawing goes sideways only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from math import atan2, pi, tan

from crs_desktop.viewmodels.drawings.kinds import POSITIONS
from crs_desktop.viewmodels.drawings.outline import Point, distance
from crs_desktop.viewmodels.drawings.position import sound
from crs_desktop.viewmodels.drawings.prices import ticks
from crs_desktop.viewmodels.drawings.shape import Anchor, Shape
from crs_desktop.viewmodels.drawings.sight import Sight
from crs_desktop.viewmodels.series import Row

MAGNET_PX = 12.0
"""How near a price must be for the magnet to hold it."""
MOST_POINTS = 400
"""A brush stroke keeps at most so many points."""


def on_grid(sight: Sight, level: float) -> Decimal:
    """Return the tick nearest to a price, at least the first."""
    return sight.pair.price(max(1, round(level)))


def anchor_at(sight: Sight, x: float, y: float, row: Row | None = None) -> Anchor:
    """Return the anchor for a pixel: the opening instant of its bar; on the bar's nearest price if `row` is given."""
    held = None if row is None else magnet(sight, row, y)
    return Anchor(sight.start(sight.bar_at(x)), on_grid(sight, sight.price(y) if held is None else held))


def magnet(sight: Sight, row: Row, y: float) -> float | None:
    """Return the bar's open, high, low or close that is nearest to a pixel, None if none is near."""
    best = min((row.open, row.high, row.low, row.close), key=lambda price: abs(sight.y(price) - y))
    return best if abs(sight.y(best) - y) <= MAGNET_PX else None


def squared(sight: Sight, origin: Anchor, x: float, y: float) -> Anchor:
    """Return the anchor near a pixel that lies level, upright or at 45° from another one."""
    start = sight.x(origin.at), sight.y(ticks(sight.pair, origin.price))
    bar = sight.bar_at(x)
    dx, dy = sight.x(sight.start(bar)) - start[0], y - start[1]
    eighth = round(atan2(dy, dx) / (pi / 4))
    if eighth % 4 == 2:  # upright
        return Anchor(origin.at, on_grid(sight, sight.price(y)))
    if eighth % 4 == 0:
        return Anchor(sight.start(bar), origin.price)
    return Anchor(sight.start(bar), on_grid(sight, sight.price(start[1] + dx * tan(eighth * pi / 4))))


def shifted(sight: Sight, anchor: Anchor, bars: int, dy: float) -> Anchor:
    """Return an anchor moved by bars and by pixels (down is positive)."""
    price = anchor.price
    if dy:
        price = on_grid(sight, sight.price(sight.y(ticks(sight.pair, price)) + dy))
    if not bars:
        return Anchor(anchor.at, price)
    bar = sight.bar(anchor.at)
    within = min(max(anchor.at - sight.start(bar), 0), sight.step - 1)
    return Anchor(sight.start(bar + bars) + within, price)


def moved(shape: Shape, sight: Sight, bars: int, dy: float) -> Shape:
    """Return a drawing moved as a whole, by bars and pixels."""
    return replace(shape, anchors=tuple(shifted(sight, anchor, bars, dy) for anchor in shape.anchors))


def raised(shape: Shape, sight: Sight, steps: int) -> Shape:
    """Return a drawing moved up by ticks, as far as none of its prices leaves the grid."""
    tick = sight.pair.tick
    steps = max(steps, 1 - min(int(anchor.price / tick) for anchor in shape.anchors))
    by = sight.pair.price(steps)
    return replace(shape, anchors=tuple(anchor._replace(price=anchor.price + by) for anchor in shape.anchors))


def with_handle(shape: Shape, handle: int, anchor: Anchor, sight: Sight) -> Shape:
    """Return a drawing with one handle dragged to an anchor. Handles are in the order of its outline."""
    anchors = list(shape.anchors)
    if shape.kind == "rectangle" and handle >= 2:
        across, along = (1, 0) if handle == 2 else (0, 1)
        anchors[across] = anchors[across]._replace(at=anchor.at)
        anchors[along] = anchors[along]._replace(price=anchor.price)
    elif shape.kind == "brush":
        anchors[0 if handle == 0 else -1] = anchor
    elif shape.kind == "channel" and handle == 2:
        anchors[2] = anchor
    elif shape.kind in POSITIONS:
        return _position_with(shape, handle, anchor, sight)
    else:
        anchors[handle] = anchor
    return replace(shape, anchors=tuple(anchors))


def _position_with(shape: Shape, handle: int, anchor: Anchor, sight: Sight) -> Shape:
    """Drag entry, stop or target; a price that would pass another one stops a tick before it."""
    sign, tick = (1 if shape.kind == "long" else -1), sight.pair.tick
    entry, stop, target = shape.anchors
    price = anchor.price
    if handle == 0:
        low, high = sorted((stop.price, target.price))
        price = min(max(price, low + tick), high - tick)
        entry = Anchor(anchor.at, price)
    else:
        beyond = -sign if handle == 1 else sign  # on which side of the entry
        price = max(price, entry.price + tick) if beyond > 0 else min(price, entry.price - tick)
        moved_to = Anchor(anchor.at, max(price, tick))
        stop = moved_to if handle == 1 else stop._replace(at=anchor.at)
        target = moved_to if handle == 2 else target._replace(at=anchor.at)
    return replace(shape, anchors=(entry, stop, target))


def finished(shape: Shape, sight: Sight) -> Shape:
    """Return a drawing as it is kept once its points are placed."""
    return sound(sight.pair, shape) if shape.kind in POSITIONS else shape


def pasted(shape: Shape, new_id: str, sight: Sight, factor: float | None, bars: int) -> Shape:
    """Return a copy with an id of its own: prices times `factor` (another pair's level), moved by bars."""
    anchors = shape.anchors
    if factor is not None:
        scale = Decimal(factor)
        tick = sight.pair.tick
        anchors = tuple(each._replace(price=on_grid(sight, float(each.price * scale / tick))) for each in anchors)
    anchors = tuple(shifted(sight, each, bars, 0.0) for each in anchors)
    copy = replace(shape, id=new_id, anchors=anchors, locked=False, hidden=False)
    return finished(copy, sight) if factor is not None else copy


def thinned(stroke: Iterable[tuple[Point, Anchor]], tolerance: float = 1.0) -> tuple[Anchor, ...]:
    """Return the points of a brush stroke that it cannot do without (Ramer-Douglas-Peucker), at most `MOST_POINTS`."""
    drawn = list(stroke)
    while True:
        kept = _essential(drawn, tolerance)
        if len(kept) <= MOST_POINTS:
            return tuple(drawn[number][1] for number in kept)
        tolerance *= 2


def _essential(drawn: list[tuple[Point, Anchor]], tolerance: float) -> list[int]:
    kept, parts = {0, len(drawn) - 1}, [(0, len(drawn) - 1)]
    while parts:
        first, last = parts.pop()
        far, at = tolerance, None
        for number in range(first + 1, last):
            off = distance(*drawn[number][0], drawn[first][0], drawn[last][0])
            if off > far:
                far, at = off, number
        if at is not None:
            kept.add(at)
            parts += [(first, at), (at, last)]
    return sorted(kept)
