"""Actions on the indicators of the active chart: add, bring back, write one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from crs_desktop.i18n import tr
from crs_desktop.wiring.charts import ChartActions
from crs_desktop.wiring.console import Bindings, Console

if TYPE_CHECKING:
    from crs_desktop.viewmodels.indicators.studies import Studies


class IndicatorActions:
    """The part of the group `chart` that is about indicators."""

    def __init__(self, console: Console, charts: ChartActions) -> None:
        self._console, self._charts = console, charts

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {
            "chart.indicators": lambda: self._charts.active.indicators.open_picker(),
            "chart.indicator_undo": lambda: self._charts.active.indicators.undo_remove(),
            "chart.indicator_new": lambda: self.write_new(self._charts.active.indicators.studies),
            "chart.indicator_folder": self._open_folder,
        }

    def write_new(self, studies: Studies) -> None:
        """Write a template into the folder of own indicators, put it on a chart, and open the folder."""
        self._console.do(self._written(studies))

    async def _written(self, studies: Studies) -> None:
        path = await studies.indicators.new_file()
        said = tr("{file} is in the folder that opens. Change it and save: the chart follows.", file=path.name)
        self._console.toasts.say(tr("New indicator"), said, "good")
        _show(path.parent)
        studies.add(f"own:{path.stem}")

    def _open_folder(self) -> None:
        folder = self._console.desk.indicators.folder
        if folder.is_dir():
            _show(folder)
        else:
            said = tr("Begin with “New indicator” in the menu of charts.")
            self._console.toasts.say(tr("No indicators of your own yet"), said)


def _show(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
