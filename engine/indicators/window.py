"""Windows that slide over a column: sums, means, weighted means, extremes; whole columns, and one value at a time.

A column may open with NaN (the warm-up of what it was made from); after that it holds none. The answer is as long as
the column and NaN until the window is full. Each batch function has a class that gives the same, bit for bit:
`take(value, keep)` answers for the window that ends with `value`, and remembers the value only if told to.

No value is ever subtracted from a running total, so nothing is lost to cancellation however long the column is: the
column is cut into blocks of one period, and a window is the tail of one block and the head of the next (van Herk 1992,
there for the maximum).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

import numpy as np

from engine.indicators.spec import Floats

NAN = float("nan")
Ends = Callable[[Floats], tuple[Floats, Floats]]
"""Blocks, one a column, to their heads and tails: what each holds up to every place, and from every place on."""


def warm_up(column: Floats) -> int:
    """Return how many NaN the column opens with; its length if there is nothing else."""
    if len(column) == 0 or column[0] == column[0]:
        return 0
    known = np.flatnonzero(~np.isnan(column))
    return int(known[0]) if len(known) else len(column)


def unknown(length: int, until: int | None = None) -> Floats:
    """Return a column of NaN; or one to be filled in from row `until` on, and NaN before it."""
    if until is None:
        return np.full(length, np.nan)
    answer = np.empty(length)
    answer[:until] = np.nan
    return answer


def rolling_sum(column: Floats, period: int) -> Floats:
    """Return the sum of the last `period` values."""
    return _windows(column, period, _sums, np.add, 0.0)


def rolling_mean(column: Floats, period: int) -> Floats:
    """Return the mean of the last `period` values."""
    return _windows(column, period, _sums, np.add, 0.0, period)


def rolling_highest(column: Floats, period: int) -> Floats:
    """Return the largest of the last `period` values."""
    return _windows(column, period, _highest, np.maximum, -np.inf)


def rolling_lowest(column: Floats, period: int) -> Floats:
    """Return the smallest of the last `period` values."""
    return _windows(column, period, _lowest, np.minimum, np.inf)


def rolling_weighted_mean(column: Floats, period: int) -> Floats:
    """Return the mean of the last `period` values, the newest with weight `period`, the oldest with weight 1."""
    return _windows(column, period, _weighted, np.add, 0.0, period * (period + 1) / 2)


def rolling_deviation(column: Floats, mean: Floats, period: int, squared: bool = False) -> Floats:
    """Return the mean distance of the last `period` values from `mean`, one mean per row; or the mean of its square."""
    first = warm_up(mean)
    answer = unknown(len(column), first)
    for at in range(first, len(column), CHUNK):
        end = min(at + CHUNK, len(column))
        total, middle = np.zeros(end - at), mean[at:end]
        gap = np.empty(end - at)
        for lag in range(period - 1, -1, -1):
            np.subtract(column[at - lag : end - lag], middle, out=gap)
            total += np.multiply(gap, gap, out=gap) if squared else np.abs(gap, out=gap)
        np.divide(total, period, out=answer[at:end])
    return answer


CHUNK = 8_192
"""Rows at a time of `rolling_deviation`: three columns of it stay in the processor's cache."""


def _windows(column: Floats, period: int, ends: Ends, join: np.ufunc, neutral: float, over: float = 1.0) -> Floats:
    """Join the head of every block to the tail of the block before, some blocks at a time; divide if asked to."""
    lead = warm_up(column)
    answer = unknown(len(column), lead + period - 1)
    known, out = column[lead:], answer[lead + period - 1 :]
    size = max(BATCH // period, 1) * period
    for at in range(0, len(out), size):
        blocks = _blocks(known[at : at + size + period], period, neutral)
        head, tail = ends(blocks)
        windows = np.empty((blocks.shape[1], period))
        windows[:, 0] = head[-1]  # one block and no tail
        windows[:-1, 1:] = join(head[:-1, 1:], tail[1:, :-1]).T
        part = out[at : at + size]
        np.divide(windows.ravel()[: len(part)], over, out=part)
    return answer


BATCH = 65_536
"""Values that `_windows` works on at a time: they stay in the processor's cache."""
NARROW = 64
"""Blocks up to here are turned over, so that numpy adds long rows; longer ones it adds up one by one."""


def _blocks(column: Floats, period: int, neutral: float) -> Floats:
    missing = -len(column) % period
    padded = np.concatenate((column, np.full(missing, neutral))) if missing else np.asarray(column)
    blocks = padded.reshape(-1, period).T
    return np.ascontiguousarray(blocks) if period <= NARROW else blocks


def _gather(join: np.ufunc, blocks: Floats) -> Floats:
    if len(blocks) > NARROW:
        wide: Floats = join.accumulate(blocks, axis=0)
        return wide
    answer = np.empty_like(blocks)
    answer[0] = blocks[0]
    for at in range(1, len(blocks)):
        join(answer[at - 1], blocks[at], out=answer[at])
    return answer


def _backwards(join: np.ufunc, blocks: Floats) -> Floats:
    return _gather(join, blocks[::-1])[::-1]


def _ends_by(join: np.ufunc) -> Ends:
    return lambda blocks: (_gather(join, blocks), _backwards(join, blocks))


_sums, _highest, _lowest = _ends_by(np.add), _ends_by(np.maximum), _ends_by(np.minimum)


def _weighted(blocks: Floats) -> tuple[Floats, Floats]:
    """Weigh a tail from 1 at its own start, a head up to `period` at its own end."""
    weights = np.arange(1.0, len(blocks) + 1.0)[:, None]
    head = _gather(np.add, blocks)
    head *= len(blocks) - weights
    head += _gather(np.add, blocks * weights)
    return head, _backwards(np.add, _backwards(np.add, blocks))


class Sum:
    """The sum of the last `period` values, over `over`."""

    __slots__ = ("_block", "_head", "_over", "_period", "_tail")

    def __init__(self, period: int, over: float = 1.0) -> None:
        self._period = period
        self._over = over
        self._block: list[float] = []
        self._head = 0.0
        self._tail: list[float] = []
        """What the block before holds from each place on, the next needed last; empty at a block's end."""

    def take(self, value: float, keep: bool) -> float:
        """Return the sum that ends with the value."""
        tail = self._tail
        if not tail:
            return self._turn(value, keep)
        head = self._head + value
        if not keep:
            return (head + tail[-1]) / self._over
        self._head = head
        self._block.append(value)
        return (head + tail.pop()) / self._over

    def _turn(self, value: float, keep: bool) -> float:
        """Take a value that ends a block, or one of the first block."""
        if value != value:
            return NAN
        head, full = self._head + value, len(self._block) == self._period - 1
        if keep:
            self._block.append(value)
            self._head = head
            if full:
                self._tail = list(accumulate(reversed(self._block)))[:-1]
                self._block, self._head = [], 0.0
        return head / self._over if full else NAN


class Mean(Sum):
    """The mean of the last `period` values."""

    __slots__ = ()

    def __init__(self, period: int) -> None:
        super().__init__(period, period)


class WeightedMean:
    """The mean of the last `period` values, the newest with weight `period`, the oldest with weight 1."""

    __slots__ = ("_block", "_head", "_period", "_plain", "_tail", "_weights")

    def __init__(self, period: int) -> None:
        self._period = period
        self._weights = period * (period + 1) / 2
        self._block: list[float] = []
        self._plain = self._head = 0.0
        self._tail: list[float] = []

    def take(self, value: float, keep: bool) -> float:
        """Return the mean that ends with the value."""
        tail = self._tail
        if not tail:
            return self._turn(value, keep)
        at = len(self._block) + 1
        plain, head = self._plain + value, self._head + value * at
        answer = (plain * (self._period - at) + head + tail[-1]) / self._weights
        if keep:
            self._block.append(value)
            self._plain, self._head = plain, head
            tail.pop()
        return answer

    def _turn(self, value: float, keep: bool) -> float:
        """Take a value that ends a block, or one of the first block."""
        if value != value:
            return NAN
        at = len(self._block) + 1
        head, full = self._head + value * at, at == self._period
        if keep:
            self._block.append(value)
            self._plain, self._head = self._plain + value, head
            if full:
                self._tail = list(accumulate(accumulate(reversed(self._block))))[:-1]
                self._block, self._plain, self._head = [], 0.0, 0.0
        return head / self._weights if full else NAN


class Highest:
    """The largest of the last `period` values."""

    __slots__ = ("_block", "_head", "_period", "_tail")

    def __init__(self, period: int) -> None:
        self._period = period
        self._block: list[float] = []
        self._head = -np.inf
        self._tail: list[float] = []

    def take(self, value: float, keep: bool) -> float:
        """Return the largest value of the window that ends with the value."""
        tail = self._tail
        if not tail:
            return self._turn(value, keep)
        head = value if value > self._head else self._head
        last = tail[-1]
        if keep:
            self._block.append(value)
            self._head = head
            tail.pop()
        return last if last > head else head

    def _turn(self, value: float, keep: bool) -> float:
        """Take a value that ends a block, or one of the first block."""
        if value != value:
            return NAN
        head, full = max(value, self._head), len(self._block) == self._period - 1
        if keep:
            self._block.append(value)
            self._head = head
            if full:
                self._tail = list(accumulate(reversed(self._block), max))[:-1]
                self._block, self._head = [], -np.inf
        return head if full else NAN


class Lowest:
    """The smallest of the last `period` values."""

    __slots__ = ("_take",)

    def __init__(self, period: int) -> None:
        self._take = Highest(period).take

    def take(self, value: float, keep: bool) -> float:
        """Return the smallest value of the window that ends with the value."""
        return -self._take(-value, keep)
