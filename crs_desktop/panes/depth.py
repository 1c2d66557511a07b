"""The depth pane: the painted depth; above it what a size fills at and what moving the market costs."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.charts.depth_view import DepthView
from crs_desktop.i18n import spoken, tr
from crs_desktop.panes.base import Pane
from crs_desktop.viewmodels.depth import DepthModel
from crs_desktop.viewmodels.markets.own import own_venue
from crs_desktop.viewmodels.words import Sentence
from crs_desktop.widgets.decimal_field import DecimalField
from crs_desktop.widgets.label import plain_label


class DepthPane(Pane):
    """Cumulative depth of both sides around the middle."""

    name = "depth"

    def __init__(self, model: DepthModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Depth"), parent)
        self._model = model
        self.view = DepthView(model, self)
        self.view.setAccessibleName(tr("Depth chart"))
        self.field = DecimalField(tr("Size"), self)
        self.field.setToolTip(tr("What a market order of this size would fill at"))
        self.field.setFixedWidth(theme.current().px(150))
        self.field.edited.connect(model.set_size)
        self.sell, self.buy, self.moves = (plain_label(role="small", tone=tone) for tone in ("down", "up", "muted"))
        row = QHBoxLayout()
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(8)
        row.addWidget(self.field)
        row.addWidget(self.sell)
        row.addWidget(self.buy)
        row.addStretch(1)
        row.addWidget(self.moves)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addWidget(self.view, 1)
        self.setFocusProxy(self.view)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Leave words out where there is no room."""
        super().resizeEvent(event)
        self._model.hurry()

    def refresh(self) -> None:
        """Show the book as it is now."""
        model = self._model
        self.view.sync()
        self.field.set_unit(model.desk.pair.base.code)
        self.field.show_text(model.size_text)
        fills = model.fills()
        self.field.set_problem(spoken(fills) if isinstance(fills, Sentence) else "")
        sell, buy = fills if isinstance(fills, tuple) else (None, None)
        self.sell.setText(spoken(sell))
        self.buy.setText(spoken(buy))
        self._show_moves()
        super().refresh()

    def _show_moves(self) -> None:
        """Say what it costs to move the market, as much of it as fits."""
        quote = self._model.desk.pair.quote.code
        texts = [
            tr("{move}: {sold} ▼ {bought} ▲", move=move, sold=sold, bought=bought)
            for move, sold, bought in self._model.moves()
        ]
        metrics = self.moves.fontMetrics()
        used = sum(each.sizeHint().width() + 8 for each in (self.field, self.sell, self.buy)) + 24
        whose = f"{self._model.desk.symbol} · {own_venue(self._model.desk).title}"
        while texts:
            moves = tr("Cost to move, {quote}", quote=quote) + "   " + "   ".join(texts)
            for text in (f"{whose}   {moves}", moves):
                if metrics.horizontalAdvance(text) + used <= self.width():
                    self.moves.setText(text)
                    return
            texts.pop()
        self.moves.setText(whose)
