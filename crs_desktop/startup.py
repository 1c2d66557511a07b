"""When things happened for the first time, counted from the start of the process.

`mark` costs nothing; only reading a mark asks the system when the process began.
"""

from __future__ import annotations

import os
import time
from pathlib import Path


class Marks:
    """First times by name."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}

    def mark(self, name: str) -> None:
        """Remember the first time of something; later calls change nothing."""
        self._at.setdefault(name, time.perf_counter())

    def seen(self, name: str) -> bool:
        """Whether it happened."""
        return name in self._at

    def since_start_ms(self, name: str) -> float | None:
        """Return the time from the start of the process in ms, None if it has not happened."""
        if name not in self._at:
            return None
        return round((process_age() - (time.perf_counter() - self._at[name])) * 1e3, 1)


def process_age() -> float:
    """Return how many seconds ago this process began, to about 10 ms.

    On Linux from the kernel's start tick on the boot clock: `psutil` adds the boot time in whole
    seconds, which is up to a second wrong.
    """
    try:
        ticks = int(Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()[19])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, ValueError):
        import psutil

        return float(time.time() - psutil.Process().create_time())


MARKS = Marks()
