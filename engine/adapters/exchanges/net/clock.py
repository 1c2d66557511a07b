"""A venue's clock: measured by round trips, and carried on by a count of this machine that nobody sets.

Venues and machines are a second or more apart as a rule (1.27 s in our captures), which is nobody's fault; what is
shown and cut by time is cut by the venue's.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from statistics import median

from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.ports.clock import SystemClock

LOOKS = 9
"""Looks that are remembered: the newest count."""

MOST_APART = 86_400 * NANOS_PER_SECOND
"""A venue's clock is not believed that is further from this machine's: orders would expire, charts begin anew."""

_CLOCK = SystemClock()


def is_near(venue_at: int, wall: Callable[[], int] = time.time_ns) -> bool:
    """Whether what a venue says of its clock (ns) can be right, if this machine's is right to a day."""
    return abs(venue_at - wall()) <= MOST_APART


class VenueClock:
    """The venue's UTC time; this machine's until it was measured. Never goes back."""

    def __init__(self, elapsed: Callable[[], int] = _CLOCK.elapsed, wall: Callable[[], int] = time.time_ns) -> None:
        self._elapsed, self._wall = elapsed, wall
        self._looks: deque[tuple[int, int]] = deque(maxlen=LOOKS)
        """Round trip, and the venue's clock minus the count."""
        self._bounds: deque[tuple[int, int]] = deque(maxlen=LOOKS)
        """Of a clock that is told coarsely: between what the venue's clock minus the count lay in each look."""
        self._offset: int | None = None
        self._shown = 0

    def elapsed(self) -> int:
        """Return a count of nanoseconds that never goes back, and goes on while the machine sleeps."""
        return self._elapsed()

    def measured(self, venue_at: int, sent: int, received: int, grain: int = 0) -> None:
        """Take in what the venue's clock said to a question sent and answered at those counts; all ns.

        The middle of the quick looks counts: one that waited somewhere says little. Of a clock that is rounded down
        to a `grain`, such as whole seconds, each look says between what it lies, and all of them together say more.
        """
        if self._offset is None:  # until now it was this machine's, which may be ahead
            self._shown = 0
        if grain:
            self._offset = self._between(venue_at - received, venue_at + grain - sent)
            return
        trip = received - sent
        self._looks.append((trip, venue_at + trip // 2 - received))
        quickest = min(trip for trip, _ in self._looks)
        self._offset = int(median(offset for trip, offset in self._looks if trip <= 2 * quickest + 1_000_000))

    def _between(self, low: int, high: int) -> int:
        self._bounds.append((low, high))
        least, most = max(each[0] for each in self._bounds), min(each[1] for each in self._bounds)
        if least > most:  # one of the clocks was set, or drifted: the newest look alone
            self._bounds.clear()
            self._bounds.append((low, high))
            least, most = low, high
        return (least + most) // 2

    def forget(self) -> None:
        """Let nothing of earlier looks count (after a sleep, or a change of the machine's clock)."""
        self._looks.clear()
        self._bounds.clear()

    @property
    def is_measured(self) -> bool:
        """Whether the venue was asked."""
        return self._offset is not None

    @property
    def now(self) -> Nanos:
        """The venue's time."""
        if self._offset is None:
            return Nanos(self._wall())
        self._shown = max(self._shown, self._elapsed() + self._offset)
        return Nanos(self._shown)

    @property
    def skew_ms(self) -> float | None:
        """The venue's clock minus this machine's; None until it was measured."""
        if self._offset is None:
            return None
        return (self._elapsed() + self._offset - self._wall()) / 1e6
