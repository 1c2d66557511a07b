"""The trading overlay of a chart: paints what `ChartOrders` says, and hands mouse and keys to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.crosshair import paint_box
from crs_desktop.charts.frame import Frame, Zone
from crs_desktop.charts.labels import CENTRE, AxisLabel
from crs_desktop.charts.marks import OrderTag
from crs_desktop.charts.overlay import Plane
from crs_desktop.charts.trading.column import WIDE, Box, draft_boxes, paint_column, paint_draft_levels, position_box
from crs_desktop.charts.trading.details import line_details
from crs_desktop.charts.trading.edges import Mark, off_screen, paint_edges
from crs_desktop.charts.trading.ghost_lines import paint_ghost
from crs_desktop.charts.trading.hits import Act, Hit, hit_at
from crs_desktop.charts.trading.keys import Keys
from crs_desktop.charts.trading.order_lines import TAG_LEFT, Pen, foremost, on_screen, paint_lines, tone
from crs_desktop.charts.trading.pointer import Pointer
from crs_desktop.charts.trading.tag import Look, Piece, TagPainter, tag_height, wrapped
from crs_desktop.charts.viewport import Viewport
from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.chart_draft import DraftLine, draft_lines
from crs_desktop.viewmodels.chart_orders import ChartOrders
from crs_desktop.viewmodels.words import say
from engine.domain.order import OrderId, Side

LABELS = 12
"""Orders that have their price on the axis; the others have it in their tag's details."""
PLUS = 16.0
"""Side of the button at the crosshair's price."""
FADE_MS = (3_050, 8_050)
"""When something that was painted is over: an Undo, a reason."""


class Chart(Protocol):
    """What the overlay needs of the chart it lies on (a widget)."""

    view: Viewport
    frame: Frame
    hover: tuple[float, float] | None
    selected: OrderId | None
    tags: list[OrderTag]

    def moved(self) -> None:
        """Repaint after the view was changed."""
        ...


class TradingOverlay:
    """Order lines and everything that trades on one chart; `close` ends it."""

    def __init__(self, chart: QWidget, model: ChartOrders) -> None:
        self.widget, self.model = chart, model
        self.chart: Chart = chart  # type: ignore[assignment]
        self.hits: list[Hit] = []
        self.pointer, self.keys = Pointer(self), Keys(self)
        self._tags = TagPainter()
        self._draft: dict[str, DraftLine] = {}
        self._edges: tuple[list[Mark], list[Mark]] = ([], [])
        self._chosen: OrderId | None = None
        self._said = ""
        self._link = model.on_change(lambda _none: self._changed())

    def close(self) -> None:
        """Listen no more, and close the model."""
        self._link.close()
        self.model.close()

    # -- the overlay protocol -----------------------------------------------------------------------

    def paint(self, canvas: Canvas, plane: Plane) -> None:
        """Paint lines, ghosts, the new order, the position, arrows, and the button at the crosshair."""
        model, chart = self.model, self.chart
        model.fold()
        if chart.selected is not None and model.line(chart.selected) is None:  # it has ended
            chart.selected = None
        self._draft = draft_lines(model.draft) if model.draft is not None else {}
        self._edges = off_screen(plane, self._marks(plane))
        pen = self._pen(canvas, plane)
        undo = model.amends.can_undo
        undone = undo.order_id if undo is not None else ""
        painted = paint_lines(pen, model.lines, chart.selected, undone, self._near(plane))
        hits = painted.hits
        if model.position is not None and on_screen(plane, model.position.at):
            canvas.horizontal(plane.view.y(model.position.at), 0, plane.frame.plot_width, theme.color("accent"))
        hits += paint_draft_levels(canvas, plane, self._draft)
        edges = paint_edges(canvas, plane, *self._edges)
        hits += edges
        hits += paint_column(pen, self._boxes(plane), [each for each in painted.tags.values() if each.width()])
        for ghost in model.amends.ghosts.values():
            hits += paint_ghost(pen, ghost, painted.tags.get((ghost.line.order_id, ghost.line.field)))
        hits += self._paint_notice(pen)
        hits += self._paint_plus(canvas, plane)
        self.hits = hits
        firsts = {(line.order_id, line.field) for line in model.lines if not line.is_limit_of_stop}
        tags = [OrderTag(OrderId(key), rect) for (key, name), rect in painted.tags.items() if (key, name) in firsts]
        chart.tags = tags + [OrderTag(OrderId(hit.key), hit.rect) for hit in edges if hit.key]
        self._paint_hover(canvas, plane)
        self.keys.claim()
        self._say_chosen()

    def labels(self, plane: Plane) -> list[AxisLabel]:
        """Return the prices of all that is on screen, for the axis."""
        model, pair = self.model, plane.pair
        shown = [line for line in model.lines if on_screen(plane, line.at)]
        shown = foremost(shown, LABELS, (self.chart.selected or "",), self._near(plane))
        levels: list[tuple[int, str, int]] = [(line.at, tone(line.side), 1) for line in shown]
        if model.position is not None:
            levels.append((round(model.position.at), "accent", 1))
        levels += [(ghost.at, "accent", 2) for ghost in model.amends.ghosts.values() if ghost.moved]
        levels += [(line.at, line.tone, 2) for line in self._draft.values()]
        fill = theme.color("raised")
        return [
            AxisLabel(plane.view.y(at), (fmt.price(pair, at),), fill, theme.color(ink), theme.color(ink), rank)
            for at, ink, rank in levels
            if on_screen(plane, at)
        ]

    def take(self, event: QEvent, plane: Plane) -> bool:
        """Handle mouse and keys that mean a line, a button or an answer."""
        return self.pointer.take(event, plane) or self.keys.take(event)

    # -- for pointer, keys and actions --------------------------------------------------------------

    def hit(self, at: QPointF) -> Hit | None:
        """Return what of ours is under a point."""
        return hit_at(self.hits, at)

    def show_level(self, level: float) -> None:
        """Scale the prices so that a level is in view."""
        view = self.chart.view
        view.auto = False
        view.fit(min(view.low, level), max(view.high, level), exact=True)
        self.chart.moved()

    def price_here(self) -> float | None:
        """Return the price at the crosshair; None without one in the price pane."""
        chart = self.chart
        if chart.hover is None or chart.frame.zone(*chart.hover) is not Zone.PLOT:
            return None
        return chart.view.price(chart.hover[1])

    def focus(self) -> None:
        """Take the keyboard."""
        self.widget.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def place(self, side: Side) -> None:
        """Begin a new order of a side at the crosshair, or at the best price of that side without one."""
        price = self.price_here()
        if price is None:
            price = self.model.best_price(side)
        if price is not None:
            self.model.place_at(side, price)

    def offer(self, price: float, at: QPoint) -> None:
        """Open the menu of what can be placed at a price."""
        from crs_desktop.charts.trading.offer_menu import offer_menu

        offer_menu(self.widget, self.model, price).popup(self.widget.mapToGlobal(at))

    # -- inside -------------------------------------------------------------------------------------

    def _near(self, plane: Plane) -> float:
        """Return the price that matters most: the last one, or the middle of the screen."""
        last = self.model.desk.market_data.last_price(plane.pair.symbol)
        return plane.view.price(plane.frame.price_height / 2) if last is None else float(last)

    def _pen(self, canvas: Canvas, plane: Plane) -> Pen:
        above, below = self._edges
        edge = tag_height(canvas) + 4.0
        top = plane.view.top_px + (edge if above else 0.0)
        return Pen(canvas, plane, self._tags, top, plane.frame.price_height - 4.0 - (edge if below else 0.0))

    def _boxes(self, plane: Plane) -> list[Box]:
        model = self.model
        boxes = draft_boxes(model.draft, self._draft) if model.draft is not None else []
        if model.position is not None:
            guarded = {Act.PULL_STOP, Act.PULL_TARGET} if model.draft is not None else self._guarded()
            wide, near = plane.frame.plot_width >= WIDE, self._is_near(plane, model.position.at)
            boxes.append(position_box(model.position, model.buttons.question, guarded, wide=wide, near=near))
        return boxes

    def _guarded(self) -> set[Act]:
        """Return the handles that are not offered: what guards the position already is moved by its own line."""
        alive = [line for line in self.model.lines if line.record.starts_after is None]
        lists = [line for line in alive if line.list_id is not None and line.profit is not None]
        return {Act.PULL_STOP, Act.PULL_TARGET} if lists else set()

    def _is_near(self, plane: Plane, at: float) -> bool:
        hover = self.chart.hover
        return hover is not None and abs(hover[1] - plane.view.y(at)) < 32

    def _marks(self, plane: Plane) -> Iterator[Mark]:
        """Yield what of ours is off screen."""
        model = self.model
        for line in model.lines:
            if not line.is_limit_of_stop and not on_screen(plane, line.at):
                yield Mark(line.at, line.title, line.order_id)
        if model.position is not None:
            yield Mark(model.position.at, say("Position, average cost"))
        for leg in list(self._draft.values())[1:]:  # what it begins with is always on screen, by its box
            yield Mark(leg.at, leg.title)

    def _paint_notice(self, pen: Pen) -> list[Hit]:
        """Say the newest answer at the bottom, or ask what a cancel asks."""
        model = self.model
        canvas, plane, doubt = pen.canvas, pen.plane, model.doubt
        if doubt is not None:
            rows = [
                [Piece(spoken(doubt[1].text), "warn")],
                [Piece(tr("Cancel it (Enter)"), "text", Act.YES), Piece(tr("Keep it (Esc)"), "text_muted", Act.NO)],
            ]
        elif model.notice is not None and not any(model.notice in ghost.says for ghost in model.amends.ghosts.values()):
            rows = [[Piece(spoken(model.notice), "text")], [Piece(tr("Close"), "text_muted", Act.HUSH)]]
        else:
            return []
        rows = wrapped(canvas, rows, plane.frame.plot_width - 40.0)
        height = tag_height(canvas)
        top = plane.frame.price_height - height * (len(rows) + 1) - 12.0
        return self._tags.paint(canvas, TAG_LEFT, top, rows, Look("border_strong"))[1]

    def _paint_plus(self, canvas: Canvas, plane: Plane) -> list[Hit]:
        hover = self.chart.hover
        if hover is None or self.pointer.is_dragging or plane.frame.zone(*hover) is not Zone.PLOT:
            return []
        rect = QRectF(plane.frame.plot_width - PLUS - 2, hover[1] - PLUS / 2, PLUS, PLUS)
        canvas.tag(rect, theme.color("raised"), theme.color("border_strong"))
        canvas.text(rect.x(), rect.y(), PLUS, PLUS, "+", theme.color("text"), CENTRE)
        return [Hit(Act.PLUS, rect, level=plane.view.price(hover[1]), tip=tr("Place an order at this price"))]

    def _paint_hover(self, canvas: Canvas, plane: Plane) -> None:
        hover = self.chart.hover
        if hover is None or self.pointer.is_dragging:
            return
        hit = self.hit(QPointF(*hover))
        if hit is None or hit.act is Act.PLUS:
            return
        line = self.model.line(OrderId(hit.key), hit.field) if hit.act is Act.LINE else None
        if hit.tip:
            paint_box(canvas, plane.frame, *hover, [hit.tip])
        elif line is not None and hit.rect.height() > 10:
            paint_box(canvas, plane.frame, hit.rect.right(), hover[1], line_details(line))

    def _say_chosen(self) -> None:
        """Let a screen reader say which line was chosen."""
        if self.chart.selected == self._chosen:
            return
        self._chosen = self.chart.selected
        line = self.model.line(self._chosen)
        if line is not None:
            announce(self.widget, f"{spoken(line.title)} @ {fmt.price(line.pair, line.at)}")

    def _changed(self) -> None:
        self.keys.claim()
        self.widget.update()
        for pause in FADE_MS:
            QTimer.singleShot(pause, self.widget, self.widget.update)
        said = spoken(self.model.news)
        if said and said != self._said:
            announce(self.widget, said)
        self._said = said


def announce(widget: QObject, text: str) -> None:
    """Let a screen reader say something at once."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
