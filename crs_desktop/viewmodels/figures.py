"""Figures of one pair as texts, remembered: a screen shows the same few hundred numbers again and again."""

from __future__ import annotations

from collections.abc import Sequence

from crs_desktop.viewmodels import format as fmt
from engine.domain.pair import TradingPair

MOST = 8_192
"""Texts that are remembered of each kind."""


class Figures:
    """Prices and quantities of a pair as people read them."""

    def __init__(self, pair: TradingPair) -> None:
        self.pair = pair
        self._prices: dict[int, str] = {}
        self._quantities: dict[tuple[int, int], str] = {}

    def price(self, ticks: int) -> str:
        """Return a price with the tick's decimals, grouped."""
        found = self._prices.get(ticks)
        if found is None:
            if len(self._prices) >= MOST:
                self._prices.clear()
            found = self._prices[ticks] = fmt.price(self.pair, ticks)
        return found

    def quantity(self, lots: int, width: int = 9) -> str:
        """Return a quantity in at most `width` characters."""
        found = self._quantities.get((lots, width))
        if found is None:
            if len(self._quantities) >= MOST:
                self._quantities.clear()
            found = self._quantities[lots, width] = fmt.short_quantity(self.pair, lots, width)
        return found

    def short(self, lots: int, width: int = 9) -> str:
        """Return a quantity without zeros that say nothing: at its end, and if it is tight before the point.

        It never reads as less than it is for want of room; what does not fit into `width` is longer.
        """
        text = self.quantity(lots)
        if "." in text and text[-1].isdigit():
            text = text.rstrip("0").rstrip(".")
        if len(text) > width and text.startswith("0."):
            return text[1:]
        return text

    def prices(self, ticks: Sequence[int]) -> list[str]:
        """Return prices as texts."""
        return [self.price(each) for each in ticks]

    def quantities(self, lots: Sequence[int], width: int = 9) -> list[str]:
        """Return quantities as texts."""
        return [self.quantity(each, width) for each in lots]
