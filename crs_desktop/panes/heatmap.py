"""The heatmap pane: the painted heatmap under a row of chips."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crs_desktop.charts.heatmap_view import HeatmapView
from crs_desktop.i18n import tr
from crs_desktop.panes.base import Pane
from crs_desktop.panes.ticket_kinds import chip
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.heatmap import HeatmapModel
from crs_desktop.viewmodels.markets.own import own_venue
from crs_desktop.widgets.label import plain_label


class HeatmapPane(Pane):
    """Resting size over time and price, with trades; every click and key goes to the model."""

    name = "heatmap"

    def __init__(self, model: HeatmapModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Heatmap"), parent)
        self._model = model
        self.view = HeatmapView(model, self)
        self.view.setAccessibleName(tr("Liquidity heatmap"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self._chips())
        layout.addWidget(self.view, 1)
        self.setFocusProxy(self.view)

    def _chips(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(2)
        self.pause = chip(tr("Pause"))
        self.pause.setToolTip(tr("Stand still; recording goes on (P)"))
        self.pause.clicked.connect(self._model.set_paused)
        self.bubbles = chip(tr("Trades"))
        self.bubbles.setToolTip(tr("Show trades as bubbles"))
        self.bubbles.clicked.connect(self._show_bubbles)
        self.follow = chip(tr("Follow"))
        self.follow.setToolTip(tr("Follow the newest column and the market (End)"))
        self.follow.clicked.connect(self._model.show_newest)
        self.tall, self.flat = (chip(text) for text in (tr("Prices +"), tr("Prices \N{MINUS SIGN}")))
        for button, steps, tip in ((self.tall, 1, tr("Fewer prices")), (self.flat, -1, tr("More prices"))):
            button.setCheckable(False)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(lambda _=False, steps=steps: self._model.zoom_prices(steps))
        for each in (self.pause, self.follow, self.bubbles, self.tall, self.flat):
            row.addWidget(each)
        row.addStretch(1)
        self.told = plain_label(role="small", tone="muted")
        row.addWidget(self.told)
        return row

    def _show_bubbles(self, on: bool) -> None:
        self._model.bubbles = on
        self._model.hurry()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Take a larger or smaller part."""
        super().resizeEvent(event)
        self._model.hurry()

    def refresh(self) -> None:
        """Show the book as it was recorded until now."""
        model = self._model
        super().refresh()  # first: a middle that is still on its way makes it dirty again
        self.view.sync()
        self.pause.setChecked(not model.is_live)
        self.follow.setChecked(model.is_live and model.centre.auto)
        self.bubbles.setChecked(model.bubbles)
        ring = model.ring
        if ring is None or not ring.count:
            self.told.clear()
            return
        first = int(ring.at[ring.first % ring.columns])
        step = fmt.price(model.desk.pair, ring.step)
        told = tr("since {time} · {step} per row", time=fmt.clock(first), step=step)
        self.told.setText(f"{model.desk.symbol} · {own_venue(model.desk).title} · {told}")
