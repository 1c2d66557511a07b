"""Whether kept bars are sound: every page read, every bar looked at, the gaps counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.adapters.history.store import BarStore, Series, check
from engine.domain.number import Nanos
from engine.errors import InvalidInput
from engine.market.barpage import Span

JUMP = 0.2
"""A return between two bars beyond which it is told: a wrong grid or a broken page looks like that."""


class Checked(NamedTuple):
    """What was found in one series; all is well without `errors`."""

    series: Series
    bars: int
    gaps: list[Span]
    """Stretches (ns) within the known ones where the venue has no bar."""
    unknown: list[Span]
    """Stretches (ns) between the known ones that were never asked for."""
    jumps: list[int]
    """Bars (their starts, ns) that open or close further than `JUMP` from the bar before."""
    errors: list[str]


def verify(store: BarStore, series: Series, told: Callable[[float], object]) -> Checked:
    """Read a whole series.

    Raises:
        StorageUnavailable: the disk cannot be read.
    """
    length = series.timeframe.nanos
    starts, closes, errors = list[np.ndarray](), list[np.ndarray](), list[str]()
    for bars in store.stretch(series, series.first, series.until):
        try:
            check(bars, series.timeframe, Nanos(int(bars.start[0])), Nanos(int(bars.start[-1]) + length))
        except InvalidInput as error:
            errors.append(str(error))
        starts.append(bars.start)
        closes.append(bars.close)
        told((int(bars.start[-1]) - series.first) / max(1, series.until - series.first))
    start = np.concatenate(starts) if starts else np.empty(0, dtype=np.int64)
    close = np.concatenate(closes) if closes else np.empty(0)
    if len(start) != series.bars:
        errors.append(f"{series.bars - len(start):,} bars are lost: pages were damaged and are set aside.")
    unknown = [(a[1], b[0]) for a, b in zip(series.known, series.known[1:], strict=False)]
    far = np.flatnonzero(np.abs(np.diff(np.log(close))) > JUMP) + 1 if len(close) > 1 else np.empty(0, dtype=np.int64)
    return Checked(series, len(start), _gaps(start, series), unknown, [int(start[row]) for row in far], errors)


def _gaps(start: np.ndarray, series: Series) -> list[Span]:
    """Return where bars are missing within each known stretch."""
    length, found = series.timeframe.nanos, list[Span]()
    for first, until in series.known:
        inside = start[np.searchsorted(start, first) : np.searchsorted(start, until)]
        edges = np.concatenate(([first - length], inside, [until]))
        for row in np.flatnonzero(np.diff(edges) > length):
            found.append((int(edges[row]) + length, int(edges[row + 1])))
    return found
