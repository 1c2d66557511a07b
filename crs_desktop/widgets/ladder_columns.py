"""Where the columns of a ladder are, and what a point of it means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QRect

from engine.domain.order import Side

EDGE = 6
LEAST_OWN = 0.17
"""Of the width, what a column of own orders has at least."""
MOST_OWN = 0.62
"""Of what a side has beside the prices, what it has at most."""


class Column(Enum):
    """A column of the ladder, from left to right."""

    OWN_BUY = 0
    BID = 1
    PRICE = 2
    ASK = 3
    OWN_SELL = 4

    @property
    def side(self) -> Side | None:
        """The side that a click in it means; None for the prices."""
        if self is Column.PRICE:
            return None
        return Side.BUY if self in (Column.OWN_BUY, Column.BID) else Side.SELL

    @property
    def is_own(self) -> bool:
        """Whether it holds our orders."""
        return self in (Column.OWN_BUY, Column.OWN_SELL)


@dataclass(frozen=True, slots=True)
class Columns:
    """Left edges of the five columns and the right edge of the last, px."""

    edges: tuple[int, int, int, int, int, int]

    @classmethod
    def of(cls, width: int, price: int, size: int) -> Columns:
        """Divide a width; the prices get what their texts need, sizes and own orders share the rest.

        Args:
            width: of the ladder.
            price: how wide the text of a price is.
            size: how wide the text of a size is.
        """
        middle = min(price + 2 * EDGE, width // 2)
        rest = (width - middle) // 2
        own = max(round(width * LEAST_OWN), min(rest - size - 2 * EDGE, round(rest * MOST_OWN)))
        return cls((0, own, rest, rest + middle, width - own, width))

    def rect(self, column: Column, top: int, height: int) -> QRect:
        """Return a cell."""
        left, right = self.edges[column.value], self.edges[column.value + 1]
        return QRect(left, top, right - left, height)

    def at(self, x: int) -> Column:
        """Return the column under a pixel."""
        for column in Column:
            if x < self.edges[column.value + 1]:
                return column
        return Column.OWN_SELL
