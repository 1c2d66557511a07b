"""The order book pane: a painted ladder under a row of grouping chips."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.base import Pane
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.book import GROUPINGS, BookModel, BookRow
from crs_desktop.widgets.depth_ladder import DepthLadder, LadderRow, LadderView
from crs_desktop.widgets.label import plain_label
from engine.domain.number import Ticks
from engine.domain.order import Side


class BookPane(Pane):
    """Levels of both sides around the spread; a click or Enter sends a price to the ticket."""

    name = "book"
    urgent = True

    def __init__(self, model: BookModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Order book"), parent)
        self._model = model
        self.ladder = DepthLadder(lambda price, qty: tr("{qty} at {price}", qty=qty, price=price), self)
        self.ladder.setAccessibleName(tr("Order book"))
        self.ladder.picked.connect(lambda price: model.pick(Ticks(price)))
        self.ladder.regroup.connect(self._regroup)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._chips())
        layout.addWidget(self.ladder, 1)
        self.setFocusProxy(self.ladder)

    def _chips(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 2, 4, 2)
        row.setSpacing(2)
        self._group = plain_label(tr("Group"), role="small", tone="muted")
        row.addWidget(self._group)
        self.step = plain_label("", role="small", tone="muted")
        self.chips = QButtonGroup(self)
        for ticks in GROUPINGS:
            chip = QPushButton(f"{ticks}×")  # noqa: RUF001 - a multiplication sign
            chip.setProperty("kind", "chip")
            chip.setCheckable(True)
            chip.setChecked(ticks == self._model.grouping)
            chip.setAccessibleName(tr("Group by {ticks} ticks", ticks=ticks))
            chip.setToolTip(chip.accessibleName())
            self.chips.addButton(chip, ticks)
            row.addWidget(chip)
        self.chips.idClicked.connect(self._model.set_grouping)
        row.addStretch(1)
        row.addWidget(self.step)
        row.addSpacing(4)
        return row

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Leave the words out where the chips need the room."""
        super().resizeEvent(event)
        roomy = self.width() >= theme.current().px(230)
        self._group.setVisible(roomy)
        self.step.setVisible(roomy)

    def _regroup(self, direction: int) -> None:
        at = GROUPINGS.index(self._model.grouping) + direction
        if 0 <= at < len(GROUPINGS):
            self._model.set_grouping(GROUPINGS[at])

    def refresh(self) -> None:
        """Show the book as it is now."""
        model, count = self._model, self.ladder.levels_needed
        asks, bids = model.rows(Side.SELL, count), model.rows(Side.BUY, count)
        deepest = max((rows[-1].cumulative for rows in (asks, bids) if rows), default=1)
        spread, pair = model.spread(), model.desk.pair
        heads = (tr("Price ({asset})", asset=pair.quote.code), tr("Size ({asset})", asset=pair.base.code), tr("Total"))
        self.chips.button(model.grouping).setChecked(True)
        self.step.setText(fmt.price(pair, model.grouping))
        self.ladder.show_view(
            LadderView(
                asks=[self._row(row, deepest) for row in asks],
                bids=[self._row(row, deepest) for row in bids],
                last=spread.last,
                direction=spread.direction,
                spread=tr("{width} · {bps} bps", width=spread.width, bps=spread.bps),
                message=spoken(model.state),
                synced=model.is_synced,
                heads=heads,
            )
        )
        super().refresh()

    def _row(self, row: BookRow, deepest: int) -> LadderRow:
        pair = self._model.desk.pair
        return LadderRow(
            row.price,
            fmt.price(pair, row.price),
            fmt.short_quantity(pair, row.qty),
            fmt.short_quantity(pair, row.cumulative),
            row.cumulative / deepest,
            fmt.quantity(pair, row.mine) if row.mine else "",
        )
