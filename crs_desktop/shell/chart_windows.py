"""Windows of their own for chart tabs: the same keys as in the main window, which they close with."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from crs_desktop.i18n import tr
from crs_desktop.panes.chart_area import ChartArea, Pages
from crs_desktop.shell.arrangement import rect_of, usable_screens
from crs_desktop.shell.keys import KeyRouter
from crs_desktop.viewmodels.layout import clamp

if TYPE_CHECKING:
    from crs_desktop.viewmodels.board import Board
    from crs_desktop.viewmodels.chart_tab import BoardWindow
    from crs_desktop.window import MainWindow

FIRST_SIZE = (960, 640)
_ATTENTION = frozenset(
    {QEvent.Type.WindowActivate, QEvent.Type.WindowDeactivate, QEvent.Type.Show, QEvent.Type.Hide,
     QEvent.Type.WindowStateChange}
)  # fmt: skip


class ChartWindow(QWidget):
    """One window of chart tabs."""

    def __init__(self, main: MainWindow, pages: Pages, place: BoardWindow) -> None:
        super().__init__(None)
        self._main, self._board, self._pages = main, pages.desk.board, pages
        self.place = place
        self._leaving = False
        self.setObjectName("chart window")
        self.setWindowIcon(main.windowIcon())
        self.setMinimumSize(480, 320)
        self.area = ChartArea(pages, place, self)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.area)
        main.mark_age(self.area)
        app = QApplication.instance()
        self.keys = KeyRouter(self, main.book, app) if isinstance(app, QApplication) else None
        self._stand()
        self.retitle()

    def retitle(self) -> None:
        """Say what the tab in front shows, and whose program this is."""
        title = tr("{tab} - CRS Desktop", tab=self.place.current.title)
        if title != self.windowTitle():
            self.setWindowTitle(title)

    def leave(self) -> None:
        """Close for good: its tabs are elsewhere, or the program ends."""
        self._leaving = True
        self._pages.leave(self.area)
        if self.keys is not None:
            self.keys.close()
        self.close()
        self.deleteLater()

    def event(self, event: QEvent) -> bool:
        """Measure what painting costs, follow how closely the user looks and where the window stands."""
        kind = event.type()
        if kind == QEvent.Type.UpdateRequest:
            began = perf_counter()
            handled = super().event(event)
            self._main.pulse.painted((perf_counter() - began) * 1e3)
            return handled
        handled = super().event(event)
        if kind in _ATTENTION:
            self._main.look()
        if kind in (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.WindowStateChange):
            self._note_place()
        return handled

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Close the tabs; that takes the window away, too."""
        if self._leaving:
            super().closeEvent(event)
            return
        event.ignore()
        QTimer.singleShot(0, self, lambda: self._board.close_window(self.place))

    def _stand(self) -> None:
        """Stand where the window stood, on a monitor that is there; a new one beside the main window's corner."""
        place = self.place
        if place.place is None:
            corner = self._main.geometry().topLeft()
            self.resize(*FIRST_SIZE)
            self.move(corner.x() + 80, corner.y() + 80)
        else:
            self.setGeometry(*clamp(place.place, usable_screens(), (480, 320)))

    def _note_place(self) -> None:
        if self._leaving or not self.isVisible():
            return
        self.place.maximised = self.isMaximized()
        if not self.place.maximised:
            self.place.place = rect_of(self.geometry())
        self._main.moved.emit()


class ChartWindows:
    """One `ChartWindow` for every window of the board but the main one."""

    def __init__(self, main: MainWindow, pages: Pages) -> None:
        self._main, self._pages = main, pages
        self._windows: dict[BoardWindow, ChartWindow] = {}
        self._link = pages.desk.board.on_change(self._sync)
        self._sync(pages.desk.board)

    @property
    def open(self) -> tuple[ChartWindow, ...]:
        """The windows that are open now."""
        return tuple(self._windows.values())

    def active(self) -> ChartWindow | None:
        """Return the window that has the keyboard, None if it is the main one or none of ours."""
        return next((each for each in self._windows.values() if each.isActiveWindow()), None)

    def close(self) -> None:
        """Close all windows; the board keeps what they show."""
        self._link.close()
        for window in self._windows.values():
            window.leave()
        self._windows.clear()
        self._main.companions.clear()

    def _sync(self, board: Board) -> None:
        for place in [each for each in self._windows if each not in board.windows]:
            self._windows.pop(place).leave()
        fresh = [each for each in board.windows[1:] if each not in self._windows]
        for place in fresh:
            self._windows[place] = ChartWindow(self._main, self._pages, place)
        self._main.companions[:] = self._windows.values()
        for place in fresh:
            window = self._windows[place]
            window.showMaximized() if place.maximised else window.show()
            window.raise_()
            if place is board.active_window:
                window.activateWindow()
                window.area.focus_chart()
        for window in self._windows.values():
            window.retitle()
