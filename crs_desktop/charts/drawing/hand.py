"""The mouse on drawings: place points, select, move a whole or a handle, open the look of one.

click, click or drag draws with the tool in the hand (Shift keeps to 45°, Ctrl turns the magnet over for a moment) ·
a click selects, a drag moves · a double click opens its look · Escape gives up what is half done
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from crs_desktop.charts.drawing.draft import DRAFT, Draft
from crs_desktop.charts.drawing.sight import ChartSight
from crs_desktop.charts.frame import Zone
from crs_desktop.charts.overlay import Plane
from crs_desktop.viewmodels.drawings.hit import Hit, hit
from crs_desktop.viewmodels.drawings.outline import Point
from crs_desktop.viewmodels.drawings.place import anchor_at, moved, squared, with_handle
from crs_desktop.viewmodels.drawings.prices import ticks
from crs_desktop.viewmodels.drawings.shape import Anchor, Shape

if TYPE_CHECKING:
    from crs_desktop.charts.drawing.overlay import DrawingOverlay

TRAVEL = 4.0
"""A press that moves further is a drag, px."""
BRUSH_PX = 2.0
"""Points of a brush stroke are at least this far apart."""


class Card(Protocol):
    """What shows the look of one drawing, and keeps it when it closes."""

    def open_beside(self) -> None:
        """Open next to the drawing."""
        ...

    def close(self) -> bool:
        """Close (Qt)."""
        ...


@dataclass(slots=True)
class Drag:
    """A drawing under the pointer with the button down; `origin` is where it was pressed."""

    shape: Shape
    handle: int | None
    origin: QPointF
    begun: bool = False


class Hand:
    """What the mouse is doing on one chart."""

    def __init__(self, overlay: DrawingOverlay) -> None:
        self._overlay = overlay
        self.selected: str | None = None
        self.handle: int | None = None
        """The handle that the keyboard moves; None moves the whole."""
        self.hovered: Hit | None = None
        self.pending: Shape | None = None
        """A kept drawing as it would be after the drag, or after the popover closes."""
        self.transient: Shape | None = None
        """A measurement: it goes with the next click unless it is kept."""
        self.draft: Draft | None = None
        self.drag: Drag | None = None
        self.popover: Card | None = None
        self._pressed: QPointF | None = None
        self._held = Qt.KeyboardModifier.NoModifier
        self._by_keys = False
        self._began = False
        """Whether the button that is down placed the first point."""

    # -- state ------------------------------------------------------------------------------------

    def select(self, shape_id: str | None) -> None:
        """Select a drawing, None for none."""
        if shape_id != self.selected:
            self.selected, self.handle = shape_id, None
            self._overlay.keys.claim()
        self._overlay.chart.update()

    def look(self) -> None:
        """Take over what others did to store and tools: let go of what is gone."""
        overlay = self._overlay
        kind = overlay.store.tools.kind
        if self.draft is not None and self.draft.kind is not kind:
            self.draft = self._pressed = None
        if self.selected is not None and overlay.find(self.selected) is None and not self._is_transient(self.selected):
            self.selected = self.handle = None
        if self.drag is not None and overlay.store.find(overlay.symbol, self.drag.shape.id) is None:
            self.drag = self.pending = None

    def reset(self) -> None:
        """Let go of everything: the chart turns to another pair."""
        self.close()
        self.selected = self.handle = self.hovered = None
        self.pending = self.transient = self.draft = self.drag = self._pressed = None

    def close(self) -> None:
        """Close what is open."""
        if self.popover is not None:
            self.popover.close()

    def hit(self, x: float, y: float) -> Hit | None:
        """Return the drawing under a point of the pane."""
        return hit(self._overlay.shown, self.selected, x, y)

    def is_fixed(self, shape: Shape) -> bool:
        """Whether a drawing must not be moved."""
        return shape.locked or self._overlay.store.tools.lock_all

    def give_up(self) -> bool:
        """Give up what is half done, innermost first; False if there is nothing."""
        tools = self._overlay.store.tools
        if self.drag is not None:
            self.drag = self.pending = None
        elif self.draft is not None and (self.draft.placed or self.draft.stroke):
            self.draft = self._pressed = None
        elif tools.kind is not None:
            tools.choose(None)
        elif self.transient is not None:
            self.drop_transient()
        elif self.handle is not None:
            self.handle = None
        elif self.selected is not None:
            self.select(None)
        else:
            return False
        self._overlay.keys.claim()
        self._overlay.chart.update()
        return True

    def drop_transient(self) -> None:
        """Let the measurement go."""
        if self.transient is not None and self.selected == self.transient.id:
            self.selected = None
        self.transient = None

    def keep_transient(self) -> None:
        """Keep the measurement as a drawing."""
        overlay, shape = self._overlay, self.transient
        if shape is not None:
            self.drop_transient()
            kept = replace(shape, id=overlay.store.new_id())
            overlay.store.add(overlay.symbol, kept)
            self.select(kept.id)

    # -- what is painted --------------------------------------------------------------------------

    def preview(self, sight: ChartSight) -> Shape | None:
        """Return the drawing in the making."""
        tools = self._overlay.store.tools
        if tools.kind is None:
            return None
        draft = self.draft if self.draft is not None else Draft(tools.kind)
        return draft.shape(tools.style(tools.kind.name), self.pointer(sight), sight)

    def next_point(self, sight: ChartSight) -> Point | None:
        """Return where the next point would go, None while no tool is in the hand."""
        if self._overlay.store.tools.kind is None or (anchor := self.pointer(sight)) is None:
            return None
        return Point(sight.x(anchor.at), sight.y(ticks(sight.pair, anchor.price)))

    def pointer(self, sight: ChartSight) -> Anchor | None:
        """Return the anchor under the crosshair; None while it is not in the price pane."""
        hover = self._overlay.chart.hover
        if hover is None or self._overlay.chart.frame.zone(*hover) is not Zone.PLOT:
            return None
        placed = self.draft.placed if self.draft is not None else []
        return self._anchor(sight, *hover, placed[-1] if placed else None)

    def _anchor(self, sight: ChartSight, x: float, y: float, origin: Anchor | None) -> Anchor:
        x, y = min(max(x, 0.0), sight.width - 1), min(max(y, 0.0), sight.height - 1)
        if origin is not None and self._held & Qt.KeyboardModifier.ShiftModifier:
            return squared(sight, origin, x, y)
        turned = bool(self._held & Qt.KeyboardModifier.ControlModifier)
        magnetic = self._overlay.store.tools.magnet != turned and not self._by_keys
        row = self._overlay.chart.model.series.row(sight.bar_at(x)) if magnetic else None
        return anchor_at(sight, x, y, row)

    # -- events -----------------------------------------------------------------------------------

    def take(self, event: QEvent, plane: Plane) -> bool:
        """Handle a mouse event; False leaves it to the chart."""
        if event.type() == QEvent.Type.Leave:
            self.hovered = None
            return False
        if not isinstance(event, QMouseEvent):
            return False
        self._held, self._by_keys = event.modifiers(), False
        sight, kind = self._overlay.sight(plane), event.type()
        if kind == QEvent.Type.MouseMove:
            return self._move(event, sight)
        if event.button() is not Qt.MouseButton.LeftButton:
            return False
        if kind == QEvent.Type.MouseButtonRelease:
            return self._release(event, sight)
        self.close()
        inside = plane.frame.zone(event.position().x(), event.position().y()) is Zone.PLOT
        if not inside:
            return False
        if self._overlay.store.tools.kind is not None:
            return self._press_tool(event, sight)
        if kind == QEvent.Type.MouseButtonDblClick:
            return self._open(event.position())
        return self._press(event)

    def _press(self, event: QMouseEvent) -> bool:
        overlay, at = self._overlay, event.position()
        found = self.hit(at.x(), at.y())
        if self.transient is not None and (found is None or found.id != self.transient.id):
            self.drop_transient()
        shape = None if found is None else overlay.find(found.id)
        if found is None or shape is None:
            self.select(found.id if found is not None else None)
            return found is not None
        overlay.chart.setFocus(Qt.FocusReason.MouseFocusReason)
        self.select(found.id)
        if self.is_fixed(shape):
            return False  # the chart may be moved by it
        self.drag = Drag(shape, found.handle, at)
        return True

    def _press_tool(self, event: QMouseEvent, sight: ChartSight) -> bool:
        overlay, at = self._overlay, event.position()
        overlay.chart.setFocus(Qt.FocusReason.MouseFocusReason)
        self.drop_transient()
        self._pressed, self._began = at, False
        kind = overlay.store.tools.kind
        if kind is None:
            return False
        if self.draft is None:
            self.draft = Draft(kind)
            anchor = self._anchor(sight, at.x(), at.y(), None)
            self._began = kind.clicks > 1
            if kind.clicks > 1:
                self.draft.place(anchor)
            elif not kind.clicks:
                self.draft.stroke.append((Point(at.x(), at.y()), anchor))
        self._follow(event)
        return True

    def _release(self, event: QMouseEvent, sight: ChartSight) -> bool:
        if self.drag is not None:
            self._drop()
            return True
        draft, pressed, at = self.draft, self._pressed, event.position()
        if draft is None or pressed is None:
            return False
        self._pressed = None
        if not draft.kind.clicks:
            self._finish(draft.brushed(self._overlay.store.tools.style(draft.kind.name)))
            return True
        dragged = hypot(at.x() - pressed.x(), at.y() - pressed.y()) > TRAVEL
        if dragged or not self._began:  # else the click that placed the first point ends here
            self.place(sight, at.x(), at.y())
        return True

    def place(self, sight: ChartSight, x: float, y: float, *, by_keys: bool = False) -> None:
        """Place the next point of the drawing in the making; the last one finishes it."""
        self._by_keys = by_keys
        tools = self._overlay.store.tools
        if tools.kind is None:
            return
        if self.draft is None:
            self.draft = Draft(tools.kind)
        draft = self.draft
        draft.place(self._anchor(sight, x, y, draft.placed[-1] if draft.placed else None))
        if draft.is_complete:
            self._finish(draft.shape(tools.style(tools.kind.name), None, sight))
        self._overlay.chart.update()

    def _finish(self, shape: Shape | None) -> None:
        overlay = self._overlay
        self.draft = self._pressed = None
        if shape is not None and shape.kind == "measure":
            self.transient = replace(shape, id=DRAFT)
        elif shape is not None:
            shape = replace(shape, id=overlay.store.new_id())
            overlay.store.add(overlay.symbol, shape)
            self.select(shape.id)
        overlay.store.tools.finished()
        overlay.keys.claim()
        overlay.chart.update()
        if shape is not None and shape.kind == "text":
            self.open_style(shape.id)

    def _move(self, event: QMouseEvent, sight: ChartSight) -> bool:
        at, left = event.position(), bool(event.buttons() & Qt.MouseButton.LeftButton)
        if self.drag is not None and left:
            self._pull(self.drag, at, sight)
            self._follow(event, Qt.CursorShape.ClosedHandCursor)
            return True
        self.drag = None if not left else self.drag
        draft = self.draft
        if draft is not None and self._pressed is not None:
            if draft.stroke and hypot(at.x() - draft.stroke[-1][0].x, at.y() - draft.stroke[-1][0].y) >= BRUSH_PX:
                draft.stroke.append((Point(at.x(), at.y()), self._anchor(sight, at.x(), at.y(), None)))
            self._follow(event)
            return True
        if left or self._overlay.store.tools.kind is not None:
            self.hovered = None
            return False
        self.hovered = self.hit(at.x(), at.y()) if at.x() < sight.width and at.y() < sight.height else None
        if self.hovered is None:
            return False
        grips = self.hovered.handle is not None
        self._follow(event, Qt.CursorShape.PointingHandCursor if grips else Qt.CursorShape.SizeAllCursor)
        return True

    def _follow(self, event: QMouseEvent, cursor: Qt.CursorShape | None = None) -> None:
        """Let the crosshair follow; the chart sets its own pointer first."""
        chart = self._overlay.chart
        if event.type() == QEvent.Type.MouseMove:
            chart.gestures.take(event)
        if cursor is not None:
            chart.setCursor(cursor)
        chart.update()

    def _pull(self, drag: Drag, at: QPointF, sight: ChartSight) -> None:
        dx, dy = at.x() - drag.origin.x(), at.y() - drag.origin.y()
        if not drag.begun and hypot(dx, dy) < TRAVEL:
            return
        drag.begun = True
        shape = drag.shape
        if drag.handle is not None:
            origin = shape.anchors[1 - drag.handle] if len(shape.anchors) == 2 and drag.handle < 2 else None
            anchor = self._anchor(sight, at.x(), at.y(), origin)
            self.pending = with_handle(shape, drag.handle, anchor, sight)
        else:
            bars = sight.bar_at(at.x()) - sight.bar_at(drag.origin.x())
            self.pending = moved(shape, sight, bars, dy)

    def _drop(self) -> None:
        overlay, pending = self._overlay, self.pending
        self.drag = self.pending = None
        if pending is not None:
            overlay.store.change(overlay.symbol, pending)
        overlay.chart.update()

    def _open(self, at: QPointF) -> bool:
        found = self.hit(at.x(), at.y())
        if found is None or self._is_transient(found.id):
            return False
        self.drag = None
        self.open_style(found.id)
        return True

    def open_style(self, shape_id: str) -> None:
        """Open the look of a drawing beside it."""
        self.select(shape_id)
        if self.popover is not None:
            self.popover.close()
        shape = self._overlay.find(shape_id)
        if shape is not None:
            self.popover = self._overlay.card(self._overlay, shape)
            self.popover.open_beside()

    def _is_transient(self, shape_id: str) -> bool:
        return self.transient is not None and self.transient.id == shape_id
