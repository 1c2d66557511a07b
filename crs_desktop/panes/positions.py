"""The positions pane."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.table_pane import Strip, TablePane
from crs_desktop.viewmodels.positions import PositionsModel


class PositionsPane(TablePane):
    """What is held; Delete, or a click on Flatten, asks whether to close a position; Enter on a number explains it."""

    name = "positions"

    def __init__(self, model: PositionsModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Positions"), parent)
        self._model = model
        self.question = Strip(tr("Sell at market"), tr("Keep it"))
        self.question.yes.setProperty("kind", "sell")
        self.question.yes.clicked.connect(model.confirm)
        self.question.no.clicked.connect(model.dismiss)
        self.column.addWidget(self.question)
        self.table.removed.connect(model.ask_flatten)
        self.table.acted.connect(lambda symbol, _field: model.ask_flatten(symbol))
        self.table.opened.connect(model.desk.select)
        self.table.asked.connect(model.explain)

    def refresh(self) -> None:
        """Show positions, and the question while there is one."""
        asks = self.question.isHidden() and self._model.asking is not None
        self.question.say(spoken(self._model.question), "warn")
        if asks:
            self.question.yes.setFocus(Qt.FocusReason.OtherFocusReason)
        super().refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter answers the question with yes, Escape with no."""
        if self._model.asking is None or event.isAutoRepeat():
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._model.confirm()
        elif event.key() == Qt.Key.Key_Escape:
            self._model.dismiss()
            self.table.setFocus()
        else:
            super().keyPressEvent(event)

    def empty_clicked(self) -> None:
        """Buying is the ticket's to do."""
        self._model.empty_action()
