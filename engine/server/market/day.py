"""The last 24 hours of a pair, minute by minute, from bars and prints."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from engine.domain.market import TradeTick
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.ports.feed import BarArrays

MINUTE = 60 * NANOS_PER_SECOND
DAY = 86_400 * NANOS_PER_SECOND


@dataclass(slots=True)
class Minute:
    """One minute, or what of it is known; prices in ticks, volume in lots, value in ticks x lots."""

    start: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    value: int
    trades: int

    def add(self, later: Minute) -> None:
        """Add what came later."""
        self.high, self.low, self.close = max(self.high, later.high), min(self.low, later.low), later.close
        self.volume += later.volume
        self.value += later.value
        self.trades += later.trades


class Day:
    """Minutes of the last 24 hours, oldest first.

    The value of a bar from before the prints is its volume at the middle of high, low and close; how many trades made
    it is not known, so `trades` counts prints only.
    """

    def __init__(self) -> None:
        self._minutes: deque[Minute] = deque()
        self._sum: Minute | None = None
        """Of all minutes but the last; None if that must be made anew."""

    def begin(self, *bars: BarArrays, prints: Iterable[TradeTick] = ()) -> None:
        """Start over from bars of at most a minute, in order, and the prints after them.

        Minutes of which the prints so far say as much are kept: they know how many trades there were, and their value.
        """
        known = {each.start: each for each in self._minutes if each.trades}
        minutes: deque[Minute] = deque()
        for each in bars:
            for place in range(len(each)):
                _append(minutes, _of_bar(each, place))
        self._minutes, self._sum = minutes, None
        for tick in prints:
            self.add(tick)
        for place, minute in enumerate(minutes):
            kept = known.get(minute.start)
            if kept is not None and kept.volume >= minute.volume:
                minutes[place] = kept

    def add(self, tick: TradeTick) -> None:
        """Take in a print."""
        start = tick.at - tick.at % MINUTE
        price, qty = tick.price, tick.qty
        if _append(self._minutes, Minute(start, price, price, price, price, qty, price * qty, 1)):
            self._sum = None

    def total(self, now: Nanos) -> Minute | None:
        """Return all 24 hours before `now` as if they were one minute; None if nothing is known of them."""
        minutes, since = self._minutes, now - DAY
        while minutes and minutes[0].start + MINUTE <= since:
            minutes.popleft()
            self._sum = None
        if not minutes:
            return None
        if len(minutes) == 1:
            return minutes[0]
        if self._sum is None:
            self._sum = _sum([minutes[place] for place in range(len(minutes) - 1)])
        return _sum([self._sum, minutes[-1]])


def _append(minutes: deque[Minute], minute: Minute) -> bool:
    """Add a minute, or what came later in the last one; return whether another one began."""
    if minutes and minutes[-1].start == minute.start:
        minutes[-1].add(minute)
        return False
    minutes.append(minute)
    return True


def _sum(minutes: list[Minute]) -> Minute:
    first = minutes[0]
    total = Minute(first.start, first.open, first.high, first.low, first.close, 0, 0, 0)
    for each in minutes:
        total.add(each)
    return total


def _of_bar(bars: BarArrays, place: int) -> Minute:
    start, volume = int(bars.start[place]), int(bars.volume[place])
    opened, high, low, close = (int(each[place]) for each in (bars.open, bars.high, bars.low, bars.close))
    return Minute(start - start % MINUTE, opened, high, low, close, volume, volume * (high + low + close) // 3, 0)
