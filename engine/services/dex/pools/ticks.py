"""Which ticks of a V3 pool have to be read, and the pool as a value once they were.

A pool may have thousands of initialised ticks. Read are those near the price: some words of its bitmap (256 ticks
times the spacing each) and of the ticks that are set there the nearest. What is known ends where that ends; a swap that
would leave it is refused by the pool (`TicksUnknown`) until more was read.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from engine.defi.pools.v3 import V3Pool
from engine.defi.v3math.tick import MAX_TICK, MIN_TICK
from engine.errors import InvalidInput
from engine.services.dex.pools.known import KnownPool

BITS = 256
NEAR = 1_000
"""Ticks on each side of the price that are known at least: about 10 % of the price."""
MOST_TICKS = 60
"""Initialised ticks on each side that are read at first."""
GROWTH = 6
"""How much further is read each time that it was not far enough."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a pool is read on each side of its price."""

    words: int
    ticks: int = MOST_TICKS

    @classmethod
    def first(cls, spacing: int) -> Reach:
        """Return how far a pool is read at first."""
        return cls(max(1, -(-NEAR // (BITS * spacing))))

    @property
    def wider(self) -> Reach:
        """Return the next reach."""
        return replace(self, words=self.words * GROWTH, ticks=self.ticks * GROWTH)


@dataclass(slots=True)
class Scan:
    """A pool of which the parts come in one after the other."""

    pool: KnownPool
    reach: Reach
    root: int = 0
    tick: int = 0
    liquidity: int = 0
    growth: tuple[int, int] = (0, 0)
    """Fees of one unit of liquidity since the pool began, of each token, 128 binary places."""
    words: dict[int, int] = field(default_factory=dict)
    nets: dict[int, int] = field(default_factory=dict)

    @property
    def window(self) -> range:
        """The words of the bitmap that are wanted."""
        spacing = self.pool.spacing
        middle = self.tick // spacing // BITS
        least, most = MIN_TICK // spacing // BITS, MAX_TICK // spacing // BITS
        return range(max(middle - self.reach.words, least), min(middle + self.reach.words, most) + 1)

    def missing_words(self) -> list[int]:
        """Return the words that are wanted and not there."""
        return [each for each in self.window if each not in self.words]

    def missing_ticks(self) -> list[int]:
        """Return the ticks that are wanted and not there; the words have to be."""
        return [each for each in self._chosen()[0] if each not in self.nets]

    def value(self) -> V3Pool | None:
        """Return the pool; None: it has no price yet, or the node contradicts itself."""
        if not self.root:
            return None
        ticks, known = self._chosen()
        nets = {each: self.nets[each] for each in ticks}
        key = self.pool
        try:
            return V3Pool.checked(
                key.address,
                (key.token0, key.token1),
                key.fee,
                key.spacing,
                (self.root, self.tick),
                self.liquidity,
                nets,
                known,
            )
        except InvalidInput:
            return None

    def _chosen(self) -> tuple[list[int], tuple[int, int]]:
        """Return the initialised ticks that are used, and from where to where they are all that there are."""
        spacing, window, most = self.pool.spacing, self.window, self.reach.ticks
        ticks = [tick for word in window for tick in _set_in(word, self.words[word], spacing)]
        below = [each for each in ticks if each <= self.tick]
        above = [each for each in ticks if each > self.tick]
        low, high = window[0] * BITS * spacing, (window[-1] * BITS + BITS - 1) * spacing
        first = below[-most] if len(below) > most else (MIN_TICK if low <= MIN_TICK else low)
        last = above[most - 1] if len(above) > most else (MAX_TICK if high >= MAX_TICK else high)
        return [*below[-most:], *above[:most]], (first, last)


def _set_in(word: int, bits: int, spacing: int) -> list[int]:
    """Return the initialised ticks of a word of the bitmap, ascending."""
    found = []
    while bits:
        lowest = bits & -bits
        found.append((word * BITS + lowest.bit_length() - 1) * spacing)
        bits ^= lowest
    return found
