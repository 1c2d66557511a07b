"""Whether imported bars can be believed. Nothing is repaired: a row is refused or flagged, by name.

An *error* refuses the whole file: rows out of order or twice, off the interval, impossible or non-finite
numbers, prices off the tick. A *flag* is kept with the bars and shown: gaps, bars without volume, jumps,
a last bar that was still open.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.errors import InvalidInput
from engine.market.importers import PRICE_DECIMALS, RawBars
from engine.market.noise import Floats, Ints
from engine.ports.feed import BarArrays

JUMP_SD = 15.0
"""A return beyond so many standard deviations of the file's is flagged."""
GRIDS = tuple(Decimal(1).scaleb(-decimals) for decimals in range(PRICE_DECIMALS + 1))
"""Ticks to choose from when none is given."""


class Kind(StrEnum):
    """What a finding is about."""

    UNREADABLE = "unreadable"
    ORDER = "order"
    DUPLICATE = "duplicate"
    MISALIGNED = "misaligned"
    NOT_FINITE = "not_finite"
    NOT_POSITIVE = "not_positive"
    IMPOSSIBLE = "impossible"
    OFF_TICK = "off_tick"
    GAP = "gap"
    NO_VOLUME = "no_volume"
    JUMP = "jump"
    OPEN_LAST = "open_last"


class Finding(NamedTuple):
    """One thing found, where, and in words."""

    kind: Kind
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


class Gap(NamedTuple):
    """Bars that are missing: from the start of the first to that of the next there is."""

    first: Nanos
    until: Nanos
    bars: int


class Report(NamedTuple):
    """What the check found; `bars` is None if there was an error."""

    errors: list[Finding]
    flags: list[Finding]
    gaps: list[Gap]
    tick: Decimal
    bars: BarArrays | None
    """Prices in ticks, volume in base units."""


def check(raw: RawBars, timeframe: Timeframe, *, tick: Decimal | None, now: Nanos) -> Report:
    """Judge rows as bars of a timeframe.

    Args:
        raw: the rows as read.
        timeframe: what they are said to be.
        tick: the grid of prices; None takes the coarsest decimal grid on which all of them lie.
        now: the instant of the import: a bar that ends later was still open.

    Raises:
        InvalidInput: there is no row at all.
    """
    if not len(raw.start) and not raw.unreadable:
        raise InvalidInput("The file has no bars.")
    errors = [Finding(Kind.UNREADABLE, row.where, f"not a bar: {row.text!r}") for row in raw.unreadable]
    errors += _order(raw, timeframe)
    numbers = _numbers(raw)
    errors += numbers
    step = tick if tick is not None else _grid_of(raw.prices)
    per_tick = int(step.scaleb(PRICE_DECIMALS))
    if not per_tick or step.scaleb(PRICE_DECIMALS) != per_tick:
        raise InvalidInput(f"A tick of {step} is finer than prices are kept, 1e-{PRICE_DECIMALS}.")
    errors += [
        Finding(Kind.OFF_TICK, raw.where[row], f"a price is not a multiple of the tick {step}")
        for row in _rows(((raw.prices % per_tick != 0) & (raw.prices >= 0)).any(axis=0))
    ]
    if errors:
        return Report(errors, [], [], step, None)
    gaps = _gaps(raw.start, timeframe)
    ticks = (raw.prices // per_tick).astype(np.float64)
    bars = BarArrays(raw.start, ticks[0], ticks[1], ticks[2], ticks[3], raw.volume)
    return Report([], list(_flags(raw, bars, gaps, timeframe, now)), gaps, step, bars)


def _order(raw: RawBars, timeframe: Timeframe) -> list[Finding]:
    """Find rows that are off the interval, twice, or before the row above."""
    start, where = raw.start, raw.where
    found = [
        Finding(Kind.MISALIGNED, where[row], f"{_instant(start[row])} does not begin a {timeframe} bar")
        for row in _rows(start % timeframe.nanos != 0)
    ]
    steps = np.diff(start)
    for row in _rows(steps <= 0):
        if steps[row] == 0:
            found.append(Finding(Kind.DUPLICATE, where[row + 1], f"{_instant(start[row])} is there twice"))
        else:
            text = f"{_instant(start[row + 1])} comes after {_instant(start[row])}"
            found.append(Finding(Kind.ORDER, where[row + 1], text))
    return found


def _numbers(raw: RawBars) -> list[Finding]:
    """Find numbers that no market has."""
    open_, high, low, close = raw.prices
    infinite = (raw.prices == -1).any(axis=0) | ~np.isfinite(raw.volume)
    negative = ~infinite & ((raw.prices <= 0).any(axis=0) | (raw.volume < 0))
    bad = ~infinite & ~negative & ((high < np.maximum(open_, close)) | (low > np.minimum(open_, close)))
    texts = (
        (Kind.NOT_FINITE, infinite, "a number is NaN, infinite or out of range"),
        (Kind.NOT_POSITIVE, negative, "a price is not above 0, or the volume is below"),
        (Kind.IMPOSSIBLE, bad, "the high or low does not contain open and close"),
    )
    return [Finding(kind, raw.where[row], text) for kind, which, text in texts for row in _rows(which)]


def _flags(raw: RawBars, bars: BarArrays, gaps: list[Gap], timeframe: Timeframe, now: Nanos) -> Iterator[Finding]:
    where = raw.where
    for gap in gaps:
        row = int(np.searchsorted(raw.start, gap.until))
        plural = "bar is" if gap.bars == 1 else "bars are"
        yield Finding(Kind.GAP, where[row], f"{gap.bars:,} {plural} missing from {_instant(gap.first)}")
    for row in _rows(raw.volume == 0):
        yield Finding(Kind.NO_VOLUME, where[row], f"no volume at {_instant(raw.start[row])}")
    for row, times in _jumps(bars.close):
        yield Finding(
            Kind.JUMP, where[row], f"a return of {times:.0f} standard deviations at {_instant(raw.start[row])}"
        )
    if raw.start[-1] + timeframe.nanos > now:
        yield Finding(Kind.OPEN_LAST, where[-1], "the last bar was still open")


def _jumps(close: Floats) -> Iterator[tuple[int, float]]:
    if len(close) < 3:
        return
    returns = np.diff(np.log(close))
    spread = float(returns.std())
    if spread > 0:
        for row in _rows(np.abs(returns) > JUMP_SD * spread):
            yield row + 1, abs(float(returns[row])) / spread


def _gaps(start: Ints, timeframe: Timeframe) -> list[Gap]:
    steps = np.diff(start) // timeframe.nanos
    return [
        Gap(Nanos(int(start[row]) + timeframe.nanos), Nanos(int(start[row + 1])), int(steps[row]) - 1)
        for row in _rows(steps > 1)
    ]


def _grid_of(prices: Ints) -> Decimal:
    """Return the coarsest decimal grid on which every price lies."""
    for grid in GRIDS:
        if not (prices % int(grid.scaleb(PRICE_DECIMALS))).any():
            return grid
    return GRIDS[-1]


def _rows(mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[int]:
    return [int(row) for row in np.flatnonzero(mask)]


def _instant(ns: int) -> str:
    return datetime.fromtimestamp(int(ns) // NANOS_PER_SECOND, UTC).strftime("%Y-%m-%d %H:%M:%S")
