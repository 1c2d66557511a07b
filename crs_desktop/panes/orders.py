"""The open orders pane."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.table_pane import TablePane
from crs_desktop.viewmodels.orders import OrdersModel
from crs_desktop.widgets.decimal_field import DecimalField
from crs_desktop.widgets.label import plain_label


class AmendBar(QFrame):
    """The editor of one order: quantity and prices; Enter sends, Escape closes."""

    def __init__(self, model: OrdersModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._shown = model, ""
        self.setProperty("kind", "notice")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(6)
        self.title = plain_label(role="strong")
        row.addWidget(self.title)
        self.fields = {
            "qty": DecimalField(tr("Amount")),
            "price": DecimalField(tr("Price")),
            "stop": DecimalField(tr("Stop")),
        }
        for name, field in self.fields.items():
            field.setMinimumWidth(150)
            field.edited.connect(lambda text, name=name: self._typed(name, text))
            field.stepped.connect(lambda steps, name=name: model.step_amend(name, steps))
            row.addWidget(field)
        self.send, self.leave = QPushButton(tr("Amend")), QPushButton(tr("Close"))
        self.send.setProperty("kind", "primary")
        self.send.clicked.connect(model.apply_amend)
        self.leave.clicked.connect(model.end_amend)
        row.addWidget(self.send)
        row.addWidget(self.leave)
        self.problem = plain_label(role="small", tone="error", wrap=True)
        row.addWidget(self.problem, 1)
        self.hide()

    def _typed(self, name: str, text: str) -> None:
        if self._model.amending is not None:
            setattr(self._model.amending, f"{name}_text", text)

    def show_amend(self) -> None:
        """Show the order that is being changed, if any."""
        amend = self._model.amending
        self.setVisible(amend is not None)
        if amend is None:
            self._shown = ""
            return
        order, pair = amend.order, self._model.desk.pairs[amend.order.symbol]
        self.title.setText(order.symbol)
        for name, text, unit, shown in (
            ("qty", amend.qty_text, pair.base.code, True),
            ("price", amend.price_text, pair.quote.code, order.price is not None),
            ("stop", amend.stop_text, pair.quote.code, order.stop_price is not None),
        ):
            self.fields[name].setVisible(shown)
            self.fields[name].set_unit(unit)
            self.fields[name].show_text(text)
        self.problem.setText(spoken(amend.problem))
        if self._shown != order.order_id:
            self._shown = order.order_id
            self.fields["price" if order.price is not None else "qty"].setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter sends, Escape closes."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self._model.apply_amend()
        elif event.key() == Qt.Key.Key_Escape:
            self._model.end_amend()
        else:
            super().keyPressEvent(event)


class OrdersPane(TablePane):
    """Working and waiting orders: Delete cancels, Enter amends."""

    name = "orders"

    def __init__(self, model: OrdersModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Open orders"), parent)
        self._model = model
        self.table.removed.connect(model.cancel)
        self.table.opened.connect(model.begin_amend)
        self.table.acted.connect(self._acted)
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
