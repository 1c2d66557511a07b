"""The newest lines of the program's log, in memory: for the log pane and for a report. Imports nothing heavy."""

from __future__ import annotations

import logging
from collections import deque

KEPT = 2000
"""Lines in memory."""


class Memory(logging.Handler):
    """Keeps the newest records; `changed` counts them, so that a reader knows when to look."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.records: deque[logging.LogRecord] = deque(maxlen=KEPT)
        self.changed = 0
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record."""
        self.records.append(record)
        self.changed += 1

    def lines(self) -> list[str]:
        """Return what is kept as text, oldest first."""
        return [self.format(each) for each in tuple(self.records)]


MEMORY = Memory()
