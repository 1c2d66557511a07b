"""Mouse and keys of the chart: zoom, pan, scale, crosshair, choosing and cancelling an order.

wheel zooms at the pointer, sideways or with Shift pans · drag pans · drag or wheel on the price
axis scales it, a double click lets it follow again · drag on the time axis zooms, a double click
goes back to the start · drag a divider for the heights of panes, a double click resets ·
Left/Right step the crosshair, Shift pans · Home oldest, End newest ·
+ and - zoom · Ctrl+Up/Down choose an order, Delete cancels it · Escape lets go
"""

from __future__ import annotations

from math import floor
from typing import Protocol

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent

from crs_desktop.charts.frame import Frame, Zone
from crs_desktop.charts.marks import OrderTag
from crs_desktop.charts.pane_stack import PaneStack
from crs_desktop.charts.viewport import Viewport
from crs_desktop.viewmodels.chart import ChartModel
from crs_desktop.viewmodels.series import BarSeries
from crs_desktop.viewmodels.words import NOTHING
from engine.domain.order import OrderId

KEY_ZOOM = 1.25
WHEEL_ZOOM = 1.0018
"""Zoom per unit of wheel movement; a notch is 120 units."""
Key = Qt.Key
PLAIN_KEYS = frozenset(
    {Key.Key_Left, Key.Key_Right, Key.Key_Home, Key.Key_End, Key.Key_Plus, Key.Key_Minus, Key.Key_Equal}
)
OWN_KEYS = "Left Right Shift+Left Shift+Right Home End + Shift++ - Ctrl+Up Ctrl+Down"
"""The same as hotkeys are written: while the chart has the focus they are not anybody else's."""
SILENT_FOCUS = (
    Qt.FocusReason.MouseFocusReason,
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.OtherFocusReason,
)
"""Focus that came without the keyboard shows no ring."""
CURSORS = {
    Zone.PLOT: Qt.CursorShape.CrossCursor,
    Zone.SUBPANE: Qt.CursorShape.CrossCursor,
    Zone.DIVIDER: Qt.CursorShape.SplitVCursor,
    Zone.PRICE_AXIS: Qt.CursorShape.SizeVerCursor,
    Zone.PANE_AXIS: Qt.CursorShape.ArrowCursor,
    Zone.TIME_AXIS: Qt.CursorShape.SizeHorCursor,
}


class Chart(Protocol):
    """What gestures work on: a widget with a viewport, a crosshair and order lines to choose from."""

    model: ChartModel
    view: Viewport
    frame: Frame
    hover: tuple[float, float] | None
    selected: OrderId | None
    tags: list[OrderTag]
    stack: PaneStack

    @property
    def shown(self) -> BarSeries:
        """The bars that are on screen."""
        ...

    def moved(self) -> None:
        """Repaint after the user changed the view."""
        ...

    def reset(self) -> None:
        """Go back to where a fresh chart begins."""
        ...

    def update(self) -> None:
        """Repaint soon (Qt)."""
        ...

    def hasFocus(self) -> bool:  # noqa: N802 - Qt's name
        """Whether the keyboard is here (Qt)."""
        ...

    def setFocus(self, reason: Qt.FocusReason, /) -> None:  # noqa: N802 - Qt's name
        """Take the keyboard (Qt)."""
        ...

    def setCursor(self, cursor: Qt.CursorShape, /) -> None:  # noqa: N802 - Qt's name
        """Show another pointer (Qt)."""
        ...


class Gestures:
    """Turns events into changes of a chart's viewport and selection."""

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._held: tuple[Zone, QPointF] | None = None
        self._divider = ""
        self._travelled = 0.0
        self.shows_focus = False
        """Whether to draw the focus ring: the keyboard brought the focus here, or a key was pressed."""

    def take(self, event: QEvent) -> bool:
        """Handle an event; False leaves it to the widget."""
        kind = event.type()
        if isinstance(event, QWheelEvent):
            return self._wheel(event)
        if isinstance(event, QMouseEvent):
            if kind == QEvent.Type.MouseMove:
                return self._move(event)
            if kind == QEvent.Type.MouseButtonPress:
                return self._press(event)
            if kind == QEvent.Type.MouseButtonRelease:
                return self._release(event)
            if kind == QEvent.Type.MouseButtonDblClick:
                return self._double_click(event)
        if isinstance(event, QKeyEvent) and kind == QEvent.Type.KeyPress:
            return self._key(event)
        if kind == QEvent.Type.Leave:
            self._chart.hover = None
            self._chart.update()
        elif isinstance(event, QFocusEvent):
            self.shows_focus = kind == QEvent.Type.FocusIn and event.reason() not in SILENT_FOCUS
            self._chart.update()
        return False

    # -- mouse ------------------------------------------------------------------------------------

    def _wheel(self, event: QWheelEvent) -> bool:
        chart, view = self._chart, self._chart.view
        turned, sideways = event.angleDelta().y(), event.angleDelta().x()
        at = event.position()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            sideways, turned = sideways or turned, 0
        if chart.frame.zone(at.x(), at.y()) is Zone.PRICE_AXIS:
            view.stretch(WHEEL_ZOOM**-turned, at.y())
        else:
            if turned:
                view.zoom(WHEEL_ZOOM**turned, at.x(), *self._ends())
            if sideways:
                view.pan(sideways / 2, *self._ends())
        chart.moved()
        event.accept()
        return True

    def _press(self, event: QMouseEvent) -> bool:
        if event.button() is not Qt.MouseButton.LeftButton:
            return False
        chart, at = self._chart, event.position()
        chart.setFocus(Qt.FocusReason.MouseFocusReason)
        self._held, self._travelled = (chart.frame.zone(at.x(), at.y()), at), 0.0
        grip = chart.frame.divider(at.y())
        self._divider = grip.key if grip is not None else ""
        return True

    def _release(self, event: QMouseEvent) -> bool:
        if event.button() is not Qt.MouseButton.LeftButton:
            return False
        chart, at = self._chart, event.position()
        if self._held is not None and self._travelled < 4:
            hit = next((tag for tag in chart.tags if tag.rect.contains(at)), None)
            chart.selected = hit.order_id if hit is not None else None
            chart.update()
        self._held = None
        self._point(at)
        return True

    def _move(self, event: QMouseEvent) -> bool:
        at = event.position()
        if self._held is None:
            self._point(at)
            return True
        zone, before = self._held
        dx, dy = at.x() - before.x(), at.y() - before.y()
        self._held = zone, at
        self._travelled += abs(dx) + abs(dy)
        self._drag(zone, dx, dy)
        self._point(at)
        return True

    def _drag(self, zone: Zone, dx: float, dy: float) -> None:
        chart, view = self._chart, self._chart.view
        if zone is Zone.PRICE_AXIS:
            view.stretch(1.005**dy, chart.frame.price_height / 2)
        elif zone is Zone.TIME_AXIS:
            view.zoom(1.004**dx, view.width, *self._ends())
        elif zone is Zone.DIVIDER:
            chart.stack.drag(chart.frame, self._divider, dy)
        else:
            view.pan(dx, *self._ends())
            if not view.auto:
                view.lift(dy)
        chart.moved()

    def _double_click(self, event: QMouseEvent) -> bool:
        chart, at = self._chart, event.position()
        zone = chart.frame.zone(at.x(), at.y())
        if zone is Zone.PRICE_AXIS:
            self.follow_prices()
        elif zone is Zone.TIME_AXIS:
            chart.reset()
        elif zone is Zone.DIVIDER and (grip := chart.frame.divider(at.y())) is not None:
            chart.stack.reset(grip.key)
            chart.moved()
        return zone in (Zone.PRICE_AXIS, Zone.TIME_AXIS, Zone.DIVIDER)

    def _point(self, at: QPointF) -> None:
        chart = self._chart
        chart.hover = (at.x(), at.y())
        over = any(tag.rect.contains(at) for tag in chart.tags)
        zone = chart.frame.zone(at.x(), at.y())
        chart.setCursor(Qt.CursorShape.PointingHandCursor if over else CURSORS[zone])
        chart.update()

    # -- keys -------------------------------------------------------------------------------------

    def _is_ours(self, event: QKeyEvent) -> bool:
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier & ~Qt.KeyboardModifier.ShiftModifier
        if held == Qt.KeyboardModifier.ControlModifier:
            return event.key() in (Key.Key_Up, Key.Key_Down)
        if held != Qt.KeyboardModifier.NoModifier:
            return False
        chart = self._chart
        if event.key() == Key.Key_Delete:
            return chart.selected is not None
        if event.key() == Key.Key_Escape:
            model = chart.model
            busy = model.journey.target is not None or model.notice != NOTHING
            return busy or chart.selected is not None or chart.hover is not None
        return event.key() in PLAIN_KEYS

    def _key(self, event: QKeyEvent) -> bool:
        if not self._is_ours(event):
            return False
        self.shows_focus = self._chart.hasFocus()
        key = event.key()
        if key in (Key.Key_Left, Key.Key_Right):
            sign = 1 if key == Key.Key_Right else -1
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.pan(-sign * self._chart.view.width / 10)
            else:
                self.step(sign)
        elif key in (Key.Key_Up, Key.Key_Down):
            self.choose_order(-1 if key == Key.Key_Up else 1)
        elif key in (Key.Key_Plus, Key.Key_Equal):
            self.zoom(KEY_ZOOM)
        elif key == Key.Key_Minus:
            self.zoom(1 / KEY_ZOOM)
        elif key == Key.Key_Home:
            self.show_oldest()
        elif key == Key.Key_End:
            self.show_latest()
        elif key == Key.Key_Delete and self._chart.selected is not None:
            self._chart.model.cancel(self._chart.selected)
        elif key == Key.Key_Escape:
            self.let_go()
        event.accept()
        return True

    def zoom(self, factor: float) -> None:
        """Zoom about the crosshair, or the newest bar if there is none."""
        chart, view = self._chart, self._chart.view
        x = chart.hover[0] if chart.hover else min(view.x(self._ends()[1]), view.width)
        view.zoom(factor, x, *self._ends())
        chart.moved()

    def pan(self, dx: float) -> None:
        """Move the candles by `dx` pixels."""
        self._chart.view.pan(dx, *self._ends())
        self._chart.moved()

    def step(self, bars: int) -> None:
        """Move the crosshair by bars, the view with it at the edges; without a crosshair begin at the newest bar."""
        chart, view = self._chart, self._chart.view
        first, stop = self._ends()
        if chart.hover is None:
            bar, y = stop - 1, chart.frame.price_height / 2
        else:
            bar, y = floor(view.bar(chart.hover[0])) + bars, chart.hover[1]
        bar = min(max(bar, first), stop - 1)
        x = view.x(bar + 0.5)
        if not 0 <= x < view.width:
            view.left += -1.0 * view.bars / 10 if x < 0 else view.bars / 10
            x = view.x(bar + 0.5)
        row = chart.shown.row(bar)
        chart.hover = (x, min(max(view.y(row.close), 0.0), chart.frame.price_height - 1) if row is not None else y)
        chart.moved()

    def show_oldest(self) -> None:
        """Go to the oldest bar that is loaded (older ones load then)."""
        self._chart.view.show_oldest(self._ends()[0])
        self._chart.moved()

    def show_latest(self) -> None:
        """Go to the newest bar; from a window of the past, back to the market."""
        if self._chart.model.journey.detached:
            self._chart.model.reload()
            return
        self._chart.view.show_latest(self._ends()[1])
        self._chart.moved()

    def follow_prices(self) -> None:
        """Let the price scale follow the candles again."""
        self._chart.view.auto = True
        self._chart.view.refit()
        self._chart.moved()

    def choose_order(self, step: int) -> None:
        """Select the next order line."""
        chart = self._chart
        ids = [tag.order_id for tag in sorted(chart.tags, key=lambda tag: tag.rect.y())]
        if not ids:
            return
        at = ids.index(chart.selected) + step if chart.selected in ids else (0 if step > 0 else -1)
        chart.selected = ids[at % len(ids)]
        chart.update()

    def let_go(self) -> None:
        """End a journey, else drop the selection and the crosshair."""
        if self._chart.model.journey.target is not None:
            self._chart.model.journey.cancel()
            return
        self._chart.model.notice = NOTHING
        self._chart.selected, self._chart.hover = None, None
        self._chart.update()

    def _ends(self) -> tuple[int, int]:
        series = self._chart.shown
        return series.first, series.stop
