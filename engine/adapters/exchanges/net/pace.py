"""A pace that is kept: so many units a second on average, some more at once; who comes first goes first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

LEAST = 1e-6
"""A part of a unit that nobody waits for."""


class Pace:
    """A bucket of units that fills again; `take` waits until there are enough.

    Args:
        per_s: units that come back each second, > 0.
        burst: units that may be taken at once, >= 1.
        elapsed: seconds that never go back.
        sleep: waits for so many of them.
    """

    def __init__(
        self,
        per_s: float,
        burst: float,
        elapsed: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.per_s, self.burst = per_s, burst
        self._elapsed, self._sleep = elapsed, sleep
        self._left, self._at = burst, elapsed()
        self._turn = asyncio.Lock()

    async def take(self, units: float = 1.0) -> None:
        """Wait for so many units; more than fit into the bucket are taken as a full one."""
        units = min(units, self.burst)
        async with self._turn:
            while (short := units - self._filled()) > LEAST:
                await self._sleep(short / self.per_s)
            self._left -= units

    def used(self, units: float) -> None:
        """Learn from the other side that so many units of a full bucket are gone: others here may ask as well."""
        self._left = min(self._filled(), self.burst - units)

    @property
    def left(self) -> float:
        """How many units are there now; less than 0 if more were used than there are."""
        return self._filled()

    def _filled(self) -> float:
        now = self._elapsed()
        self._left = min(self.burst, self._left + (now - self._at) * self.per_s)
        self._at = now
        return self._left
