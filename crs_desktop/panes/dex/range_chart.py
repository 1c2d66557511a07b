"""A chart on which a range of prices is picked: two lines to drag, or to move with the arrow keys, over the candles."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.charts.canvas import Canvas
from crs_desktop.charts.chart_view import ChartView
from crs_desktop.charts.labels import AxisLabel, ink_on
from crs_desktop.charts.overlay import Plane
from crs_desktop.i18n import tr
from crs_desktop.panes.base import Pane
from crs_desktop.viewmodels.chart import ChartModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.dex.positions import figure
from crs_desktop.viewmodels.link import ChartLink, LinkGroup
from engine.domain.market import Timeframe
from engine.domain.pair import TradingPair

REACH = 6.0
"""How near a line must be pressed to be dragged, px."""
STEP_PART = Decimal("0.001")
"""How far a key moves a line; ten times as far with Shift."""
HEIGHT = 220
ROOM = 0.15
"""Share of the range that is shown above and below it."""
Ends = tuple[Decimal | None, Decimal | None]


class RangeOverlay:
    """The two lines; `moved` hears where they were dragged to."""

    def __init__(self, chart: ChartView, moved: Callable[[Decimal | None, Decimal | None], object]) -> None:
        self._chart, self._moved = chart, moved
        self.ends: list[Decimal | None] = [None, None]
        self.chosen = 0
        """Which line the keys move: 0 the lower one."""
        self._held: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether a line is being dragged."""
        return self._held is not None

    def show(self, ends: Ends) -> None:
        """Show a range that was typed; what is dragged just now stays where it is."""
        if self._held is None and list(ends) != self.ends:
            self.ends = list(ends)
            self._chart.update()

    def paint(self, canvas: Canvas, plane: Plane) -> None:
        """Tint the range and draw its ends."""
        low, high = (self._y(each, plane) for each in self.ends)
        top = 0.0 if high is None else high
        bottom = plane.frame.price_height if low is None else low
        canvas.box(0, top, plane.frame.plot_width, max(bottom - top, 1), theme.color("accent", 28))
        for at, y in enumerate((low, high)):
            if y is not None:
                width = 2 if at == self.chosen and self._chart.hasFocus() else 1
                for line in range(width):
                    canvas.horizontal(y + line, 0, plane.frame.plot_width, theme.color("accent"))

    def labels(self, plane: Plane) -> list[AxisLabel]:
        """Return the prices of both ends."""
        fill = theme.color("accent")
        found = []
        for at, price in enumerate(self.ends):
            y = self._y(price, plane)
            if y is not None and price is not None:
                lean = 1 if at == 0 else -1
                found.append(AxisLabel(y, (figure(price),), fill, ink_on(fill), rank=8, lean=lean))
        return found

    def take(self, event: QEvent, plane: Plane) -> bool:
        """Drag a line, or move the chosen one with Up and Down; Left and Right choose."""
        if isinstance(event, QKeyEvent):
            return event.type() == QEvent.Type.KeyPress and self._key(event)
        if not isinstance(event, QMouseEvent):
            return False
        y = event.position().y()
        if event.type() == QEvent.Type.MouseButtonPress and event.button() is Qt.MouseButton.LeftButton:
            self._held = self._near(y, plane)
            if self._held is None:
                return False
            self.chosen = self._held
            self._chart.setFocus(Qt.FocusReason.MouseFocusReason)
            return True
        if self._held is None:
            return event.type() == QEvent.Type.MouseMove and self._hover(y, plane)
        if event.type() == QEvent.Type.MouseMove:
            self._drag(self._held, plane.pair.price(max(1, round(plane.view.price(y)))))
            return True
        if event.type() == QEvent.Type.MouseButtonRelease:
            self._held = None
            self._moved(*self.ends)
            return True
        return False

    def _key(self, event: QKeyEvent) -> bool:
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.chosen = int(event.key() == Qt.Key.Key_Right)
            self._chart.update()
            return True
        price = self.ends[self.chosen]
        if event.key() not in (Qt.Key.Key_Up, Qt.Key.Key_Down) or price is None:
            return False
        part = STEP_PART * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        self._drag(self.chosen, price * (1 + part if event.key() == Qt.Key.Key_Up else 1 - part))
        self._moved(*self.ends)
        return True

    def _drag(self, at: int, price: Decimal) -> None:
        """Move an end, not past the other one."""
        other = self.ends[1 - at]
        if other is not None and (price >= other if at == 0 else price <= other):
            return
        self.ends[at] = price
        self._chart.update()

    def _hover(self, y: float, plane: Plane) -> bool:
        if self._near(y, plane) is None:
            return False
        self._chart.setCursor(Qt.CursorShape.SizeVerCursor)
        return True

    def _near(self, y: float, plane: Plane) -> int | None:
        for at, price in enumerate(self.ends):
            line = self._y(price, plane)
            if line is not None and abs(line - y) <= REACH:
                return at
        return None

    def _y(self, price: Decimal | None, plane: Plane) -> float | None:
        return None if price is None else plane.view.y(float(price / plane.pair.tick))


class RangeChart(Pane):
    """Candles of a pair of the market that stands for the pool's tokens, with the range over them."""

    name = "dex.range"

    def __init__(
        self,
        desk: Desk,
        pair: TradingPair,
        moved: Callable[[Decimal | None, Decimal | None], object],
        parent: QWidget | None = None,
    ) -> None:
        self._pair = pair
        group = LinkGroup("", desk.pairs, pair.symbol, Timeframe.M15)
        model = ChartModel(desk, ChartLink(group))
        super().__init__(model, tr("Range of prices"), parent)
        self.chart = ChartView(model, self)
        self.overlay = RangeOverlay(self.chart, moved)
        self.chart.overlays.append(self.overlay)
        self.chart.setAccessibleName(tr("Range of prices: Left or Right chooses an end, Up and Down move it"))
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.chart)
        self.setFixedHeight(theme.current().px(HEIGHT))
        self.setFocusProxy(self.chart)
        model.reload()

    def refresh(self) -> None:
        """Show the newest candles, and both ends of the range."""
        self.chart.sync()
        self._fit()
        super().refresh()

    def _fit(self) -> None:
        """Scale the prices so that both ends are in view."""
        low, high = self.overlay.ends
        tick = self._pair.tick
        if low is None or high is None or self.overlay.is_held:
            return
        view, bottom, top = self.chart.view, float(low / tick), float(high / tick)
        room = (top - bottom) * ROOM
        wanted = (max(bottom - room, 1.0), top + room)
        if (view.auto or (view.low, view.high) != wanted) and top > bottom:
            view.auto, view.low, view.high = False, *wanted
            self.chart.prepare()
            self.chart.update()
