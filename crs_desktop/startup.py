"""When things happened for the first time, counted from the start of the process.

`mark` costs nothing; only reading a mark asks the system when the process began.
"""

from __future__ import annotations

import time


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
        import psutil

        age = time.time() - psutil.Process().create_time()
        return float(round((age - (time.perf_counter() - self._at[name])) * 1e3, 1))


MARKS = Marks()
