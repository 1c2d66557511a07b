"""The door to time. Pure code takes instants as arguments; only shells hold a clock."""

from __future__ import annotations

import time
from typing import Protocol

from engine.domain.number import Nanos


class Clock(Protocol):
    """Two clocks: the wall for people, the monotonic one for spans."""

    def wall(self) -> Nanos:
        """Return the UTC instant."""
        ...

    def monotonic(self) -> Nanos:
        """Return a count that never goes back."""
        ...


class SystemClock:
    """This machine's clocks."""

    def wall(self) -> Nanos:
        """Return the UTC instant."""
        return Nanos(time.time_ns())

    def monotonic(self) -> Nanos:
        """Return a count that never goes back."""
        return Nanos(time.monotonic_ns())

    def elapsed(self) -> Nanos:
        """Return a count that never goes back and goes on while the machine sleeps, where the system has one."""
        boot = getattr(time, "CLOCK_BOOTTIME", None)
        return self.monotonic() if boot is None else Nanos(time.clock_gettime_ns(boot))
