"""A part of a heat ring as it is drawn: its columns, and the shades of any block of it in the order of the screen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crs_desktop.viewmodels.heat_ring import HeatRing, Shades, Sizes

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HeatPicture:
    """Columns `first` to `stop` and rows `low` to `high` (multiples of `step` ticks, `high` not included)."""

    first: int
    stop: int
    low: int
    high: int
    step: int
    at: Sizes
    bid: Floats
    """Best bid of each column in ticks, NaN where there was none."""
    ask: Floats
    trusted: NDArray[np.bool_]
    flow: Sizes
    """Shape (4, columns), as `Flow`."""


def cut(ring: HeatRing, first: int, stop: int, low: int, high: int) -> HeatPicture:
    """Return the columns of a part of a ring, as far as they are known."""
    first = max(first, ring.first)
    stop = max(first, min(stop, ring.count))
    places = np.arange(first, stop) % ring.columns
    return HeatPicture(
        first=first,
        stop=stop,
        low=low,
        high=high,
        step=ring.step,
        at=ring.at[places],
        bid=ring.bid[places],
        ask=ring.ask[places],
        trusted=ring.trusted[places],
        flow=ring.flow[:, places],
    )


def block(ring: HeatRing, first: int, stop: int, low: int, high: int) -> Shades:
    """Return the shades of a part that is known, highest row first; rows outside the window are empty."""
    out = np.zeros((high - low, stop - first), np.uint8)
    if ring.low is None or stop <= first:
        return out
    since, until = max(low, ring.low), min(high, ring.low + ring.rows)
    for rows, to in _runs(since, until, ring.rows, low):
        for columns, at in _runs(first, stop, ring.columns, first):
            out[to, at] = ring.shades[rows, columns]
    return out[::-1]


def _runs(since: int, until: int, length: int, origin: int) -> list[tuple[slice, slice]]:
    """Return which stretches of a ring hold `since` to `until`, each with where it goes, counted from `origin`."""
    found = []
    while since < until:
        place = since % length
        count = min(until - since, length - place)
        found.append((slice(place, place + count), slice(since - origin, since - origin + count)))
        since += count
    return found


def reduced(shades: Shades, width: int, height: int) -> Shades:
    """Return the largest shade of each pixel; what is smaller than the picture stays as it is."""
    rows, columns = shades.shape
    if rows > height > 0:
        shades = np.maximum.reduceat(shades, np.arange(height) * rows // height, axis=0)
    if columns > width > 0:
        shades = np.maximum.reduceat(shades, np.arange(width) * columns // width, axis=1)
    return np.ascontiguousarray(shades)
