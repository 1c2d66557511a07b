"""Bars in a replay: one that nothing has traded in yet is not shown, so that a step ends with the bar it was."""

from __future__ import annotations

from engine.domain.market import Bar, Timeframe
from engine.services.bars import Bars


class ReplayBars(Bars):
    """`Bars` without a forming bar that is still to begin."""

    def forming(self, symbol: str, timeframe: Timeframe) -> Bar | None:
        """Return the open bar of a watched pair; None until something traded in it."""
        bar = super().forming(symbol, timeframe)
        return bar if bar is None or bar.volume else None
