"""What a chart lays over its candles: the pair's drawings, the one in the making, handles, prices on the axis."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint
from PySide6.QtWidgets import QMenu

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.drawing.hand import Card, Hand
from crs_desktop.charts.drawing.keys import Keys
from crs_desktop.charts.drawing.menu import drawing_menu, offer_on_chart
from crs_desktop.charts.drawing.painter import ink, paint_dot, paint_handles, paint_outline
from crs_desktop.charts.drawing.picture import Picture
from crs_desktop.charts.drawing.sight import ChartSight, KnownBars
from crs_desktop.charts.labels import LEFT, AxisLabel
from crs_desktop.charts.overlay import Plane
from crs_desktop.i18n import spoken
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.base import Closable
from crs_desktop.viewmodels.drawings.geometry import outline
from crs_desktop.viewmodels.drawings.kinds import POSITIONS
from crs_desktop.viewmodels.drawings.outline import Outline, Point
from crs_desktop.viewmodels.drawings.position import near
from crs_desktop.viewmodels.drawings.shape import Shape
from crs_desktop.viewmodels.drawings.store import DrawingStore
from crs_desktop.viewmodels.drawings.worth import equity_in_quote

if TYPE_CHECKING:
    from crs_desktop.charts.chart_view import ChartView

MOST_LIVE = 3
"""Position tools that are painted in every frame even if the rest is a picture."""
MOST_LABELS = 12
"""Labels of drawings on the price axis; more would push those of orders away."""


class DrawingOverlay:
    """The drawings on one chart. Several charts share one store; hand and selection are each chart's own.

    `card` makes the card with the look of a drawing.
    """

    in_front = False  # an order's tag is to be read, whatever is drawn there

    def __init__(self, chart: ChartView, store: DrawingStore, card: Callable[[DrawingOverlay, Shape], Card]) -> None:
        self.chart, self.store, self.card = chart, store, card
        self._known = KnownBars()
        self._kept: tuple[object, ...] = ()
        self._shapes: tuple[Shape, ...] = ()
        self._outlines: list[tuple[Shape, Outline]] = []
        self._picture = Picture(chart, chart.update)
        self.hand = Hand(self)
        self.keys = Keys(self)
        self._pair = self.symbol
        self._links: list[Closable] = [
            chart.model.link.on_change(lambda _link: self._follow_pair()),
            store.on_change(self._changed),
            store.tools.on_change(self._changed),
        ]
        self.keys.claim()

    @property
    def symbol(self) -> str:
        """The pair on the chart."""
        return self.chart.model.pair.symbol

    @property
    def shown(self) -> list[tuple[str, Outline]]:
        """Ids and outlines as they were painted last, the front one last."""
        return [(shape.id, found) for shape, found in self._outlines]

    def close(self) -> None:
        """Follow the store no more; safe to call twice."""
        for link in self._links:
            link.close()
        self._picture.drop()
        self.hand.close()

    def sight(self, plane: Plane) -> ChartSight:
        """Return how drawings see the price pane now."""
        return ChartSight(plane, self._known, lambda: equity_in_quote(self.chart.model.desk, plane.pair))

    def find(self, shape_id: str | None) -> Shape | None:
        """Return a drawing of this chart as it is now: as dragged, if it is being dragged."""
        pending = self.hand.pending
        return pending if pending is not None and pending.id == shape_id else self.store.find(self.symbol, shape_id)

    # -- the overlay ------------------------------------------------------------------------------

    def paint(self, canvas: Canvas, plane: Plane) -> None:
        """Paint the drawings, then what is in the hand."""
        self._follow_pair()
        sight, hand = self.sight(plane), self.hand
        size = (sight.width, sight.height)
        lit = {hand.selected, hand.hovered.id if hand.hovered is not None else None}
        if self._picture.is_needed(len(self.store.shapes(self.symbol))):
            self._paint_picture(canvas, sight, lit)
        else:
            self._paint_all(canvas, sight, lit)
        for shape, found in self._outlines:
            if shape.id in lit:
                paint_handles(canvas, found, hand.handle if shape.id == hand.selected else None)
        preview = hand.preview(sight)
        if preview is not None and (made := outline(preview, sight)) is not None:
            paint_outline(canvas, made, preview.style, size, lit=False, held=True)
        if (dot := hand.next_point(sight)) is not None:
            paint_dot(canvas, dot, theme.color("focus"))
        self._paint_problem(canvas, sight)
        self.keys.claim()

    def labels(self, plane: Plane) -> list[AxisLabel]:
        """Return the prices of level lines, and of the selected drawing's points."""
        selected = self.find(self.hand.selected)
        level = [shape for shape, _ in self._outlines if shape.kind == "horizontal" and shape is not selected]
        found = [self._label(plane, shape, 0, 1) for shape in level]
        if selected is not None and not selected.hidden and selected.kind not in ("brush", "vertical"):
            found += [self._label(plane, selected, number, 2) for number in range(len(selected.anchors))]
        inside = [each for each in found if 0 <= each.y <= plane.frame.price_height]
        return inside[-MOST_LABELS:]

    def take(self, event: QEvent, plane: Plane) -> bool:
        """Handle an input event of the chart; False leaves it to the next."""
        self._follow_pair()
        return self.keys.take(event, plane) or self.hand.take(event, plane)

    def menu(self, at: QPoint) -> QMenu | None:
        """Return the menu of the drawing under a point of the chart, None if there is none."""
        found = self.hand.hit(at.x(), at.y())
        if found is None:
            return None
        self.hand.select(found.id)
        return drawing_menu(self, found.id)

    def offer(self, menu: QMenu) -> None:
        """Add to the chart's own menu what can be done with drawings here."""
        offer_on_chart(self, menu)

    # -- inside -----------------------------------------------------------------------------------

    def _paint_all(self, canvas: Canvas, sight: ChartSight, lit: set[str | None]) -> None:
        """Paint every drawing, and learn what it cost."""
        began = perf_counter()
        self._picture.drop()
        before, self._outlines = self._outlines, self._made(sight)
        for shape, found in self._outlines:
            paint_outline(canvas, found, shape.style, (sight.width, sight.height), lit=shape.id in lit)
        if self._outlines is not before:
            self._picture.measured(len(self.store.shapes(self.symbol)), (perf_counter() - began) * 1e3)

    def _paint_picture(self, canvas: Canvas, sight: ChartSight, lit: set[str | None]) -> None:
        """Copy the picture of all drawings; paint live what is pointed at, selected or dragged."""
        pending, transient = self.hand.pending, self.hand.transient
        aside = None if pending is None else pending.id
        hidden = self.store.tools.hide_all
        shapes = self.store.shapes(self.symbol)
        drawn = () if hidden else [each for each in shapes if not each.hidden and each.id != aside]
        money = [each.id for each in drawn if each.kind in POSITIONS][:MOST_LIVE]  # their figures follow the equity
        self._picture.paint(canvas, sight, drawn, (id(shapes), aside, hidden, self.symbol, theme.current(), sight.key))
        self._shapes = shapes
        live: list[tuple[Shape, Outline]] = []
        found = [self.find(each) for each in {*money, *lit, aside} - {None}] + [transient]
        for shape in found:
            if shape is not None and not shape.hidden and not hidden and (made := outline(shape, sight)) is not None:
                paint_outline(canvas, made, shape.style, (sight.width, sight.height), lit=shape.id in lit)
                live.append((shape, made))
        ids = {shape.id for shape, _ in live}
        self._outlines = [each for each in self._picture.outlines if each[0].id not in ids] + live

    def _made(self, sight: ChartSight) -> list[tuple[Shape, Outline]]:
        """Return the outlines of what is in view; those of the frame before if nothing moved."""
        shapes, pending, transient = self.store.shapes(self.symbol), self.hand.pending, self.hand.transient
        equity = sight.equity if any(shape.kind in POSITIONS for shape in shapes) else None
        key = (id(shapes), pending, transient, self.store.tools.hide_all, self.symbol, equity, sight.key)
        if key == self._kept:
            return self._outlines
        self._kept, self._shapes = key, shapes  # held, so that its identity stays its own
        if self.store.tools.hide_all:
            shapes = ()
        found = []
        for each in (*shapes, *((transient,) if transient is not None else ())):
            shape = pending if pending is not None and pending.id == each.id else each
            if not shape.hidden and (made := outline(shape, sight)) is not None:
                found.append((shape, made))
        return found

    def _label(self, plane: Plane, shape: Shape, number: int, rank: int) -> AxisLabel:
        ticks = near(plane.pair, shape.anchors[number].price)
        color = ink(shape.style.color)
        text = (fmt.price(plane.pair, ticks),)
        return AxisLabel(plane.view.y(ticks), text, theme.color("raised"), color, color, rank)

    def _paint_problem(self, canvas: Canvas, sight: ChartSight) -> None:
        """Say that drawings could not be read, or are not being saved."""
        text = spoken(self.store.problem)
        if not text:
            return
        line = float(canvas.painter.fontMetrics().height())
        at = Point(8.0, sight.height - line - 8.0)
        canvas.box(at.x - 4, at.y - 2, sight.width, line + 4, theme.color("surface"))
        canvas.text(at.x, at.y, sight.width - 16, line, text, theme.color("warn"), LEFT)

    def _follow_pair(self) -> None:
        """Let go of everything when another pair is shown; a line may be begun and ended on different timeframes."""
        if self.symbol != self._pair:
            self._pair = self.symbol
            self.hand.reset()
            self.keys.claim()

    def _changed(self, _what: object) -> None:
        self.hand.look()
        self.keys.claim()
        self.chart.update()
