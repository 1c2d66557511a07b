"""The rows of a ladder as columns of numbers: what rests, what traded, where the touch and our own orders are.

Row 0 is the highest price. A row of several ticks holds the bids from its price up and the asks down to it, so that
nothing is shown better than it is; with a spread of a tick or more no row ever holds both. Prices in ticks,
quantities in lots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.number import Lots, Ticks
from engine.domain.order import OrderId, Side
from engine.domain.why import Place
from engine.market.l2 import L2Book

Counts = NDArray[np.int64]


class Own(NamedTuple):
    """One of our orders on the ladder."""

    order_id: OrderId
    side: Side
    price: Ticks
    """Its limit, or where a stop waits."""
    left: Lots
    place: Place | None
    """Where it stands in its queue; None for one that waits for a trigger."""
    moving_to: Ticks | None = None
    """Where it will stand once the venue has acknowledged it."""


@dataclass(frozen=True, slots=True)
class LadderPicture:
    """All that a ladder shows at one moment; columns have one number per row."""

    ticks: int
    """Ticks per row."""
    prices: Counts
    bids: Counts
    asks: Counts
    bought: Counts
    sold: Counts
    bid_row: int | None
    ask_row: int | None
    last_row: int | None
    """Of the newest print; None while there is none, or it is out of sight."""
    last_is_buy: bool
    own: Sequence[Own]
    cursor_row: int | None

    @property
    def deepest(self) -> int:
        """How many lots a whole bar is: at least the deepest row, in steps, so that bars keep their lengths."""
        return stepped(max(int(self.bids.max()), int(self.asks.max()), 1))

    @property
    def most(self) -> int:
        """Likewise of what traded at a price; 0 while nothing did."""
        return stepped(int((self.bought + self.sold).max()))

    def row_of(self, price: int, side: Side) -> int | None:
        """Return the row in which an order of a side stands, None if it is out of sight."""
        row = int(self.prices[0]) // self.ticks - bucket(price, side, self.ticks)
        return row if 0 <= row < len(self.prices) else None


def stepped(lots: int) -> int:
    """Return the next of a series of numbers that grow by an eighth to a quarter, at least `lots`."""
    step = 1 << max(0, lots.bit_length() - 3)
    return -(-lots // step) * step


def changed_rows(before: LadderPicture | None, after: LadderPicture) -> NDArray[np.bool_] | None:
    """Return which rows look otherwise than before, None if all may: prices moved, own orders or scales changed."""
    if before is None or before.ticks != after.ticks or not np.array_equal(before.prices, after.prices):
        return None
    whole = (before.own, before.cursor_row, before.deepest, before.most)
    if whole != (after.own, after.cursor_row, after.deepest, after.most):
        return None
    pairs = (
        (before.bids, after.bids),
        (before.asks, after.asks),
        (before.bought, after.bought),
        (before.sold, after.sold),
    )
    rows: NDArray[np.bool_] = np.logical_or.reduce([old != new for old, new in pairs])
    for old, new, else_ in ((before.bid_row, after.bid_row, len(rows) - 1), (before.ask_row, after.ask_row, 0)):
        if old != new:  # the prices from one to the other change their colour
            low, high = sorted((else_ if old is None else old, else_ if new is None else new))
            rows[low : high + 1] = True
    if (before.last_row, before.last_is_buy) != (after.last_row, after.last_is_buy):
        for row in (before.last_row, after.last_row):
            if row is not None:
                rows[row] = True
    return rows


def bucket(price: int, side: Side, ticks: int) -> int:
    """Return the number of the row in which an order of a side stands."""
    return price // ticks if side is Side.BUY else -(-price // ticks)


def resting(book: L2Book, side: Side, highest: int, count: int, ticks: int) -> Counts:
    """Return the lots displayed per row; `highest` is the number of the first row."""
    out = np.zeros(count, np.int64)
    prices, quantities = book.columns(side)
    if len(prices):
        rows = highest - (prices // ticks if side is Side.BUY else -(-prices // ticks))
        seen = (rows >= 0) & (rows < count)
        np.add.at(out, rows[seen], quantities[seen])
    return out
