"""The editor at the foot of the open orders: the figures of an order, or of all orders of a list."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QWidget

from crs_desktop.i18n import spoken, tr
from crs_desktop.viewmodels.amend import PRICE, Amend
from crs_desktop.viewmodels.orders import OrdersModel
from crs_desktop.widgets.decimal_field import DecimalField
from crs_desktop.widgets.label import plain_label

MOST = 4
"""Fields side by side at most; what does not fit stands below, two by two."""
FIELD_WIDTH = 150
AROUND = 220
"""What title and buttons take of a line, px."""


class AmendBar(QFrame):
    """One field per figure that can be changed; Enter sends, Escape closes."""

    def __init__(self, model: OrdersModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model, self._pane = model, parent
        self._shown: Amend | None = None
        self.fields: dict[str, DecimalField] = {}
        """By the key of the editor's field."""
        self.setProperty("kind", "notice")
        self._grid = grid = QGridLayout(self)
        grid.setContentsMargins(8, 4, 8, 4)
        grid.setSpacing(6)
        self.title = plain_label(role="strong")
        grid.addWidget(self.title, 0, 0)
        self.send, self.leave = QPushButton(tr("Amend")), QPushButton(tr("Close"))
        self.send.setProperty("kind", "primary")
        self.send.clicked.connect(model.apply_amend)
        self.leave.clicked.connect(model.end_amend)
        grid.addWidget(self.send, 0, MOST + 2)
        grid.addWidget(self.leave, 0, MOST + 3)
        grid.setColumnStretch(MOST + 1, 1)
        self.problem = plain_label(role="small", tone="error", wrap=True)
        grid.addWidget(self.problem, 3, 0, 1, MOST + 4)
        self.hide()

    def field(self, name: str, order_id: str | None = None) -> DecimalField:
        """Return the field of a figure by its name, of one order or of the first that has it."""
        assert self._shown is not None, "nothing is being changed"  # noqa: S101 - the caller's promise
        return self.fields[self._shown.of(name, order_id).key]

    def show_amend(self) -> None:
        """Show what is being changed, if anything."""
        amend = self._model.amending
        self.setVisible(amend is not None)
        if amend is not self._shown:
            self._shown = amend
            self._fill(amend)
        if amend is None:
            return
        for each in amend.fields:
            self.fields[each.key].show_text(each.text)
        self.send.setEnabled(not amend.sending)
        self.problem.setText(spoken(amend.problem))
        self.problem.setVisible(amend.problem is not None)

    def _fill(self, amend: Amend | None) -> None:
        """Make the fields of an editor anew, and give the keyboard to the first price."""
        for field in self.fields.values():
            self._grid.removeWidget(field)
            field.deleteLater()
        self.fields = {}
        if amend is None:
            return
        self.title.setText(spoken(amend.title))
        room = (self._pane.width() - AROUND) // FIELD_WIDTH
        per_row = min(MOST, len(amend.fields)) if room >= min(MOST, len(amend.fields)) else 2
        before: QWidget = self.title
        for number, each in enumerate(amend.fields):
            field = self.fields[each.key] = DecimalField(spoken(each.label))
            field.set_unit(each.unit)
            field.setMinimumWidth(FIELD_WIDTH)
            field.edited.connect(lambda text, each=each: setattr(each, "text", text))
            field.stepped.connect(lambda steps, key=each.key: self._model.step_amend(key, steps))
            self._grid.addWidget(field, number // per_row, number % per_row + 1)
            QWidget.setTabOrder(before, field)
            before = field
            field.show_text(each.text)
        QWidget.setTabOrder(before, self.send)
        first = next((each for each in amend.fields if each.name == PRICE), amend.fields[0])
        self.fields[first.key].setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter sends, Escape closes."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self._model.apply_amend()
        elif event.key() == Qt.Key.Key_Escape:
            self._model.end_amend()
        else:
            super().keyPressEvent(event)
