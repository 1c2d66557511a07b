"""The watch over the event loop: how late it wakes, and a log line when it stalls."""

from __future__ import annotations

import asyncio
import logging
import time

from engine.observe.metrics import Histogram

EVERY_S = 0.02
STALL_MS = 50.0
"""Lateness that is logged where a window must move."""

log = logging.getLogger(__name__)


class LoopWatchdog:
    """Measures the lateness of the running loop in milliseconds, from `start` to `close`; logs what is above `told`."""

    def __init__(self, stalls: Histogram | None = None, told: float = STALL_MS) -> None:
        self.stalls = stalls if stalls is not None else Histogram()
        self._told = told
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch the loop that runs now."""
        self._task = asyncio.get_running_loop().create_task(self._watch(), name="loop watchdog")

    async def close(self) -> None:
        """Stop watching."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _watch(self) -> None:
        while True:
            due = time.monotonic() + EVERY_S
            await asyncio.sleep(EVERY_S)
            late_ms = max(0.0, (time.monotonic() - due) * 1000)
            self.stalls.record(late_ms)
            if late_ms > self._told:
                log.warning("loop stalled", extra={"ms": round(late_ms, 1)})
