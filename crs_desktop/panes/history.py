"""The order history pane."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from crs_desktop.i18n import tr
from crs_desktop.panes.table_pane import TablePane
from crs_desktop.viewmodels.history import HistoryModel
from crs_desktop.widgets.row_menu import RowMenu


class HistoryPane(TablePane):
    """Finished orders, newest first; Enter tells why one filled, or did not."""

    name = "history"

    def __init__(self, model: HistoryModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("History"), parent)
        self.table.opened.connect(model.ask_why)
        self.menu = RowMenu(self.table, (tr("Why did it fill, or not?"), model.ask_why))
