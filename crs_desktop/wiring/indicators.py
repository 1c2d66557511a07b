"""Actions on the indicators of the chart: add, bring back, write one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from crs_desktop.i18n import tr
from crs_desktop.wiring.console import Bindings, Console

if TYPE_CHECKING:
    from crs_desktop.panes.chart import ChartPane
    from crs_desktop.panes.chart_indicators import ChartIndicators


class IndicatorActions:
    """The part of the group `chart` that is about indicators."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {
            "chart.indicators": lambda: self._chart().open_picker(),
            "chart.indicator_undo": lambda: self._chart().undo_remove(),
            "chart.indicator_new": self.write_new,
            "chart.indicator_folder": lambda: self._console.do(self._open_folder()),
        }

    def write_new(self) -> None:
        """Write a template into the folder of own indicators, put it on the chart, and open the folder."""
        self._console.do(self._written())

    def _chart(self) -> ChartIndicators:
        """Return the indicators of the chart that has the focus, ready to talk to the user."""
        pane = cast("ChartPane", self._console.window.pane("chart"))
        pane.indicators.say = lambda text: self._console.toasts.say(tr("Indicators"), text)
        pane.indicators.new_file = self.write_new
        return pane.indicators

    async def _written(self) -> None:
        console = self._console
        path = await console.desk.indicators.new_file()
        said = tr("{file} is in the folder that opens. Change it and save: the chart follows.", file=path.name)
        console.toasts.say(tr("New indicator"), said, "good")
        self._chart().studies.add(f"own:{path.stem}")
        _show(path.parent)

    async def _open_folder(self) -> None:
        folder = self._console.desk.indicators.folder
        if not folder.is_dir():
            self._console.toasts.say(tr("No indicators of your own yet"), tr("Begin with “New indicator” in the menu."))
            return
        _show(folder)


def _show(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
