"""Columns of bars that indicators are tried on: walks at any price, and the awkward stretches of real markets."""

from __future__ import annotations

import numpy as np

from engine.indicators.spec import BarRow, Columns, Floats, Indicator, Values

HOUR = 3_600_000_000_000


def walk(length: int, scale: float = 100.0, seed: int = 1, step: int = HOUR) -> Columns:
    """Return a random walk of 1 % a bar that begins at `scale`."""
    random = np.random.default_rng(seed)
    close = scale * np.exp(np.cumsum(random.normal(0.0, 0.01, length)))
    opened = np.concatenate(([scale], close[:-1]))[:length]
    high = np.maximum(opened, close) * (1.0 + 0.005 * random.random(length))
    low = np.minimum(opened, close) * (1.0 - 0.005 * random.random(length))
    start = np.arange(length, dtype=np.int64) * step
    return Columns(start, opened, high, low, close, 1.0 + 100.0 * random.random(length))


def constant(length: int, price: float = 0.1) -> Columns:
    """Return bars that never move."""
    column = np.full(length, price)
    return Columns(np.arange(length, dtype=np.int64) * HOUR, column, column, column, column, np.ones(length))


def awkward(length: int, scale: float = 100.0, seed: int = 2) -> Columns:
    """Return a walk whose second third stands still, and that trades nothing for a sixth, overlapping that."""
    bars = walk(length, scale, seed)
    for column in (bars.open, bars.high, bars.low, bars.close):
        column[length // 3 : 2 * length // 3] = bars.close[length // 3]
    bars.volume[length // 2 : length // 2 + length // 6] = 0.0
    return bars


def rows(bars: Columns) -> list[BarRow]:
    """Return the bars one by one."""
    return [BarRow(*row) for row in zip(*(column.tolist() for column in bars), strict=True)]


def pushed(indicator: Indicator, bars: Columns, given: Values | None = None) -> tuple[Floats, ...]:
    """Return the outputs of the incremental form as columns."""
    stream = indicator.stream(given)
    found = [stream.push(bar) for bar in rows(bars)]
    return tuple(np.array(column) for column in zip(*found, strict=True))
