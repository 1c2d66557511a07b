"""How long this thread has waited for a processor while others had it, where the system tells (Linux)."""

from __future__ import annotations

import time
from bisect import bisect_left
from pathlib import Path

STAT = Path("/proc/thread-self/schedstat")
"""CPU time, time of waiting for a processor (both ns), turns."""


class Waits:
    """Notes of the waiting so far; `note` often."""

    def __init__(self) -> None:
        self.is_known = STAT.is_file()
        self._at: list[float] = []
        self._waited: list[float] = []

    def clear(self) -> None:
        """Forget all notes."""
        self._at.clear()
        self._waited.clear()

    def note(self) -> float:
        """Return the seconds that this thread has waited since it began; 0 where nobody tells."""
        waited = int(STAT.read_text(encoding="ascii").split()[1]) / 1e9 if self.is_known else 0.0
        self._at.append(time.monotonic())
        self._waited.append(waited)
        return waited

    def at(self, instant: float) -> float:
        """Return the seconds waited at an instant: as of the first note after it, so rather too many."""
        number = bisect_left(self._at, instant)
        return self._waited[min(number, len(self._waited) - 1)] if self._waited else 0.0
