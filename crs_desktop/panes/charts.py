"""The chart place of the main window: its tabs. Where one chart is asked for, it is the active one of all windows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crs_desktop.charts.chart_view import ChartView
from crs_desktop.i18n import tr
from crs_desktop.panes.base import Pane
from crs_desktop.panes.chart import ChartPane
from crs_desktop.panes.chart_area import ChartArea, Pages
from crs_desktop.pulse import Pulse
from crs_desktop.viewmodels.chart import ChartModel
from crs_desktop.viewmodels.desk import Desk


class ChartsPane(Pane):
    """Shows the main window of a desk's board; each chart is under the pulse by itself."""

    name = "chart"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(None, tr("Chart"), parent)
        self.pages = Pages(desk)
        self.area = ChartArea(self.pages, desk.board.main, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.area)
        self._desk = desk
        self._link = desk.board.on_change(lambda _board: self._take_active())
        self._take_active()

    @property
    def pane(self) -> ChartPane:
        """The active chart, whichever window it is in."""
        return self.pages.of(self._desk.board.active_tab).focused.pane

    @property
    def chart(self) -> ChartView:
        """Its view."""
        return self.pane.chart

    @property
    def chart_model(self) -> ChartModel:
        """Its model."""
        return self.chart.model

    @property
    def dirty(self) -> bool:
        """Whether the active chart has news."""
        return self.pane.dirty

    def refresh(self) -> None:
        """Show the active chart's news."""
        self.pane.refresh()

    def join(self, pulse: Pulse) -> None:
        """Let every chart be refreshed by itself."""
        self.pages.join(pulse)

    def dispose(self) -> None:
        """Close all charts, those of other windows too."""
        if self._closed:
            return
        self._closed = True
        self._link.close()
        self.model = None
        self.pages.close()

    def _take_active(self) -> None:
        if self.area.place is not self._desk.board.main:
            self.area.place = self._desk.board.main  # another workspace
            self.area.sync()
        self.model = self.chart_model
        self.setFocusProxy(self.area.page.focused)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
