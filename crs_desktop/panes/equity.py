"""The equity pane: what the account was worth over time."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from crs_desktop import theme
from crs_desktop.charts.crosshair import Part
from crs_desktop.charts.line_view import LineView
from crs_desktop.charts.scale import NumberGrid
from crs_desktop.i18n import tr
from crs_desktop.panes.base import Pane
from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.equity import EquityModel
from crs_desktop.viewmodels.words import NOTHING


class EquityPane(Pane):
    """Shows an `EquityModel`."""

    name = "equity"

    def __init__(self, model: EquityModel, parent: QWidget | None = None) -> None:
        super().__init__(model, tr("Equity"), parent)
        self._model = model
        self.curve = LineView(tr("Equity curve"), self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.curve)
        self.setFocusProxy(self.curve)

    def refresh(self) -> None:
        """Take over the curve."""
        model = self._model
        model.fold()
        problem = model.problem
        sentence = "" if problem is NOTHING else tr(problem.source, **problem.values)
        self.curve.show_curve(model.times, model.values, [] if sentence else self._legend(), sentence)
        super().refresh()

    def _legend(self) -> list[Part]:
        model = self._model
        grid = NumberGrid(2, 100)
        change, bps = model.change
        tone = "up_text" if change >= 0 else "down_text"
        return [
            (tr("Equity"), "text_faint"),
            (f"{grid.text(float(model.values[-1]))} {model.currency}", "text"),
            (tr("since start"), "text_faint"),
            (f"{fmt.signed(grid.text(change))} {model.currency}", tone),
            (fmt.percent(bps), tone),
            (tr("deepest fall"), "text_faint"),
            (fmt.share(model.drawdown_bps), "text"),
            (model.data_label, theme.data_tone(model.data_label)),
        ]
