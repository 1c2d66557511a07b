"""Our fills on the chart: triangles that tell their story under the pointer; a click asks why they filled.

However many there are, no more are painted than can be told apart: fills of a side within the same few pixels are one
triangle, the newest of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.crosshair import paint_box
from crs_desktop.charts.labels import AxisLabel
from crs_desktop.charts.overlay import Plane
from crs_desktop.charts.viewport import Viewport
from crs_desktop.i18n import spoken
from crs_desktop.viewmodels.chart_fills import ChartFills
from crs_desktop.viewmodels.series import BarSeries
from engine.domain.event import OrderFilled
from engine.domain.order import OrderId, Side

HALF = 5.0
"""Half the width of a fill's triangle, px."""
CELL = 3.0
"""Fills of a side within so many pixels are one triangle."""
REACH = 8.0
"""How near the pointer must come to a mark, px."""


@dataclass(frozen=True, slots=True)
class OrderTag:
    """A painted gutter tag, to be hit."""

    order_id: OrderId
    rect: QRectF


@dataclass(frozen=True, slots=True)
class FillSpot:
    """A painted fill (the newest of those at its place), to be hit; `y` is the tip of the triangle."""

    x: float
    y: float
    fill: OrderFilled
    count: int


class FillMarks:
    """The overlay of our fills; `hover` says where the pointer is."""

    def __init__(self, model: ChartFills, hover: Callable[[], tuple[float, float] | None]) -> None:
        self._model, self._hover = model, hover
        self.spots: list[FillSpot] = []
        self._key: tuple[object, ...] = ()
        self._pressed: FillSpot | None = None

    def paint(self, canvas: Canvas, plane: Plane) -> None:
        """Paint the triangles, and the story of the one under the pointer."""
        fills = self._model.fills
        key = (id(fills), len(fills), id(plane.series), plane.series.first, plane.series.stop, *_scale(plane.view))
        if key != self._key:
            self.spots, self._key = visible_fills(fills, plane.series, plane.view), key
        paint_fills(canvas, self.spots, plane.frame.price_height)
        hover = self._hover()
        spot = spot_at(self.spots, *hover) if hover is not None else None
        if spot is not None:
            lines = [spoken(each) for each in self._model.story(spot.fill, spot.count)]
            paint_box(canvas, plane.frame, spot.x, spot.y, lines)

    def labels(self, _plane: Plane) -> list[AxisLabel]:
        """Fills have none."""
        return []

    def take(self, event: QEvent, _plane: Plane) -> bool:
        """Ask why, on a click on a triangle that does not become a drag."""
        if not isinstance(event, QMouseEvent) or event.button() is not Qt.MouseButton.LeftButton:
            return False
        at: QPointF = event.position()
        spot = spot_at(self.spots, at.x(), at.y())
        if event.type() == QEvent.Type.MouseButtonPress:
            self._pressed = spot
        elif event.type() == QEvent.Type.MouseButtonRelease:
            before, self._pressed = self._pressed, None
            if spot is not None and spot is before:
                self._model.ask_why(spot.fill)
        return False


def _scale(view: Viewport) -> tuple[float, ...]:
    return view.left, view.bar_px, view.width, view.height, view.y(0.0), view.y(1e6)


def visible_fills(fills: Sequence[OrderFilled], series: BarSeries, view: Viewport) -> list[FillSpot]:
    """Return one spot per side and cell of pixels for the fills on screen; `fills` is oldest first."""
    since, until = series.start(int(view.left) - 1), series.start(int(view.right) + 2)
    begin = bisect_left(fills, since, key=lambda fill: fill.at)
    end = bisect_left(fills, until, key=lambda fill: fill.at)
    spots: dict[tuple[int, int, Side], FillSpot] = {}
    for fill in fills[begin:end]:
        x = view.x(series.index_at(fill.at) + 0.5)
        y = view.y(fill.price)
        key = (round(x / CELL), round(y / CELL), fill.side)
        before = spots.get(key)
        spots[key] = FillSpot(x, y, fill, 1 if before is None else before.count + 1)
    return list(spots.values())


def paint_fills(canvas: Canvas, spots: Sequence[FillSpot], height: float) -> None:
    """Draw triangles that point at the price: a buy from below, a sell from above."""
    edge = theme.color("surface")
    for spot in spots:
        if not -20 <= spot.y <= height + 20:
            continue
        buy = spot.fill.side is Side.BUY
        base = spot.y + (9.0 if buy else -9.0)
        points = [(spot.x, spot.y), (spot.x - HALF, base), (spot.x + HALF, base)]
        canvas.polygon(points, theme.color("up_text" if buy else "down_text"), edge)


def spot_at(spots: Sequence[FillSpot], x: float, y: float) -> FillSpot | None:
    """Return the fill under the pointer."""
    near = [spot for spot in spots if abs(spot.x - x) <= REACH and -REACH <= _inward(spot, y) <= REACH + 6]
    return min(near, key=lambda spot: abs(spot.x - x) + abs(spot.y - y), default=None)


def _inward(spot: FillSpot, y: float) -> float:
    return y - spot.y if spot.fill.side is Side.BUY else spot.y - y
