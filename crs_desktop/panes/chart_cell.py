"""One chart among others: its head, the chart itself, and a frame that says which one is focused."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.charts.shared_cursor import cursor_at
from crs_desktop.i18n import tr
from crs_desktop.panes.base import Pane
from crs_desktop.panes.chart import ChartPane
from crs_desktop.panes.chart_header import ChartHeader
from crs_desktop.viewmodels.chart import ChartModel
from crs_desktop.viewmodels.chart_tab import ChartSlot
from crs_desktop.viewmodels.desk import Desk

if TYPE_CHECKING:
    from crs_desktop.panes.cell_replay import CellReplay

EDGE = 2
"""Width of the frame, px."""


class ChartCell(QWidget):
    """Shows what a slot of the board holds; `dispose` gives back everything but the slot's memory."""

    def __init__(self, desk: Desk, slot: ChartSlot, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slot = slot
        self._board = desk.board
        self.pane = ChartPane(ChartModel(desk, slot.link), self)
        self.chart = self.pane.chart
        self.pane.restore(slot.extra)
        self.pane.memory_changed.connect(desk.board.changed)
        slot.remembered = self.pane.remembered
        self.header = ChartHeader(desk.board, desk.links, slot, self)
        self.header.hide()
        self.live = self.pane
        """The chart of the live market, which another may stand before."""
        self.join: Callable[[Pane], None] = _no_pulse
        """Puts a pane under the pulse."""
        self._replay: CellReplay | None = None
        self._marked = False
        self.pane.offers_replay = lambda _at: self.replay.toggle()
        self._framed, self._active, self._keyed = False, False, False
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(0)
        self._box.addWidget(self.header)
        self._box.addWidget(self.pane, 1)
        self.setFocusProxy(self.chart)
        self.setProperty("kind", "pane")
        self.chart.pointed.connect(self._point)
        self._link = slot.link.on_point(lambda _link: self._show_shared())
        self._show_shared()

    def show_state(self, *, number: int, count: int, active: bool, keyed: bool) -> None:
        """Show which chart this is among those of the tab, and whether it is focused.

        Args:
            number: from 1, row by row.
            count: how many charts the tab shows; alone it needs neither head nor frame.
            active: it gets timeframe keys and actions.
            keyed: the keyboard is in it.
        """
        self.header.sync()
        link = self.slot.link
        said = tr("Chart {number} of {count}, {symbol} {timeframe}, link group {group}", number=number, count=count,
                  symbol=link.symbol, timeframe=link.timeframe.value, group=link.group.name or tr("none"))  # fmt: skip
        if self.accessibleName() != said:
            self.setAccessibleName(said)
        state = (count > 1, active, keyed)
        if state == (self._framed, self._active, self._keyed):
            return
        self._framed, self._active, self._keyed = state
        self.header.setVisible(self._framed)
        self._lay_frame()

    @property
    def replay(self) -> CellReplay:
        """Replays on this chart, made when first asked for."""
        if self._replay is None:
            from crs_desktop.panes.cell_replay import CellReplay

            self._replay = CellReplay(self)
        return self._replay

    @property
    def is_replaying(self) -> bool:
        """Whether a replay stands before the live chart."""
        return self._replay is not None and self._replay.model is not None

    def put(self, widget: QWidget) -> None:
        """Let a strip stand above the chart; whoever put it takes it away."""
        self._box.insertWidget(1, widget)

    def show_pane(self, pane: ChartPane) -> None:
        """Let a pane stand in the chart's place, framed as what it is unless it is the live one."""
        had_keys = self.isAncestorOf(self.window().focusWidget() or self)
        self.chart.pointed.disconnect(self._point)
        self.slot.link.point(None)
        self.pane.hide()
        self.pane, self.chart = pane, pane.chart
        if self._box.indexOf(pane) < 0:
            self._box.addWidget(pane, 1)
        self.chart.pointed.connect(self._point)
        self._marked = pane is not self.live
        self.setFocusProxy(self.chart)
        pane.show()
        if had_keys:
            self.chart.setFocus()
        self._lay_frame()
        self._show_shared()
        self._board.changed()

    def _lay_frame(self) -> None:
        edge = EDGE if self._framed or self._marked else 0
        self.chart.framed = self._framed and not self._marked  # a mark does not say where the keyboard is
        self._box.setContentsMargins(edge, edge, edge, edge)
        self.update()

    def dispose(self) -> None:
        """Close the chart; what it remembers stays in the slot."""
        if self._replay is not None:
            self._replay.close()
        self.slot.extra = self.pane.remembered()
        self.slot.remembered = None
        self._link.close()
        self.slot.link.point(None)
        self.chart.pointed.disconnect(self._point)
        self.pane.dispose()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Focus the chart when its head or frame is clicked."""
        super().mousePressEvent(event)
        self._board.focus(self.slot)
        self.chart.setFocus()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the frame: strong while the keyboard is here, quiet while it is elsewhere."""
        painter = QPainter(self)
        tone = "surface"
        if self._framed:
            tone = "border" if not self._active else "focus" if self._keyed else "border_strong"
        if self._marked:
            tone = "replay"
        painter.fillRect(self.rect(), theme.color(tone))
        if self._framed or self._marked:
            painter.fillRect(self.rect().adjusted(EDGE, EDGE, -EDGE, -EDGE), theme.color("surface"))
        painter.end()

    def _point(self) -> None:
        chart = self.chart
        self.slot.link.point(None if chart.hover is None else cursor_at(chart.plane, *chart.hover))

    def _show_shared(self) -> None:
        cursor = self.slot.link.cursor
        if cursor != self.chart.shared_cursor:
            self.chart.shared_cursor = cursor
            self.chart.update()


def _no_pulse(_pane: Pane) -> None:
    """Nobody refreshes panes yet."""
