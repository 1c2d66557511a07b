"""The watchlist pane: every market of the venue at a glance."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from crs_desktop.i18n import tr
from crs_desktop.panes.base import Pane
from crs_desktop.viewmodels.watchlist import WatchlistModel
from crs_desktop.widgets.spark_list import SparkList, SparkRow


class WatchlistPane(Pane):
    """A click, or the up and down keys, changes the market of all panes."""

    name = "watchlist"

    def __init__(self, model: WatchlistModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Markets"), parent)
        self._model = model
        self.list = SparkList(self)
        self.list.setAccessibleName(tr("Markets"))
        self.list.selected.connect(model.select)
        self.list.stepped.connect(model.step)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list)
        self.setFocusProxy(self.list)

    def refresh(self) -> None:
        """Show all markets as they are now."""
        rows = [
            SparkRow(
                row.symbol, row.last, row.change, row.direction, tr("{bps} bps", bps=row.spread), row.flash, row.spark,
                row.is_current, row.watched,
            )
            for row in self._model.rows()
        ]  # fmt: skip
        self.list.show_rows(rows, heads=(tr("Market · spread"), tr("Last · 24 h")), fresh=self._model.is_synced)
        super().refresh()
