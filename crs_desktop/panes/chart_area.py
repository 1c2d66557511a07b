"""The charts of one window: a row of tabs over the tab in front. `Pages` keeps what all windows share."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QMenu, QStackedWidget, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import tr
from crs_desktop.panes.base import Pane
from crs_desktop.panes.chart_cell import ChartCell
from crs_desktop.panes.chart_header import ChartHeader
from crs_desktop.panes.chart_page import ChartPage
from crs_desktop.pulse import Pulse
from crs_desktop.viewmodels.chart_tab import BoardWindow, ChartTab
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.workspace import Rect
from crs_desktop.widgets.tab_strip import TabStrip, tool

SPLITS = {
    "one": "One chart",
    "side": "Two charts side by side",
    "stacked": "Two charts, one above the other",
    "four": "Four charts",
}
"""What a split is called."""
ROOMY = 620
"""From this width on, px, there is room for a button per split."""
TORN_SIZE = (960, 640)
"""Of a window that a tab is dropped into, px."""
GRIP = 60
"""How far right of its corner the pointer holds it."""
ROUNDS = 4
"""The most looks at the board for one change: the second finds nothing new."""


class Pages(QObject):
    """The pages of all tabs that were ever in front, and which chart the keyboard is in."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.keyed: ChartCell | None = None
        self._pages: dict[ChartTab, ChartPage] = {}
        self._areas: list[ChartArea] = []
        self._pulse: Pulse | None = None
        self._busy = self._again = False
        self._link = desk.board.on_change(lambda _board: self.sync())
        self._app = QApplication.instance()
        if isinstance(self._app, QApplication):
            self._app.focusChanged.connect(self._follow)

    def of(self, tab: ChartTab) -> ChartPage:
        """Return a tab's page, made now if it never was in front."""
        if tab not in self._pages:
            page = self._pages[tab] = ChartPage(self.desk, tab, self._join)
            page.sync(self.desk.board.active, self.keyed)
        return self._pages[tab]

    def join(self, pulse: Pulse) -> None:
        """Let the charts, and those to come, be refreshed by a pulse."""
        self._pulse = pulse
        for page in self._pages.values():
            for cell in page.cells.values():
                cell.pane.join(pulse)

    def enter(self, area: ChartArea) -> None:
        """Let a window's area follow the board."""
        self._areas.append(area)
        self.sync()

    def leave(self, area: ChartArea) -> None:
        """Let an area follow no more: its window is going."""
        self._areas.remove(area)

    def sync(self) -> None:
        """Show the board as it is now; what changes meanwhile (the focus of what is moved) is looked at after."""
        if self._busy:
            self._again = True
            return
        self._busy = True
        try:
            for _ in range(ROUNDS):
                self._again = False
                self._show()
                before, self.keyed = self.keyed, cell_of(QApplication.focusWidget())
                if not self._again and self.keyed is before:
                    break
        finally:
            self._busy = False

    def _show(self) -> None:
        """Let pages of closed tabs go, and areas show their tabs."""
        tabs = set(self.desk.board.tabs())
        for tab in [each for each in self._pages if each not in tabs]:
            self._drop(self._pages.pop(tab))
        for area in tuple(self._areas):
            if area.place in self.desk.board.windows:
                area.sync()

    def close(self) -> None:
        """Close every chart."""
        self._link.close()
        if isinstance(self._app, QApplication):
            self._app.focusChanged.disconnect(self._follow)
        for page in self._pages.values():
            page.dispose()
        self._pages.clear()
        self._areas.clear()
        self.keyed = None

    def _drop(self, page: ChartPage) -> None:
        page.dispose()
        page.hide()
        page.setParent(None)
        page.deleteLater()

    def _join(self, pane: Pane) -> None:
        if self._pulse is not None:
            pane.join(self._pulse)

    def _follow(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._busy:
            self._again = True
            return
        keyed = cell_of(new)
        if keyed is self.keyed:
            return
        self.keyed = keyed
        if keyed is not None:
            self.desk.board.focus(keyed.slot)
        self.sync()


def cell_of(widget: QWidget | None) -> ChartCell | None:
    """Return the chart that a widget belongs to."""
    while widget is not None and not isinstance(widget, ChartCell):
        widget = widget.parentWidget()
    return widget


class ChartArea(QWidget):
    """The tabs of one window of the board."""

    def __init__(self, pages: Pages, place: BoardWindow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place = place
        self._pages, self._board = pages, pages.desk.board
        board = self._board
        self.strip = TabStrip(tr("Chart tabs"), self)
        self.header = ChartHeader(board, pages.desk.links, place.current.focused, self.strip)
        self.stack = QStackedWidget(self)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.strip)
        box.addWidget(self.stack, 1)
        self._add_tools()
        strip = self.strip
        strip.chosen.connect(lambda index: board.show_tab(self.place.tabs[index]))
        strip.closed.connect(lambda index: board.close_tab(self.place.tabs[index]))
        strip.renamed.connect(lambda index, name: board.rename_tab(self.place.tabs[index], name))
        strip.moved.connect(lambda old, new: board.move_tab(self.place.tabs[old], new))
        strip.added.connect(lambda: board.add_tab(self.place))
        strip.asked.connect(self._open_menu)
        strip.dropped.connect(self.drop)
        pages.enter(self)

    @property
    def page(self) -> ChartPage:
        """The page in front."""
        return self._pages.of(self.place.current)

    def sync(self) -> None:
        """Show the window's tabs as they are now."""
        place = self.place
        self.strip.show_tabs([tab.title for tab in place.tabs], place.at)
        alone = len(place.current.shown) == 1
        if self.header.isHidden() == alone:
            self.header.setVisible(alone)
        self.header.show_slot(place.current.focused)
        self._show_splits()
        page = self.page
        if self.stack.indexOf(page) < 0:
            self.stack.addWidget(page)
        if self.stack.currentWidget() is not page:
            had_keys = self.isAncestorOf(self.window().focusWidget() or self)
            self.stack.setCurrentWidget(page)
            if had_keys and not self.strip.isAncestorOf(self.window().focusWidget() or self):
                page.setFocus()
        page.sync(self._board.active, self._pages.keyed)

    def focus_chart(self) -> None:
        """Give the keyboard to the focused chart of the tab in front."""
        self.page.focused.chart.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def rename_current(self) -> None:
        """Let the user type a name for the tab in front."""
        self.strip.edit(self.place.at)

    def menu(self, index: int) -> QMenu:
        """Return the menu of a tab."""
        board, tab = self._board, self.place.tabs[index]
        menu = QMenu(self)
        menu.addAction(tr("Rename…"), partial(self.strip.edit, index))
        if self.place is not board.main:
            menu.addAction(tr("Move to the main window"), partial(board.move_to, tab, board.main))
        torn = menu.addAction(tr("Move to its own window"), partial(board.tear_off, tab))
        torn.setEnabled(self.place is board.main or len(self.place.tabs) > 1)
        menu.addSeparator()
        closes = menu.addAction(tr("Close the tab"), partial(board.close_tab, tab))
        closes.setEnabled(self.place is not board.main or len(self.place.tabs) > 1)
        menu.addAction(tr("Reopen the closed tab"), board.reopen_tab).setEnabled(board.can_reopen)
        return menu

    def drop(self, index: int, at: QPoint) -> None:
        """Move a tab to the other window it was dropped on, or else to a window of its own, there."""
        tab, under = self.place.tabs[index], QApplication.widgetAt(at)
        while under is not None and not isinstance(under, ChartArea):
            under = under.parentWidget()
        if under is None or under is self:
            self._board.tear_off(tab, Rect(at.x() - GRIP, at.y(), *TORN_SIZE))
        else:
            self._board.move_to(tab, under.place)

    def _add_tools(self) -> None:
        row = self.strip.row
        row.addWidget(self.header)
        self._splits = {}
        for split, title in SPLITS.items():
            button = tool(f"split-{split}", tr(title), partial(self._split, split))
            button.setCheckable(True)
            row.addWidget(button)
            self._splits[split] = button

    def _show_splits(self) -> None:
        """Show which split is in force; in a narrow window only that one, and a click goes on to the next."""
        roomy = self.width() >= theme.current().px(ROOMY)
        for split, button in self._splits.items():
            there = split == self.place.current.split
            button.setChecked(there)
            if button.isHidden() == (roomy or there):
                button.setVisible(roomy or there)

    def _split(self, split: str) -> None:
        tab = self.place.current
        if split == tab.split and self.width() < theme.current().px(ROOMY):
            self._board.cycle_split(tab)
        else:
            self._board.split(tab, split)
        self._show_splits()  # the button of the split in force stays down

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Give the room to the tabs where there is little."""
        super().resizeEvent(event)
        self._show_splits()

    def _open_menu(self, index: int, at: QPoint) -> None:
        menu = self.menu(index)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)
