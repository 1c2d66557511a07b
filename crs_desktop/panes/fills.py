"""The fills pane."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from crs_desktop.i18n import tr
from crs_desktop.panes.table_pane import TablePane
from crs_desktop.viewmodels.fills import FillsModel


class FillsPane(TablePane):
    """Our executions, newest first."""

    name = "fills"

    def __init__(self, model: FillsModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Fills"), parent)
