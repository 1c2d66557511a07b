"""The prints of one pair on their way out: those of a turn together, and none that the market does not bear out.

A print far from the touch and from the print before it is held for a moment, and what comes after it too, for prints
go out in order. If the book follows, or what was before it leads there, all go out; else it goes nowhere: no bar has
it, nothing fires on it and nothing is filled by it (quarantine).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.adapters.exchanges.book.leap import FALL, OF, RISE, Touch
from engine.domain.market import TradeTick

PATIENCE_S = 3.0
"""How long a wild print may wait for the book to bear it out…"""
LONGEST_S = 15.0
"""…and while the book is not whole."""
HELD = 20_000
"""Prints that wait at most; then the wild one is given up."""
KEPT = 20
"""Quarantined prints that are remembered."""


class PairTape:
    """Prints of one pair: `add` them, `take` those that may go out.

    Args:
        unit: one tick in the keys of a touch.
        touch: tells the touch of the book that was trusted last.
        is_whole: tells whether that book is whole now.
    """

    def __init__(self, unit: int, touch: Callable[[], Touch], is_whole: Callable[[], bool]) -> None:
        self._unit, self._touch, self._is_whole = unit, touch, is_whole
        self._waiting: list[TradeTick] = []
        self._last = 0
        """The price of the last print that went out, in ticks; 0 before any."""
        self._since: float | None = None
        """Since when the first of those that wait is a wild one."""
        self.quarantined = 0
        self.wild: list[TradeTick] = []
        """The last ones that were quarantined."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting

    @property
    def is_holding(self) -> bool:
        """Whether a wild print waits."""
        return self._since is not None

    def add(self, ticks: Sequence[TradeTick]) -> None:
        """Have prints go out soon."""
        self._waiting += ticks

    def went(self, ticks: Sequence[TradeTick]) -> None:
        """Take note of prints that went out otherwise: those of the past."""
        if ticks:
            self._last = ticks[-1].price

    def drop(self) -> None:
        """Forget what waits."""
        self._waiting, self._since = [], None

    def take(self, now_s: float) -> Sequence[TradeTick]:
        """Return the prints that go out now, in order; `now_s` is monotonic."""
        waiting = self._waiting
        if not waiting:
            return waiting
        low, high = self._bounds()
        for tick in waiting:
            if not low <= tick.price <= high:
                return self._walk(now_s)
        self._waiting, self._since, self._last = [], None, waiting[-1].price
        return waiting

    def _walk(self, now_s: float) -> list[TradeTick]:
        """Go print by print: one leads to the next."""
        waiting, found = self._waiting, list[TradeTick]()
        for number, tick in enumerate(waiting):
            low, high = self._bounds()
            if low <= tick.price <= high:
                found.append(tick)
                self._last = tick.price
            elif self._waits(now_s, len(waiting) - number):
                self._waiting = waiting[number:]
                return found
            else:
                self.quarantined += 1
                self.wild = [*self.wild[1 - KEPT :], tick]
            self._since = None
        self._waiting, self._since = [], None
        return found

    def _waits(self, now_s: float, count: int) -> bool:
        if self._since is None:
            self._since = now_s
        return count <= HELD and now_s - self._since < (PATIENCE_S if self._is_whole() else LONGEST_S)

    def _bounds(self) -> tuple[float, float]:
        """Return between which prices a print is taken as it is, in ticks; anything if nothing is known."""
        known = [key / self._unit for key in self._touch() if key]
        if self._last:
            known.append(self._last)
        if not known:
            return 0.0, float("inf")
        return min(known) * FALL / OF, max(known) * RISE / OF
