"""The mouse on the trading overlay: drags lines, presses buttons, places orders with Shift and Ctrl.

A line is dragged once the pointer has moved a few pixels; less is a click, which chooses it. Shift+click places a buy
at the pointer, Ctrl+click a sell. Escape lets go of what is dragged; the release after it does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from crs_desktop.charts.frame import Zone
from crs_desktop.charts.overlay import Plane
from crs_desktop.charts.trading.hits import DRAGS, Act, Hit
from crs_desktop.viewmodels.chart_entry import LOSS, TARGET
from crs_desktop.viewmodels.chart_position import Way
from crs_desktop.viewmodels.ticket_kind import Leg
from engine.domain.number import Ticks
from engine.domain.order import OrderId, Side

if TYPE_CHECKING:
    from crs_desktop.charts.trading.overlay import TradingOverlay

SLOP = 4.0
"""Pixels that a click may move."""
PULL = 0.25
"""How far the prices move for each pixel that a drag is beyond the edge."""
AWAY = {Act.PULL_STOP: 0.99, Act.PULL_TARGET: 1.02}
"""Where a click on a handle puts the line, as a multiple of where it starts, for a position that is long."""
PLACES = {Qt.KeyboardModifier.ShiftModifier: Side.BUY, Qt.KeyboardModifier.ControlModifier: Side.SELL}


class Pointer:
    """What the mouse holds now."""

    def __init__(self, overlay: TradingOverlay) -> None:
        self._overlay = overlay
        self._held: Hit | None = None
        self._from = QPointF()
        self._offset = 0.0
        self._placing: Side | None = None
        self.is_dragging = False

    def take(self, event: QEvent, plane: Plane) -> bool:
        """Handle a mouse event; False leaves it to the next."""
        if not isinstance(event, QMouseEvent):
            return False
        kind, at = event.type(), event.position()
        if kind == QEvent.Type.MouseMove:
            return self._move(at, plane)
        if event.button() is not Qt.MouseButton.LeftButton:
            return False
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            return self._press(event, plane)
        return kind == QEvent.Type.MouseButtonRelease and self._release(at, plane)

    def let_go(self) -> bool:
        """Drop what is dragged; False if nothing is."""
        was, self.is_dragging, self._held = self.is_dragging, False, None
        return was

    # -- press, move, release -----------------------------------------------------------------------

    def _press(self, event: QMouseEvent, plane: Plane) -> bool:
        overlay, at = self._overlay, event.position()
        self._from, self.is_dragging = at, False
        self._held = overlay.hit(at)
        if self._held is None:
            side = PLACES.get(event.modifiers())
            self._placing = side if plane.frame.zone(at.x(), at.y()) is Zone.PLOT else None
            return False
        self._placing = None
        overlay.widget.setFocus(Qt.FocusReason.MouseFocusReason)
        self._offset = plane.view.y(self._held.level) - at.y() if self._held.level else 0.0
        if self._held.act in (Act.PULL_STOP, Act.PULL_TARGET) or abs(self._offset) > 40:
            self._offset = 0.0
        return True

    def _move(self, at: QPointF, plane: Plane) -> bool:
        overlay = self._overlay
        if self._held is None:
            return self._hover(at)
        if not self.is_dragging and self._held.act in DRAGS:
            if abs(at.y() - self._from.y()) < SLOP:
                return True
            self.is_dragging = self._begin(self._held, plane)
            if not self.is_dragging:
                self._held = None
                return True
        if self.is_dragging:
            self._follow(at, plane)
            self._drag(self._held, plane.view.price(at.y() + self._offset))
        overlay.chart.hover = (at.x(), at.y())
        return True

    def _follow(self, at: QPointF, plane: Plane) -> None:
        """Bring further prices into view while a line is dragged over the upper or lower edge."""
        over = min(at.y(), 0.0) + max(at.y() - plane.frame.price_height, 0.0)
        if over:
            plane.view.auto = False
            plane.view.lift(-over * PULL)
            self._overlay.chart.moved()

    def _release(self, at: QPointF, plane: Plane) -> bool:
        held, self._held = self._held, None
        if held is None:
            self._place(at, plane)
            return False
        if self.is_dragging:
            self.is_dragging = False
            if held.act is Act.LINE:
                self._overlay.model.amends.drop(OrderId(held.key))
        elif (at - self._from).manhattanLength() < 2 * SLOP:
            self._click(held, at)
        self._overlay.widget.update()
        return True

    def _hover(self, at: QPointF) -> bool:
        """Show that something can be pressed or dragged."""
        hit = self._overlay.hit(at)
        if hit is None or self._placing is not None:
            return False
        drags = hit.act in DRAGS
        cursor = Qt.CursorShape.SizeVerCursor if drags else Qt.CursorShape.PointingHandCursor
        self._overlay.widget.setCursor(cursor)
        self._overlay.chart.hover = (at.x(), at.y())
        self._overlay.widget.update()
        return True

    # -- dragging -----------------------------------------------------------------------------------

    def _begin(self, hit: Hit, plane: Plane) -> bool:
        model = self._overlay.model
        if hit.act is Act.LINE:
            self._overlay.chart.selected = OrderId(hit.key)
            line = model.line(OrderId(hit.key), hit.field)
            return line is not None and model.amends.grab(line)
        if hit.act is Act.DRAFT:
            return model.draft is not None and not model.draft.busy
        return self._pull(hit, plane.view.price(self._from.y()))

    def _drag(self, hit: Hit, price: float) -> None:
        model = self._overlay.model
        if hit.act is Act.LINE:
            model.amends.move(OrderId(hit.key), price)
        elif model.draft is not None:
            names = {Act.PULL_STOP: LOSS, Act.PULL_TARGET: TARGET}
            model.draft.move(names.get(hit.act, hit.key), price)
            model.changed()

    def _pull(self, hit: Hit, price: float) -> bool:
        """Take a stop or a target out of a new entry, or of the position."""
        model, leg = self._overlay.model, Leg.STOP if hit.act is Act.PULL_STOP else Leg.TARGET
        draft = model.draft
        if draft is not None and not draft.for_position:
            draft.set_leg(leg, Ticks(max(1, round(price))))
            return True
        return model.pull_exit(leg, price)

    # -- clicks -------------------------------------------------------------------------------------

    def _place(self, at: QPointF, plane: Plane) -> None:
        side, self._placing = self._placing, None
        if side is not None and (at - self._from).manhattanLength() < SLOP:
            self._overlay.model.place_at(side, plane.view.price(at.y()))

    def _click(self, hit: Hit, at: QPointF) -> None:
        overlay, model = self._overlay, self._overlay.model
        pair, key = model.chart.pair, OrderId(hit.key)
        if hit.act is Act.LINE:
            overlay.chart.selected = key
            overlay.keys.claim()
        elif hit.act is Act.SHOW:
            overlay.show_level(hit.level)
        elif hit.act is Act.PLUS:
            overlay.offer(hit.level, at.toPoint())
        elif hit.act in AWAY:
            self._pull_by_click(hit)
        elif hit.act is Act.DROP_LEG and model.draft is not None:
            model.drop_leg(Leg(hit.key))
        else:
            does: dict[Act, Callable[[], object]] = {
                Act.CANCEL: lambda: model.cancel(key),
                Act.UNDO: model.undo,
                Act.YES: lambda: model.enter(key),
                Act.SEND: model.enter,
                Act.NO: model.escape,
                Act.EDIT: model.edit_in_ticket,
                Act.HUSH: model.escape,
                Act.CLOSE: lambda: model.buttons.ask(Way.CLOSE, pair),
                Act.REVERSE: lambda: model.buttons.ask(Way.REVERSE, pair),
                Act.BREAKEVEN: lambda: model.buttons.breakeven(pair),
            }
            do = does.get(hit.act)
            if do is not None:
                do()

    def _pull_by_click(self, hit: Hit) -> None:
        model = self._overlay.model
        start = model.start_of_exits()
        if start is None:
            return
        factor = AWAY[hit.act]
        if model.draft is not None and not model.draft.for_position and model.draft.form.side is Side.SELL:
            factor = 2 - factor
        self._pull(hit, start * factor)
