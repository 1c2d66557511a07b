"""The tape pane: public prints as they happen, chips that filter them, and who pushes."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.base import Pane
from crs_desktop.panes.ticket_kinds import chip
from crs_desktop.viewmodels.tape import TapeModel
from crs_desktop.widgets.decimal_field import DecimalField
from crs_desktop.widgets.flow_bar import FlowBar
from crs_desktop.widgets.tape_view import TapeRow, TapeView
from engine.domain.number import Ticks
from engine.domain.order import Side

SIDES = (None, Side.BUY, Side.SELL)


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
        self.view.held.connect(model.hold)
        self.flow = FlowBar(self)
        self.flow.setAccessibleName(tr("Volume of the last ten seconds"))
        self.fields = self._fields()
        self.fields.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._chips())
        layout.addWidget(self.fields)
        layout.addWidget(self.flow)
        layout.addWidget(self.view, 1)
        self.setFocusProxy(self.view)

    def _chips(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(0)
        self.sides = QButtonGroup(self)
        for number, (text, tip) in enumerate(
            (
                (tr("All"), tr("Show all trades")),
                (tr("Buys"), tr("Show what takers bought")),
                (tr("Sells"), tr("Show what takers sold")),
            )
        ):
            button = chip(text)
            button.setToolTip(tip)
            button.setChecked(number == 0)
            self.sides.addButton(button, number)
            row.addWidget(button)
        self.sides.idClicked.connect(lambda number: self._model.set_side(SIDES[number]))
        row.addStretch(1)
        self.together = chip(tr("Join"))
        self.together.setToolTip(tr("Show trades of one instant and side as one line"))
        self.together.clicked.connect(self._model.set_together)
        self.sizes = chip(tr("Size"))
        self.sizes.setToolTip(tr("Filter by size, and choose which trades are marked as large"))
        self.sizes.clicked.connect(lambda on: self.fields.setVisible(bool(on)))
        row.addWidget(self.together)
        row.addWidget(self.sizes)
        return row

    def _fields(self) -> QWidget:
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(4)
        self.least = DecimalField(tr("Min"))
        self.least.setToolTip(tr("The smallest trade that is shown"))
        self.least.edited.connect(self._model.set_least)
        self.large = DecimalField(tr("Large"))
        self.large.setToolTip(tr("From which size on a trade is marked; empty: the largest of the session"))
        self.large.edited.connect(self._model.set_large)
        self.unit = chip("")
        self.unit.setAccessibleName(tr("Sizes in the quote asset"))
        self.unit.clicked.connect(self._model.set_in_quote)
        row.addWidget(self.least, 1)
        row.addWidget(self.large, 1)
        row.addWidget(self.unit)
        return holder

    def refresh(self) -> None:
        """Show the newest prints, or those scrolled to."""
        model, pair = self._model, self._model.desk.pair
        rows = [
            TapeRow(
                each.time, each.price, each.qty, each.side is Side.BUY, each.weight, each.ticks, each.large, each.prints
            )
            for each in model.prints(self.view.rows_needed, self.view.skip)
        ]
        waiting = model.waiting
        self.view.show_rows(
            rows,
            heads=(
                tr("Time"), tr("Price ({asset})", asset=pair.quote.code), tr("Size ({asset})", asset=pair.base.code)
            ),
            total=model.total,
            message=spoken(model.state),
            fresh=model.is_synced,
            waiting=tr("{count} new", count=waiting) if waiting else "",
        )  # fmt: skip
        self._show_filter()
        self._show_flow()
        super().refresh()

    def _show_filter(self) -> None:
        model, pair = self._model, self._model.desk.pair
        self.sides.button(SIDES.index(model.filter.side)).setChecked(True)
        self.together.setChecked(model.filter.together)
        self.sizes.setChecked(not self.fields.isHidden())
        self.sizes.setText(tr("Size") + (" •" if model.filter.least else ""))
        self.unit.setText(pair.quote.code if model.filter.in_quote else pair.base.code)
        self.unit.setChecked(model.filter.in_quote)
        self.least.show_text(model.least_text)
        self.large.show_text(model.large_text)
        self.least.set_problem(spoken(model.least_problem))
        self.large.set_problem(spoken(model.large_problem))

    def _show_flow(self) -> None:
        speed, share, bought, sold = self._model.flow()
        rate = tr("{speed}/s", speed=f"{speed:.1f}")
        told = tr(
            "{speed} trades a second; {bought} bought and {sold} sold in ten seconds",
            speed=f"{speed:.1f}",
            bought=bought,
            sold=sold,
        )
        self.flow.show_flow(share, f"▲ {bought}", rate, f"{sold} ▼", told)
