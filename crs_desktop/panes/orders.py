"""The open orders pane."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.amend_bar import AmendBar
from crs_desktop.panes.table_pane import Strip, TablePane
from crs_desktop.viewmodels.orders import OrdersModel
from crs_desktop.widgets.label import plain_label
from crs_desktop.widgets.row_menu import RowMenu


class OrdersPane(TablePane):
    """Working and waiting orders: Delete cancels (and asks, if that takes more with it), Enter amends."""

    name = "orders"

    def __init__(self, model: OrdersModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Open orders"), parent)
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
        self.question = Strip(tr("Cancel them"), tr("Keep them"))
        self.question.yes.setProperty("kind", "danger")
        self.question.yes.clicked.connect(model.confirm)
        self.question.no.clicked.connect(model.dismiss)
        self.column.addWidget(self.question)
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
        asks = self.question.isHidden() and model.doubt is not None
        self.question.say(spoken(model.doubt.text) if model.doubt is not None else "", "warn")
        self.cancel_all.setEnabled(bool(mine))
        self.cancel_pair.setText(tr("Cancel {symbol}", symbol=model.desk.symbol))
        self.cancel_pair.setEnabled(any(each.symbol == model.desk.symbol for each in mine))
        super().refresh()
        had_focus = self.amend.isAncestorOf(self.focusWidget()) if self.focusWidget() is not None else False
        self.amend.show_amend()
        if asks:
            self.question.yes.setFocus(Qt.FocusReason.OtherFocusReason)
        elif had_focus and model.amending is None:
            self.table.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter answers the question with yes, Escape with no."""
        if self._model.doubt is None or event.isAutoRepeat():
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._model.confirm()
        elif event.key() == Qt.Key.Key_Escape:
            self._model.dismiss()
            self.table.setFocus()
        else:
            super().keyPressEvent(event)
