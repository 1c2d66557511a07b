"""Bars to compute indicators of, and what counts as the same answer."""

from collections.abc import Iterator, Sequence

import numpy as np

from engine.indicators.spec import BarRow, Columns, Floats

MINUTE = 60_000_000_000


def walk(count: int, seed: int = 1, scale: float = 100.0) -> Columns:
    """Return a random walk whose bars begin where the last one closed, or a little beside."""
    draw = np.random.default_rng(seed)
    close = scale * np.exp(np.cumsum(draw.normal(size=count)) * 0.004)
    open_ = np.concatenate(([scale], close[:-1]))[:count] * np.exp(draw.normal(size=count) * 0.0005)
    high = np.maximum(open_, close) * (1 + np.abs(draw.normal(size=count)) * 0.002)
    low = np.minimum(open_, close) * (1 - np.abs(draw.normal(size=count)) * 0.002)
    return Columns(starts(count), open_, high, low, close, draw.exponential(10.0, count))


def still(count: int, price: float = 100.0) -> Columns:
    """Return bars that never move."""
    same = np.full(count, price)
    return Columns(starts(count), same, same, same, same, np.full(count, 3.0))


def thin(count: int, seed: int = 3) -> Columns:
    """Return a market that moves by whole steps, often not at all, and sometimes without any trade."""
    draw = np.random.default_rng(seed)
    close = 50.0 + np.cumsum(draw.choice([-1.0, 0.0, 0.0, 0.0, 1.0], count))
    close[count // 3 : count // 3 + 40] = close[count // 3 : count // 3 + 1]
    open_ = np.concatenate(([50.0], close[:-1]))[:count]
    high = np.maximum(open_, close) + draw.choice([0.0, 0.0, 1.0], count)
    low = np.minimum(open_, close) - draw.choice([0.0, 0.0, 1.0], count)
    high[count // 3 + 1 : count // 3 + 40] = low[count // 3 + 1 : count // 3 + 40] = close[count // 3 : count // 3 + 1]
    return Columns(starts(count), open_, high, low, close, draw.choice([0.0, 0.0, 1.0, 5.0], count))


def starts(count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return 1_767_225_600_000_000_000 + np.arange(count, dtype=np.int64) * MINUTE


def markets(count: int) -> dict[str, Columns]:
    return {
        "walk": walk(count),
        "tiny": walk(count, 2, 1e-8),
        "huge": walk(count, 4, 1e9),
        "still": still(count),
        "thin": thin(count),
    }


def rows(columns: Columns) -> Iterator[BarRow]:
    return (BarRow(*values) for values in zip(*(column.tolist() for column in columns), strict=True))


def assert_same(ours: Sequence[Floats], theirs: Sequence[Floats], price: float, what: str) -> None:
    """Hold two answers to 1e-9 of each value, and to the same rows without one.

    What is left of a difference of equal prices is rounding: 1e-13 of the price, 1e-11 of the largest value.
    """
    assert len(ours) == len(theirs)
    for number, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        assert mine.dtype == np.float64
        known = np.abs(other[~np.isnan(other)])
        floor = max(1e-11 * float(known.max(initial=0.0)), 1e-13 * price)
        np.testing.assert_allclose(mine, other, rtol=1e-9, atol=floor, err_msg=f"{what}, output {number}")
