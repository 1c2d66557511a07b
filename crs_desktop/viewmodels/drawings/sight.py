"""How a drawing sees the pane it lies in. A chart implements it; a test does with plain arithmetic."""

from __future__ import annotations

from typing import Protocol

from engine.domain.pair import TradingPair


class Sight(Protocol):
    """Instants and prices to pixels of the price pane and back; prices are ticks, as float64."""

    pair: TradingPair
    width: float
    height: float
    step: int
    """Length of a bar, ns."""

    @property
    def equity(self) -> int | None:
        """Return what the account is worth in units of the pair's quote; None if that is unknown."""
        ...

    def bar(self, at: int) -> int:
        """Return the index of the bar that contains an instant; extrapolated beyond the ends."""
        ...

    def start(self, bar: int) -> int:
        """Return the opening instant of a bar."""
        ...

    def x(self, at: int) -> float:
        """Return the middle of the bar that contains an instant."""
        ...

    def y(self, ticks: float) -> float:
        """Return where a price is."""
        ...

    def bar_at(self, x: float) -> int:
        """Return the bar under a pixel."""
        ...

    def price(self, y: float) -> float:
        """Return the price at a pixel."""
        ...
