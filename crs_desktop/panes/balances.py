"""The balances pane."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from crs_desktop.i18n import tr
from crs_desktop.panes.table_pane import TablePane
from crs_desktop.viewmodels.balances import BalancesModel


class BalancesPane(TablePane):
    """Money by asset; a click on what is locked, or Enter, shows the orders that lock it."""

    name = "balances"

    def __init__(self, model: BalancesModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Balances"), parent)
        self.table.acted.connect(lambda asset, _field: model.show_locked(asset))
        self.table.opened.connect(model.show_locked)
        self.table.asked.connect(model.explain)
