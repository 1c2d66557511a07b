"""Actions on charts: tabs, splits, link groups, windows of their own, pair and timeframe of the active chart."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtWidgets import QWidget

from crs_desktop.i18n import tr
from crs_desktop.shell.offers import pair_entries
from crs_desktop.viewmodels.chart_tab import BoardWindow, ChartSlot
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.link import LETTERS, LinkGroup
from crs_desktop.viewmodels.workspace import COUNTS
from crs_desktop.widgets.palette import Palette
from crs_desktop.wiring.console import Bindings, Console
from engine.domain.market import Timeframe

if TYPE_CHECKING:
    from crs_desktop.panes.chart import ChartPane
    from crs_desktop.panes.chart_area import ChartArea
    from crs_desktop.panes.chart_cell import ChartCell
    from crs_desktop.panes.charts import ChartsPane
    from crs_desktop.shell.chart_windows import ChartWindows
    from crs_desktop.viewmodels.board import Board
    from crs_desktop.viewmodels.hook import Link


class ChartActions:
    """The group `chart`; keeps the windows of their own while a desk is attached."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.windows: ChartWindows | None = None
        self._links: list[Link[Board] | Link[ChartSlot]] = []

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {
            **{f"chart.{each.value}": partial(self._timeframe, each) for each in Timeframe},
            **{f"chart.split_{each}": partial(self._seen, self._split, each) for each in COUNTS},
            **{f"chart.link_{each.lower()}": partial(self._link, each) for each in LETTERS},
            "chart.link_none": partial(self._link, ""),
            "chart.next_link": lambda: self._board.step_link(self._board.active),
            "chart.keep_timeframe": self._keep_timeframe,
            "chart.pair": lambda: self._ask_pair(self._board.active),
            "chart.split": partial(self._seen, lambda: self._board.cycle_split(self._board.active_tab)),
            "chart.next_chart": partial(self._seen, lambda: self._board.step_chart(1)),
            "chart.previous_chart": partial(self._seen, lambda: self._board.step_chart(-1)),
            "chart.new_tab": partial(self._seen, lambda: self._board.add_tab()),
            "chart.close_tab": partial(self._seen, self._close_tab),
            "chart.reopen_tab": partial(self._seen, self._reopen_tab),
            "chart.rename_tab": lambda: self._area.rename_current(),
            "chart.next_tab": partial(self._seen, lambda: self._board.step_tab(1)),
            "chart.previous_tab": partial(self._seen, lambda: self._board.step_tab(-1)),
            "chart.tab_left": lambda: self._move_tab(-1),
            "chart.tab_right": lambda: self._move_tab(1),
            "chart.new_window": self._tear_off,
            "chart.to_main": self._bring_home,
            "view.next_symbol": lambda: self._step_symbol(1),
            "view.previous_symbol": lambda: self._step_symbol(-1),
        }

    def attach(self, desk: Desk) -> None:
        """Follow a desk's board: open its windows, offer pairs where they are wanted."""
        board = desk.board
        self._links = [board.on_pair_wanted(self._ask_pair), board.on_change(lambda _board: self._open_windows())]
        self._open_windows()

    def detach(self) -> None:
        """Close the windows and follow no more."""
        for link in self._links:
            link.close()
        self._links = []
        if self.windows is not None:
            self.windows.close()
            self.windows = None

    @property
    def front(self) -> QWidget:
        """The window that the user looks at: a chart window, or the main one."""
        active = self.windows.active() if self.windows is not None else None
        return active or self._console.window

    def palette(self) -> Palette:
        """Return the palette of the window that the user looks at."""
        front = self.front
        return front.findChild(Palette) or Palette(front)

    @property
    def active(self) -> ChartPane:
        """The chart that is active, in whichever window."""
        return self._area.page.focused.pane

    @property
    def active_cell(self) -> ChartCell:
        """Its place on the board."""
        return self._area.page.focused

    @property
    def _board(self) -> Board:
        return self._console.desk.board

    @property
    def _pane(self) -> ChartsPane:
        return cast("ChartsPane", self._console.window.pane("chart"))

    @property
    def _area(self) -> ChartArea:
        """The charts of the window that holds the active one."""
        return self._area_of(self._board.active_window)

    def _area_of(self, place: BoardWindow) -> ChartArea:
        opened = self.windows.open if self.windows is not None else ()
        return next((each.area for each in opened if each.place is place), self._pane.area)

    def _open_windows(self) -> None:
        """Begin to keep windows when the board has the first."""
        if self.windows is None and len(self._board.windows) > 1:
            from crs_desktop.shell.chart_windows import ChartWindows

            self.windows = ChartWindows(self._console.window, self._pane.pages)

    def _timeframe(self, timeframe: Timeframe) -> None:
        self._board.active.link.set_timeframe(timeframe)

    def _keep_timeframe(self) -> None:
        link = self._board.active.link
        link.keep_timeframe(link.kept is None)

    def _split(self, split: str) -> None:
        self._board.split(self._board.active_tab, split)

    def _link(self, name: str) -> None:
        self._board.link(self._board.active, name)

    def _seen(self, do: Callable[..., object], *values: object) -> None:
        """Do something to tabs or charts, and take the keyboard to the chart that is active then."""
        do(*values)
        self._area.focus_chart()

    def _step_symbol(self, steps: int) -> None:
        """Change the pair of the chart that has the keyboard, or of the desk."""
        from crs_desktop.panes.chart_area import cell_of

        keyed = cell_of(self.front.focusWidget())
        group: LinkGroup | None = keyed.slot.link.group if keyed is not None else None
        self._console.desk.step_symbol(steps, group)

    def _close_tab(self) -> None:
        board, toasts = self._board, self._console.toasts
        tab = board.active_tab
        title = tab.title
        if not board.close_tab(tab):
            toasts.say(tr("The last tab stays"), tr("The main window always shows a chart."))
            return
        toasts.undoable(tr("Tab closed"), title, board.reopen_tab)

    def _reopen_tab(self) -> None:
        if self._board.reopen_tab() is None:
            self._console.toasts.say(tr("No closed tab"), tr("There is no closed chart tab to bring back."))

    def _move_tab(self, steps: int) -> None:
        board = self._board
        board.move_tab(board.active_tab, board.active_window.at + steps)

    def _tear_off(self) -> None:
        if self._board.tear_off(self._board.active_tab) is None:
            self._console.toasts.say(tr("Not moved"), tr("The tab has a window of its own, or there are too many."))

    def _bring_home(self) -> None:
        if self._board.move_to(self._board.active_tab, self._board.main):
            self._console.window.activateWindow()
            self._pane.area.focus_chart()

    def _ask_pair(self, slot: ChartSlot) -> None:
        self._board.focus(slot)
        self.palette().open(pair_entries(self._console.desk, slot.link.select))
