"""The positions pane."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from crs_desktop.i18n import tr
from crs_desktop.panes.asking_pane import AskingPane
from crs_desktop.panes.table_pane import Strip
from crs_desktop.viewmodels.positions import PositionsModel


class PositionsPane(AskingPane):
    """What is held; Delete, or a click on Flatten, asks whether to close a position; Enter on a number explains it."""

    name = "positions"

    def __init__(self, model: PositionsModel, parent: QWidget | None = None) -> None:
        strip = Strip(tr("Sell at market"), tr("Keep it"))
        strip.yes.setProperty("kind", "sell")
        super().__init__(model, model, tr("Positions"), strip, parent)
        self._model = model
        self.table.removed.connect(model.ask_flatten)
        self.table.acted.connect(lambda symbol, _field: model.ask_flatten(symbol))
        self.table.opened.connect(model.desk.select)
        self.table.asked.connect(model.explain)

    def empty_clicked(self) -> None:
        """Buying is the ticket's to do."""
        self._model.empty_action()
