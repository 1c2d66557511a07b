"""The crosshair of a link group: where another chart points, shown in this one at the same instant and price."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

from crs_desktop.charts.crosshair import paint_crosshair, paint_crosshair_tags
from crs_desktop.charts.frame import Zone
from crs_desktop.charts.overlay import Plane
from crs_desktop.charts.scale import NumberGrid, instant_text
from crs_desktop.viewmodels.link import Cursor
from crs_desktop.viewmodels.time_zone import chosen

if TYPE_CHECKING:
    from crs_desktop.charts.canvas import Canvas

NOWHERE = -1e6
"""A pixel that no pane shows."""


def cursor_at(plane: Plane, x: float, y: float) -> Cursor | None:
    """Return what a point of a chart means to the others of its group, None outside the panes."""
    zone = plane.frame.zone(x, y)
    if zone not in (Zone.PLOT, Zone.SUBPANE, Zone.DIVIDER):
        return None
    instant = plane.series.start(floor(plane.view.bar(x)))
    return Cursor(instant, plane.view.price(y) if zone is Zone.PLOT else None, plane.pair.symbol)


def place_of(plane: Plane, cursor: Cursor) -> tuple[int, float | None, float | None]:
    """Return the bar that contains the cursor's instant, the pixel of its middle, and that of the price.

    A pixel is None where it is not on the screen; a price of another pair is nowhere.
    """
    bar = plane.series.index_at(cursor.instant)
    x = plane.view.x(bar + 0.5)
    y = plane.view.y(cursor.price) if cursor.price is not None and cursor.symbol == plane.pair.symbol else NOWHERE
    inside = 0 <= x < plane.frame.plot_width
    return bar, x if inside else None, y if 0 <= y < plane.frame.price_height else None


def paint_shared_lines(canvas: Canvas, plane: Plane, cursor: Cursor) -> None:
    """Draw the lines, as far as they are on the screen."""
    _, x, y = place_of(plane, cursor)
    paint_crosshair(canvas, plane.frame, *_drawn_at(plane, x, y))


def paint_shared_tags(canvas: Canvas, plane: Plane, cursor: Cursor) -> None:
    """Write the tags on both axes, as far as their places are on the screen."""
    bar, x, y = place_of(plane, cursor)
    value = "" if y is None else NumberGrid.of_price(plane.pair).text(round(plane.view.price(y)))
    instant = "" if x is None else instant_text(plane.series.start(bar), plane.series.step, chosen())
    paint_crosshair_tags(canvas, plane.frame, *_drawn_at(plane, x, y), value, instant)


def _drawn_at(plane: Plane, x: float | None, y: float | None) -> tuple[float, float]:
    """Return where a cross is drawn: what is not on the screen beside or below the panes, with no line and no tag."""
    return NOWHERE if x is None else x, plane.frame.height if y is None else y
