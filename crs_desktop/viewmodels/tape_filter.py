"""Which prints the tape shows, which of them are large, and which belong together.

Prints of one instant and one taker's side are what one order took: they can be shown as one. Large is what exceeds
the user's own threshold, else what belongs to the largest of the session.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from engine.domain.market import TradeTick
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.domain.pair import TradingPair

LARGE = 0.98
"""The quantile of the session's prints from which one is large."""
SAMPLE = 2_000
"""Prints of the session by which that is judged."""
FIRST = 50
"""No print is large before so many were seen."""
ANEW = 20
"""It is worked out anew after so many prints or slices of prints."""


class TapeLine(NamedTuple):
    """One line of the tape: a print, or several of one instant and side."""

    at: Nanos
    price: Ticks
    """Of the last of them: how far it went."""
    qty: Lots
    side: Side
    tick_lots: int
    """Sum of price x quantity."""
    prints: int


@dataclass(frozen=True, slots=True)
class TapeFilter:
    """What passes; `least` is in base units or, with `in_quote`, in quote units of the coin's own size."""

    least: Decimal = Decimal(0)
    in_quote: bool = False
    side: Side | None = None
    together: bool = True

    def passes(self, pair: TradingPair, line: TapeLine) -> bool:
        """Whether a line is shown."""
        if self.side is not None and line.side is not self.side:
            return False
        return not self.least or self.measure(pair, line) >= self.least

    def measure(self, pair: TradingPair, line: TapeLine) -> Decimal:
        """Return the size by which a line is judged."""
        if self.in_quote:
            return pair.quote.amount(pair.notional(1, line.tick_lots))
        return pair.qty(line.qty)


def line_of(tick: TradeTick) -> TapeLine:
    """Return a print as a line of its own."""
    return TapeLine(tick.at, tick.price, tick.qty, tick.side, tick.price * tick.qty, 1)


def joined(before: TapeLine, tick: TradeTick) -> TapeLine | None:
    """Return the line that a print makes with the one before it, None if they do not belong together."""
    if before.at != tick.at or before.side is not tick.side:
        return None
    return TapeLine(
        tick.at,
        tick.price,
        Lots(before.qty + tick.qty),
        tick.side,
        before.tick_lots + tick.price * tick.qty,
        before.prints + 1,
    )


class LargeSizes:
    """From which quantity on a line is large."""

    def __init__(self) -> None:
        self._sizes: deque[int] = deque(maxlen=SAMPLE)
        self._fresh = 0
        self._limit: int | None = None

    def add(self, lots: Iterable[int]) -> None:
        """Take sizes of the session."""
        before = len(self._sizes)
        self._sizes.extend(lots)
        self._fresh += max(1, len(self._sizes) - before)

    @property
    def limit(self) -> int | None:
        """The quantity in lots, worked out anew as prints come; None while too few were seen."""
        if len(self._sizes) < FIRST:
            return None
        if self._limit is None or self._fresh >= ANEW:
            sizes = np.fromiter(self._sizes, np.int64, len(self._sizes))
            self._limit, self._fresh = int(np.quantile(sizes, LARGE, method="higher")), 0
        return self._limit

    def clear(self) -> None:
        """Forget the session."""
        self._sizes.clear()
        self._fresh, self._limit = 0, None
