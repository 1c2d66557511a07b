"""The tape pane: public prints as they happen."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.base import Pane
from crs_desktop.viewmodels.tape import TapeModel
from crs_desktop.widgets.tape_view import TapeRow, TapeView
from engine.domain.number import Ticks
from engine.domain.order import Side


class TapePane(Pane):
    """Time, price and size of every print, newest on top."""

    name = "tape"

    def __init__(self, model: TapeModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Trades"), parent)
        self._model = model
        self.view = TapeView(self)
        self.view.setAccessibleName(tr("Trades"))
        self.view.picked.connect(lambda price: model.desk.pick_price(Ticks(price)))
        self.view.scrolled.connect(model.hurry)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        self.setFocusProxy(self.view)

    def refresh(self) -> None:
        """Show the newest prints, or those scrolled to."""
        model, pair = self._model, self._model.desk.pair
        rows = [
            TapeRow(each.time, each.price, each.qty, each.side is Side.BUY, each.weight, each.ticks)
            for each in model.prints(self.view.rows_needed, self.view.skip)
        ]
        self.view.show_rows(
            rows,
            heads=(
                tr("Time"), tr("Price ({asset})", asset=pair.quote.code), tr("Size ({asset})", asset=pair.base.code)
            ),
            total=model.total,
            message=spoken(model.state),
            fresh=model.is_synced,
        )  # fmt: skip
        super().refresh()
