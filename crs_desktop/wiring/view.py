"""Actions on what is seen: palette, panes, help, introduction, the window itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from crs_desktop.i18n import tr
from crs_desktop.shell.offers import entries
from crs_desktop.viewmodels.palette import Entry, Found
from crs_desktop.widgets.palette import Palette
from crs_desktop.wiring.charts import ChartActions
from crs_desktop.wiring.console import Bindings, Console
from crs_desktop.wiring.settings import SettingsActions

if TYPE_CHECKING:
    from crs_desktop.panes.first_run import FirstRun


class ViewActions:
    """The group `view`."""

    def __init__(
        self,
        console: Console,
        settings: SettingsActions,
        charts: ChartActions,
        venues: Callable[[], list[Entry]],
        instruments: Callable[[str], list[Found]],
    ) -> None:
        """`venues` are the places to trade, for the palette; `instruments` finds those of all connected venues."""
        self._console, self._settings, self._charts, self._venues = console, settings, charts, venues
        self._instruments = instruments
        self.palette = Palette(console.window)
        self.introduction: FirstRun | None = None

    def bindings(self) -> Bindings:
        """Return what each action does."""
        window = self._console.window
        return {
            "view.palette": self._show_palette,
            "view.help": self._show_help,
            "view.next_pane": lambda: window.docks.step(1),
            "view.previous_pane": lambda: window.docks.step(-1),
            "view.full_screen": self._full_screen,
            "view.reset_layout": window.docks.arrange,
            "view.menu_bar": lambda: window.menus.bar.setVisible(not window.menus.bar.isVisible()),
            "app.first_run": self.show_introduction,
        }

    def introduce(self) -> None:
        """Show the introduction to somebody who is new here."""
        run = self._console.run
        if not run.arrangement.layout.introduced and run.options.smoke is None:
            run.arrangement.remember(introduced=True)  # shown once, whatever becomes of it
            self.show_introduction()

    def show_introduction(self) -> None:
        """Show the four steps; they take no keys."""
        from crs_desktop.panes.first_run import FirstRun

        console = self._console
        self.end_introduction()
        self.introduction = FirstRun(console.window, console.desk, console.book, self._introduced)
        self.introduction.start()

    def end_introduction(self) -> None:
        """Take the steps away, done or not."""
        if self.introduction is not None:
            self.introduction.finish(done=False)
            self.introduction = None

    def raise_window(self) -> None:
        """Come to the front: somebody started the program again."""
        console, window = self._console, self._console.window
        if window.isMinimized():
            window.showNormal()
        window.show()
        window.raise_()
        window.activateWindow()
        said = tr("CRS Desktop was started again; this is the window of the profile.")
        console.toasts.say(tr("Already running"), said)

    def _show_palette(self) -> None:
        console = self._console
        found = entries(
            console.book, console.open_desk, console.window.docks, console.run.settings, self._settings.show
        )
        offered = [*found, *(self._venues() if console.engine is not None else ())]
        self._charts.palette().open(offered, more=self._instruments)

    def _show_help(self) -> None:
        from crs_desktop.panes.help import HelpSheet

        HelpSheet(self._console.window, self._console.book).open()

    def _introduced(self) -> None:
        self.introduction = None
        self._console.run.arrangement.remember(introduced=True)
        self._console.run.arrangement.save_soon()

    def _full_screen(self) -> None:
        window = self._console.window
        if window.isFullScreen():
            window.showNormal()
        else:
            window.showFullScreen()
