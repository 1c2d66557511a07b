"""The fair price inside a minute: a path through the bar, second by second.

It starts at the open, ends at the close, touches the high and the low exactly and stays between
them; the minute's volume is spread over its seconds in bursts. One-second bars of the past are read
off it, and the agents of the live flow quote around it: the same path on both sides of the joint.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

import numpy as np

from engine.domain.number import NANOS_PER_SECOND
from engine.market.generator import MEAN_SIZE, MORE_AT_ONCE, MORE_PRINTS, BarGenerator
from engine.market.noise import Floats, Ints, normal, stream, uniform
from engine.market.stage import MINUTES
from engine.ports.feed import BarArrays

SECONDS = 60
BURST = 1.1
"""Standard deviation of the log of a second's share; gives the recorded burstiness of trades."""
KEPT_MINUTES = 8
FIRST_PRINT, FEW_PRINTS = 0.17, 1.3
"""Part of a second's move before its first print: always, and with one print (fewer with more). Live bars open at
their first print, so those of the past do too."""
WICK = 0.07
"""Furthest that a print strays from the path, in standard deviations of a second's move."""
ACROSS, MANY_PRINTS = 1.0, 12.0
"""How often they stray over the spread when prints are without number; half as often with so many in a second."""
SCATTER, THINNING = 2.3, 0.45
"""Deviation that the sizes of prints add to the log of a second's volume: with none, and how more even it out."""


class MinutePath(NamedTuple):
    """The inside of one minute."""

    price: Floats
    """Fair price in ticks at each second's start and at the end, shape (61,)."""
    share: Floats
    """Fraction of the minute's volume in each second, shape (60,), sum 1."""
    low: int
    high: int
    volume: int
    sigma: float
    """Log volatility per minute."""


class LatentPath:
    """Minutes of one pair seen from inside; safe to use from several threads."""

    def __init__(self, bars: BarGenerator) -> None:
        self.bars = bars
        self._kept: OrderedDict[int, MinutePath] = OrderedDict()
        self._lock = Lock()

    def minute(self, minute: int) -> MinutePath:
        """Return the inside of a minute since 1970; recent answers are kept."""
        with self._lock:
            known = self._kept.get(minute)
        if known is not None:
            return known
        day, offset = divmod(minute, MINUTES)
        bars = self.bars.day(day)
        price, share = self._inside(minute, 1)
        path = MinutePath(
            price[0],
            share[0],
            int(bars.low[offset]),
            int(bars.high[offset]),
            int(bars.volume[offset]),
            float(bars.sigma[offset]),
        )
        with self._lock:
            self._kept[minute] = path
            while len(self._kept) > KEPT_MINUTES:
                self._kept.popitem(last=False)
        return path

    def second_bars(self, first_minute: int, count: int) -> BarArrays:
        """Return the one-second bars of whole minutes; they add up to the minutes' own bars."""
        open_, high, low, _, volume, sigma = self._columns(first_minute, count)
        price, share = self._inside(first_minute, count)
        second = (first_minute * SECONDS + np.arange(count * SECONDS, dtype=np.int64)).reshape(count, SECONDS)
        prints = self._prints(volume, share)
        late = np.minimum(FIRST_PRINT + FEW_PRINTS / (1.0 + prints), 1.0)
        late[:, 0] = 0.0  # a minute opens where its bar says
        opened = np.rint(price[:, :-1] + late * np.diff(price, axis=1))
        closed = np.rint(price[:, 1:])
        name = (self.bars.seed, "wick", self.bars.spec.symbol)
        reach = (sigma * open_ / np.sqrt(SECONDS))[:, None] * WICK
        above = _stray(reach, prints, uniform(stream(*name, "up"), second))
        below = _stray(reach, prints, uniform(stream(*name, "down"), second))
        top = np.minimum(np.maximum(opened, closed) + above, high[:, None])
        bottom = np.maximum(np.minimum(opened, closed) - below, low[:, None])
        scatter = SCATTER / (1.0 + prints) ** THINNING * normal(stream(*name, "volume"), second)
        part = share * np.exp(scatter)
        part /= part.sum(axis=1, keepdims=True)
        filled = np.rint(np.concatenate((np.zeros((count, 1)), np.cumsum(part, axis=1)), axis=1) * volume[:, None])
        filled[:, -1] = volume
        columns = (opened, top, bottom, closed, np.diff(filled, axis=1))
        return BarArrays(second.reshape(-1) * NANOS_PER_SECOND, *(each.reshape(-1) for each in columns))

    def _prints(self, volume: Floats, share: Floats) -> Floats:
        """Return how many prints each second has by its share of the minute, shape (n, 60)."""
        shape = self.bars.spec.shape
        usual = shape.trades * SECONDS * MEAN_SIZE * shape.size_lots
        busy = (volume / usual)[:, None]
        prints: Floats = shape.trades * busy**MORE_PRINTS * (share * SECONDS) ** MORE_AT_ONCE
        return prints

    def _columns(self, first: int, count: int) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
        """Return open, high, low, close, volume and sigma of minutes as floats."""
        rows = []
        minute, last = first, first + count
        while minute < last:
            day, offset = divmod(minute, MINUTES)
            until = min(MINUTES, offset + last - minute)
            rows.append([each[offset:until].astype(np.float64) for each in self.bars.day(day)])
            minute += until - offset
        open_, high, low, close, volume, sigma = (np.concatenate(each) for each in zip(*rows, strict=True))
        return open_, high, low, close, volume, sigma

    def _inside(self, first: int, count: int) -> tuple[Floats, Floats]:
        """Return paths of shape (count, 61) and shares of shape (count, 60)."""
        open_, high, low, close, _, sigma = self._columns(first, count)
        minute = np.arange(first, first + count, dtype=np.int64)
        second = minute[:, None] * SECONDS + np.arange(SECONDS, dtype=np.int64)
        name = (self.bars.seed, "inside", self.bars.spec.symbol)
        steps = normal(stream(*name, "step"), second) * (sigma * open_ / np.sqrt(SECONDS))[:, None]
        walk = np.concatenate((np.zeros((count, 1)), np.cumsum(steps, axis=1)), axis=1)
        knots, heights = self._knots(minute, open_, high, low, close)
        path = np.clip(_through(walk, knots, heights), low[:, None], high[:, None])
        weight = np.exp(BURST * normal(stream(*name, "share"), second))
        share = weight / weight.sum(axis=1, keepdims=True)
        return path, share

    def _knots(self, minute: Ints, open_: Floats, high: Floats, low: Floats, close: Floats) -> tuple[Ints, Floats]:
        """Return the seconds and prices, shape (n, 4), that the path must pass, in order of time."""
        name = (self.bars.seed, "knot", self.bars.spec.symbol)
        early = 1 + (uniform(stream(*name, "early"), minute) * 29).astype(np.int64)
        late = 30 + (uniform(stream(*name, "late"), minute) * 30).astype(np.int64)
        coin = uniform(stream(*name, "first"), minute)
        rising = close > open_
        high_first = np.where(rising, coin < 0.25, coin < 0.75)  # a rising minute tends to dip first
        at_high = np.where(high_first, early, late)
        at_low = np.where(high_first, late, early)
        at_high = np.where(high == close, SECONDS, np.where(high == open_, 0, at_high))
        at_low = np.where(low == close, SECONDS, np.where(low == open_, 0, at_low))
        swap = at_low < at_high
        first, second = np.where(swap, at_low, at_high), np.where(swap, at_high, at_low)
        first_price, second_price = np.where(swap, low, high), np.where(swap, high, low)
        zero = np.zeros_like(minute)
        first_price = np.where(first == 0, open_, np.where(first == SECONDS, close, first_price))
        second_price = np.where(second == SECONDS, close, np.where(second == 0, open_, second_price))
        knots = np.stack((zero, first, second, np.full_like(minute, SECONDS)), axis=1)
        return knots, np.stack((open_, first_price, second_price, close), axis=1)


def _stray(reach: Floats, prints: Floats, odds: Floats) -> Floats:
    """Return by how many ticks prints stray to one side: within `reach`, and over the spread where there are many."""
    across = odds < ACROSS * prints / (prints + MANY_PRINTS)
    return np.floor(reach * odds) + across


def _through(walk: Floats, knots: Ints, heights: Floats) -> Floats:
    """Bend walks of shape (n, 61) so that they pass the knots; between two they keep their noise."""
    time = np.arange(SECONDS + 1)[None, :]
    miss = heights - np.take_along_axis(walk, knots, axis=1)
    bent = walk + miss[:, :1]
    for left in range(3):
        start, end = knots[:, left : left + 1], knots[:, left + 1 : left + 2]
        part = (time - start) / np.maximum(end - start, 1)
        line = miss[:, left : left + 1] * (1 - part) + miss[:, left + 1 : left + 2] * part
        bent = np.where((time >= start) & (time <= end) & (end > start), walk + line, bent)
    return bent
