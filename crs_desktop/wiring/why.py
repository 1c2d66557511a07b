"""The action that says why an order filled, or did not."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from crs_desktop.i18n import tr
from crs_desktop.panes.table_pane import TablePane
from crs_desktop.viewmodels.desk import WhyAsked
from crs_desktop.viewmodels.fills import FillsModel
from crs_desktop.viewmodels.history import HistoryModel
from crs_desktop.viewmodels.orders import OrdersModel
from crs_desktop.viewmodels.why import WhyModel
from crs_desktop.widgets.table import Table
from crs_desktop.wiring.console import Bindings, Console


class WhyActions:
    """`orders.why`, and the dialog that it and the tables open."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def bindings(self) -> Bindings:
        """Return what each action does."""
        return {"orders.why": self.ask}

    def ask(self) -> None:
        """Explain the row with the keyboard, if it is one of an order; else the last order."""
        table = QApplication.focusWidget() or self._console.window.focusWidget()
        pane = table.parentWidget() if isinstance(table, Table) else None
        if isinstance(pane, TablePane) and isinstance(table, Table) and (key := table.current_key()) is not None:
            model = pane.model
            if isinstance(model, OrdersModel | FillsModel | HistoryModel):
                model.ask_why(key)
                return
        order_id = self._console.desk.stories.last()
        if order_id is None:
            self._console.toasts.say(tr("No order yet"), tr("Press B to buy; then ask again why it filled."))
        else:
            self.show(WhyAsked(order_id))

    def show(self, asked: WhyAsked) -> None:
        """Open the dialog on an order."""
        from crs_desktop.panes.why import WhyDialog

        WhyDialog(self._console.window, WhyModel(self._console.desk, asked), self._console.window.pulse).open()
