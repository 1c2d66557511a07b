"""The equity curve's state: what the account was worth, instant by instant."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crs_desktop.viewmodels.base import ViewModel
from crs_desktop.viewmodels.desk import Desk
from crs_desktop.viewmodels.words import NOTHING, Sentence, say
from engine.services.portfolio import EquityChanged


class EquityModel(ViewModel):
    """Instants (ns UTC) and equity (in whole `currency`); fewer than two points are no curve."""

    pace = 1.0

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.currency = desk.portfolio.currency
        self.times: NDArray[np.int64] = np.empty(0, np.int64)
        self.values: NDArray[np.float64] = np.empty(0)
        self.version = 0
        self._listen(EquityChanged, self.touch)

    @property
    def problem(self) -> Sentence:
        """What to say instead of a curve, `NOTHING` if there is one."""
        if len(self.times) >= 2:
            return NOTHING
        return say("No equity curve yet. It begins with the first seconds of the market; press B to buy something.")

    @property
    def change(self) -> tuple[float, int]:
        """Change since the curve began: in currency, and in basis points."""
        if len(self.values) < 2:
            return 0.0, 0
        first, last = float(self.values[0]), float(self.values[-1])
        return last - first, round((last - first) * 10_000 / first) if first > 0 else 0

    @property
    def drawdown_bps(self) -> int:
        """The deepest fall from a peak so far, in basis points of that peak."""
        if len(self.values) < 2:
            return 0
        peaks = np.maximum.accumulate(self.values)
        falls = np.divide(peaks - self.values, peaks, out=np.zeros_like(peaks), where=peaks > 0)
        return round(float(falls.max()) * 10_000)

    @property
    def data_label(self) -> str:
        """Where the prices behind the worth come from."""
        return self.desk.source

    def fold(self) -> None:
        """Take the curve over; called once per refresh."""
        self.times, self.values = self.desk.portfolio.curve()
        self.version += 1
