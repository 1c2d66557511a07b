"""Price levels of the simulated makers: where they stand, how long, with how much.

The price axis is cut into cells of `spacing` ticks; every cell holds one level at a price drawn from
its number. A level is re-quoted every few seconds to a minute, each time under a new version with a
new quantity. All of it is a function of seed, cell and quarter of a block, so the book of any instant
is known without what came before, and a price that was a level stays one.
"""

from __future__ import annotations

import numpy as np

from engine.market.noise import Floats, Ints, hashes, stream, uniform

QUARTERS = 4
"""Re-quoting instants per block."""
SHORTEST, PERIODS = 32, 224
"""Least quarters between two quotes of a level, and how many more it may take."""

_TRADE_ODDS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.99995, 1.0)
_TRADE_BTC = (
    *(0.00009, 0.00009, 0.00014, 0.0003, 0.00067, 0.0024, 0.009, 0.02, 0.0373),
    *(0.0576, 0.10, 0.246, 0.324, 0.387, 0.725, 1.0, 6.94),
)
"""Quantiles of the sizes of the 19,904 trades of the recorded BTC/USDT capture."""
_TRADE_LOGS = np.log(np.array(_TRADE_BTC))


def trade_sizes(odds: Floats) -> Floats:
    """Return trade sizes in BTC of the recorded market at these odds in (0, 1)."""
    sizes: Floats = np.exp(np.interp(odds, _TRADE_ODDS, _TRADE_LOGS))
    return sizes


class Levels:
    """The levels of one pair at one spacing."""

    def __init__(self, name: tuple[int | str, ...], spacing: int, lots: float) -> None:
        self.spacing = spacing
        self._lots = lots
        self._place = stream(*name, "place")
        self._period = stream(*name, "period")
        self._phase = stream(*name, "phase")
        self._size = stream(*name, "size")

    def prices(self, cells: Ints) -> Ints:
        """Return the price of each cell's level in ticks."""
        if self.spacing == 1:
            return cells
        inside = hashes(self._place, cells) % np.uint64(self.spacing)
        return cells * self.spacing + inside.astype(np.int64)

    def rhythm(self, cells: Ints) -> tuple[Ints, Ints]:
        """Return every level's period and phase in quarters."""
        period = (hashes(self._period, cells) % np.uint64(PERIODS)).astype(np.int64) + SHORTEST
        phase = (hashes(self._phase, cells) >> np.uint64(40)).astype(np.int64)
        return period, phase

    def quantities(self, cells: Ints, versions: Ints) -> Ints:
        """Return the lots quoted at each cell in a version: skewed, now and then a wall."""
        odds = uniform(self._size, cells * 1_048_583 + versions)
        sizes = 0.03 + 0.62 * odds**2.0 + np.where(odds > 0.985, 1.6, 0.0) + 0.9 * np.where(odds > 0.9, odds - 0.9, 0)
        return np.maximum(np.rint(sizes * self._lots).astype(np.int64), 1)
