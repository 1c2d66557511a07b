"""The fills pane."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from crs_desktop.i18n import tr
from crs_desktop.panes.table_pane import TablePane
from crs_desktop.viewmodels.fills import FillsModel
from crs_desktop.widgets.row_menu import RowMenu


class FillsPane(TablePane):
    """Our executions, newest first; Enter tells why one happened."""

    name = "fills"

    def __init__(self, model: FillsModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Fills"), parent)
        self.table.opened.connect(model.ask_why)
        self.menu = RowMenu(self.table, (tr("Why did it fill?"), model.ask_why))
