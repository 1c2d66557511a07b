"""A server's clock, kept from one look to the next by a clock of this machine that nobody sets.

Neither a wrong wall clock here nor one that is put right meanwhile matters: what counts is the server's time at the
look and what has passed since. Half of the round trip is taken off; the look with the shortest one counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.ports.clock import SystemClock

AGED_MS = 600_000
"""After this long the next look counts, however slow it was: clocks drift."""


_CLOCK = SystemClock()


class ServerClock:
    """The server's UTC time as far as it was measured, this machine's until then."""

    def __init__(
        self,
        elapsed: Callable[[], int] = _CLOCK.elapsed,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._elapsed, self._wall = elapsed, wall
        self._base: tuple[int, int, int] | None = None
        """The server's time, ours at that moment, and the round trip, all ms."""

    def elapsed_ms(self) -> int:
        """Return a count of milliseconds that never goes back."""
        return self._elapsed() // 1_000_000

    def measured(self, server_ms: int, sent_ms: int, received_ms: int) -> None:
        """Take in a look at the server's clock, sent and received at those counts of ours."""
        trip = received_ms - sent_ms
        if self._base is None or trip <= self._base[2] or received_ms - self._base[1] > AGED_MS:
            self._base = (server_ms + trip // 2, received_ms, trip)

    @property
    def is_measured(self) -> bool:
        """Whether the server was asked."""
        return self._base is not None

    def now_ms(self) -> int:
        """Return the server's time."""
        if self._base is None:
            return int(self._wall() * 1000)
        return self._base[0] + self.elapsed_ms() - self._base[1]

    @property
    def skew_ms(self) -> int:
        """How far this machine's wall clock is ahead of the server's; 0 until it was measured."""
        return int(self._wall() * 1000) - self.now_ms()
