"""Holding a side's picture against the bars it should show."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.cli.bench.rounds import WrongAnswerError

Pixels = NDArray[np.uint8]
"""Shape (height, width, 3): red, green, blue."""
NEAR_PX = 3.0
"""How far from its place a candle's end may be: wicks are rounded to pixels and lines may cross them."""
NEAR_COLOUR = 24
"""How far a channel may be from the colour that a side says its candles have."""
HEADROOM = 0.5
"""Room above the highest candle, as a share of the prices shown: legends stand in its upper half."""


class Side(Protocol):
    """One side of the comparison."""

    name: str

    def ask(self, words: str) -> dict[str, Any]:
        """Say one line and return the answer."""
        ...


def prove_candles(side: Side, rows: NDArray[np.float64], file: Path, first: int, count: int) -> int:
    """Let a side show `count` bars from `first` and look at every candle of its picture.

    Args:
        side: draws bars and saves its pixels to `file` (an array of `Pixels`).
        rows: all bars, columns `start, open, high, low, close, …`.
        file: where the side may write.
        first: the first bar that is shown.
        count: how many; few enough that each candle is several pixels wide.

    Returns:
        How many candles were looked at: all but those without a body.

    Raises:
        WrongAnswerError: a candle is missing, or does not reach from its low to its high in its colour.
    """
    part = rows[first : first + count]
    reach = float(part[:, 2].max() - part[:, 3].min())
    low, high = float(part[:, 3].min()) - 0.05 * reach, float(part[:, 2].max()) + HEADROOM * reach
    plot = side.ask(f"proof {file} {first} {first + count} {low!r} {high!r}")
    pixels: Pixels = np.load(file)
    scale = plot["height"] / (high - low)
    legend = plot["top"] + 0.5 * HEADROOM * reach * scale
    edges = [plot["edge"]] if plot.get("edge") else []
    for place, row in enumerate(part):
        if row[1] == row[4]:
            continue  # a body without height has the colour of its edge, which differs between programs
        x = plot["left"] + (place + 0.5) * plot["width"] / count
        wanted = plot["top"] + (high - row[2]) * scale, plot["top"] + (high - row[3]) * scale
        found = _extent(
            pixels[: int(plot["top"] + plot["height"])],
            int(legend),
            x,
            [plot["up" if row[4] > row[1] else "down"], *edges],
        )
        if found is None or max(abs(a - b) for a, b in zip(found, wanted, strict=True)) > NEAR_PX:
            raise WrongAnswerError(
                f"Candle {first + place} of {side.name} should reach from pixel {wanted[0]:.0f} to {wanted[1]:.0f} "
                f"and reaches {'nowhere' if found is None else f'from {found[0]:.0f} to {found[1]:.0f}'}; "
                "the speed of wrong pictures is not measured."
            )
    return int(np.count_nonzero(part[:, 1] != part[:, 4]))


def _extent(pixels: Pixels, top: int, x: float, colours: list[list[int]]) -> tuple[float, float] | None:
    """Return the first and last row below `top` that has one of the colours in the columns about `x`."""
    middle = round(x)
    strip = pixels[top:, max(0, middle - 2) : middle + 2].astype(np.int16)
    near = [np.abs(strip - np.array(each, np.int16)).max(axis=2) <= NEAR_COLOUR for each in colours]
    rows = np.flatnonzero(np.logical_or.reduce(near).any(axis=1))
    return (top + float(rows[0]), top + float(rows[-1]) + 1) if len(rows) else None
