"""The dialog that adds liquidity to a range of prices: the range is dragged on a chart, or typed beside it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from crs_desktop.panes.dex.range_chart import RangeChart
from crs_desktop.pulse import Pulse
from crs_desktop.shell.dex.act import ActDialog
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.dex.adding import AddForm
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput

WIDTH = 620


class RangeDialog(ActDialog):
    """Shows an `AddForm` of a V3 pool with the candles of the market's pair."""

    def __init__(self, parent: QWidget, form: AddForm, desk: Desk, pair: TradingPair, pulse: Pulse) -> None:
        self._adding = form
        self.range = RangeChart(desk, pair, form.set_ends)
        super().__init__(parent, form, self.range, WIDTH)
        self.range.join(pulse)

    def refresh(self) -> None:
        """Show the form, and its range on the chart."""
        super().refresh()
        try:
            self.range.overlay.show(self._adding.ends())
        except InvalidInput:
            return  # what is typed is no price yet

    def done(self, result: int) -> None:
        """Close the chart with the dialog."""
        self.range.dispose()
        super().done(result)
