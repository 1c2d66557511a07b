"""What traded at each price of a bar, by the side that took: its cells, delta, point of control and imbalances.

Prices are ticks, volumes lots (int64). `sold` is what takers sold into bids, `bought` what they bought from asks; the
delta is bought less sold. Every print counts in exactly one cell, so sums equal the bar's volume.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.market.prints import Ints, PrintArrays

IMBALANCE = 3
"""A side is out of balance from this many times the other on."""


class Cells(NamedTuple):
    """Rows of a footprint, lowest first: `price` is the lowest tick of a row."""

    price: Ints
    sold: Ints
    bought: Ints

    @property
    def volume(self) -> Ints:
        """What traded in each row."""
        return self.sold + self.bought

    @property
    def total(self) -> int:
        """What traded in all."""
        return int(self.sold.sum() + self.bought.sum())

    @property
    def delta(self) -> int:
        """Bought less sold."""
        return int(self.bought.sum() - self.sold.sum())


def cells_of(prints: PrintArrays) -> Cells:
    """Return one row per price that traded."""
    price, row = np.unique(prints.price, return_inverse=True)
    return _summed(price, row, prints.qty * ~prints.buys, prints.qty * prints.buys)


def merged(one: Cells, other: Cells) -> Cells:
    """Return the rows of both together: what one more batch of prints makes of the cells before."""
    if not len(one.price):
        return other
    price, row = np.unique(np.concatenate((one.price, other.price)), return_inverse=True)
    sold = np.concatenate((one.sold, other.sold))
    return _summed(price, row, sold, np.concatenate((one.bought, other.bought)))


def grouped(cells: Cells, group: int) -> Cells:
    """Return rows of `group` ticks, the lowest tick of each a multiple of it."""
    if group == 1:
        return cells
    price, row = np.unique(cells.price // group * group, return_inverse=True)
    return _summed(price, row, cells.sold, cells.bought)


def poc_row(volume: NDArray[np.generic]) -> int:
    """Return the row with the most volume; of several the one nearest the middle, of two as near the lower."""
    most = np.flatnonzero(volume == volume.max())
    middle = (len(volume) - 1) / 2
    return int(most[np.argmin(np.abs(most - middle))])


def imbalances(cells: Cells, group: int, ratio: int = IMBALANCE) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where sellers and where buyers are out of balance, compared diagonally.

    What was bought in a row meets what was sold one row below; what was sold meets what was bought one row above. An
    empty opposite row counts as one lot. The end rows have no opposite, and no imbalance.
    """
    sold, bought = cells.sold, cells.bought
    if not len(sold):
        return np.zeros(0, np.bool_), np.zeros(0, np.bool_)
    below = np.searchsorted(cells.price, cells.price - group)
    above = np.minimum(np.searchsorted(cells.price, cells.price + group), len(sold) - 1)
    sold_below = np.where(cells.price[below] == cells.price - group, sold[below], 0)
    bought_above = np.where(cells.price[above] == cells.price + group, bought[above], 0)
    buyers = bought >= ratio * np.maximum(sold_below, 1)
    sellers = sold >= ratio * np.maximum(bought_above, 1)
    buyers[0] = sellers[-1] = False
    return sellers, buyers


class BarFlow(NamedTuple):
    """The aggressors of each bar, shape (bars,), lots: what all prints sum to, and the way of the delta in the bar."""

    volume: Ints
    delta: Ints
    most: Ints
    """The greatest delta on the way, at least 0: it begins there."""
    least: Ints
    """The least, at most 0."""


def flow_of(prints: PrintArrays, starts: Ints, step: int) -> BarFlow:
    """Return the flow of bars that begin at `starts` (sorted) and last `step` ns; other prints do not count."""
    bars = len(starts)
    volume, delta, most, least = (np.zeros(bars, np.int64) for _ in range(4))
    number, part = placed(prints, starts, step)
    if not len(number):
        return BarFlow(volume, delta, most, least)
    way = np.cumsum(part.signed)
    edges = np.flatnonzero(np.concatenate(([True], number[1:] != number[:-1])))
    there, ends = number[edges], np.append(edges[1:], len(number)) - 1
    before = way[edges] - part.signed[edges]
    volume[there] = np.add.reduceat(part.qty, edges)
    delta[there] = way[ends] - before
    most[there] = np.maximum(np.maximum.reduceat(way, edges) - before, 0)
    least[there] = np.minimum(np.minimum.reduceat(way, edges) - before, 0)
    return BarFlow(volume, delta, most, least)


def placed(prints: PrintArrays, starts: Ints, step: int) -> tuple[NDArray[np.intp], PrintArrays]:
    """Return the prints that fall into bars, and which bar each does."""
    number = np.searchsorted(starts, prints.at, side="right") - 1
    inside = number >= 0
    if len(starts):
        inside &= prints.at < starts[number] + step
    if not inside.all():
        number = number[inside]
        prints = PrintArrays(prints.at[inside], prints.price[inside], prints.qty[inside], prints.buys[inside])
    return number, prints


def _summed(price: Ints, row: NDArray[np.intp], sold: Ints, bought: Ints) -> Cells:
    return Cells(price, _sum_by(row, sold, len(price)), _sum_by(row, bought, len(price)))


def _sum_by(row: NDArray[np.intp], lots: Ints, rows: int) -> Ints:
    """Add lots up by row, exact to the last lot."""
    sums = np.zeros(rows, np.int64)
    np.add.at(sums, row, lots)
    return sums
