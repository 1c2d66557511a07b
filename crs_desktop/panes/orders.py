"""The open orders pane."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from crs_desktop import theme
from crs_desktop.i18n import tr
from crs_desktop.panes.amend_bar import AmendBar
from crs_desktop.panes.asking_pane import AskingPane
from crs_desktop.panes.table_pane import Strip
from crs_desktop.viewmodels.orders import OrdersModel
from crs_desktop.widgets.label import plain_label
from crs_desktop.widgets.row_menu import RowMenu


class OrdersPane(AskingPane):
    """Working and waiting orders: Delete cancels (and asks, if that takes more with it), Enter amends."""

    name = "orders"

    def __init__(self, model: OrdersModel, parent: QWidget | None = None) -> None:
        strip = Strip(tr("Cancel them"), tr("Keep them"))
        strip.yes.setProperty("kind", "danger")
        super().__init__(model, model, tr("Open orders"), strip, parent)
        self._model = model
        self.table.removed.connect(model.cancel)
        self.table.opened.connect(model.begin_amend)
        self.table.acted.connect(self._acted)
        self.table.asked.connect(lambda key, _field: model.ask_why(key))
        self.menu = RowMenu(
            self.table,
            (tr("Why has it not filled?"), model.ask_why),
            (tr("Amend"), model.begin_amend),
            (tr("Cancel"), model.cancel),
        )
        self.column.insertLayout(0, self._bar())
        self.amend = AmendBar(model, self)
        self.column.addWidget(self.amend)

    def _bar(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 2, 4, 2)
        row.setSpacing(4)
        self.filtered = plain_label(role="small", tone="muted")
        self.show_all = QPushButton(tr("Show all"))
        self.cancel_pair = QPushButton()
        self.cancel_all = QPushButton(tr("Cancel all"))
        for button in (self.show_all, self.cancel_pair, self.cancel_all):
            button.setProperty("kind", "chip")
            theme.set_font(button, "small")
        self.show_all.clicked.connect(lambda: self._model.filter(""))
        self.cancel_pair.clicked.connect(self._model.cancel_symbol)
        self.cancel_all.clicked.connect(lambda: self._model.cancel_all())
        row.addWidget(self.filtered)
        row.addWidget(self.show_all)
        row.addStretch(1)
        row.addWidget(self.cancel_pair)
        row.addWidget(self.cancel_all)
        return row

    def _acted(self, key: str, field: str) -> None:
        if field == "cancel":
            self._model.cancel(key)
        else:
            self._model.begin_amend(key)

    def refresh(self) -> None:
        """Show the orders and the editor."""
        model = self._model
        asset = model.only_asset
        self.filtered.setText(tr("Orders that lock {asset}", asset=asset) if asset else "")
        self.show_all.setVisible(bool(asset))
        mine = model.desk.orders.open()
        self.cancel_all.setEnabled(bool(mine))
        self.cancel_pair.setText(tr("Cancel {symbol}", symbol=model.desk.symbol))
        self.cancel_pair.setEnabled(any(each.symbol == model.desk.symbol for each in mine))
        super().refresh()
        had_focus = self.amend.isAncestorOf(self.focusWidget()) if self.focusWidget() is not None else False
        self.amend.show_amend()
        if had_focus and model.amending is None:
            self.table.setFocus()
