"""One bar's footprint made ready to be painted: its rows' tones and strengths, what is lit, what is written."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crs_desktop.charts.flow_text import cell_texts
from engine.domain.pair import TradingPair
from engine.market.footprint import Cells, grouped, imbalances, poc_row

LEVELS = 6
"""Grounds are drawn this many strengths apart, so that all of one bar, and of all bars, go in a few calls."""
TONES = ("down", "text_faint", "up")


class Face(NamedTuple):
    """Rows from the lowest; `low` and `high` are their edges in ticks."""

    rows: Cells
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    tone: NDArray[np.intp]
    """Which of `TONES` the delta has."""
    level: NDArray[np.intp]
    """How strong the ground is, 0 to `LEVELS` - 1, by volume."""
    poc: int
    sold: list[str]
    bought: list[str]
    deltas: list[str]
    sold_lit: list[bool]
    bought_lit: list[bool]


def face_of(cells: Cells, group: int, pair: TradingPair) -> Face:
    """Return the face of a bar's cells in rows of `group` ticks."""
    rows = grouped(cells, group)
    volume, delta = rows.volume, rows.bought - rows.sold
    count = len(volume)
    texts = cell_texts(pair, [*rows.sold.tolist(), *rows.bought.tolist()])
    sellers, buyers = imbalances(rows, group)
    return Face(
        rows,
        rows.price.astype(np.float64),
        (rows.price + group).astype(np.float64),
        np.sign(delta).astype(np.intp) + 1,
        np.minimum((volume * LEVELS) // volume.max(), LEVELS - 1).astype(np.intp),
        poc_row(volume),
        texts[:count],
        texts[count:],
        cell_texts(pair, delta.tolist(), signed=True),
        sellers.tolist(),
        buyers.tolist(),
    )
