"""A pulse on a running loop with painting at once, so that a bench can say what a frame cost and how old it was."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from PySide6.QtWidgets import QApplication

from crs_desktop.pulse import Attention, Pulse


class Beats:
    """A timer of the running loop."""

    def __init__(self) -> None:
        self.beat: Callable[[], None] = _nothing
        self._task: asyncio.Task[None] | None = None

    def start(self, interval_ms: int) -> None:
        """Tick every so often."""
        self.stop()
        self._task = asyncio.get_running_loop().create_task(self._run(interval_ms / 1e3))

    def stop(self) -> None:
        """Tick no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self, every: float) -> None:
        """Keep to the beat; one that could not be kept is left out, as Qt's timers do."""
        due = time.perf_counter() + every
        while True:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            self.beat()
            due = max(due + every, time.perf_counter())


class Screen:
    """The program's pulse; every beat paints what it refreshed, and counts both in CPU time."""

    def __init__(self) -> None:
        self._beats = Beats()
        self.pulse = Pulse(self._beats, time.process_time)
        self._beats.beat = self._frame
        self.painted: Callable[[], None] = _nothing
        """Called when a frame is on the screen."""

    def begin(self) -> None:
        """Beat as for somebody who looks."""
        self.pulse.set_attention(Attention.FOCUSED)

    def end(self) -> None:
        """Beat no more, and count the last frame."""
        self.pulse.set_attention(Attention.HIDDEN)
        self.pulse.beat()

    def _frame(self) -> None:
        self.pulse.beat()
        began = time.process_time()
        QApplication.processEvents()
        self.pulse.painted((time.process_time() - began) * 1e3)
        self.painted()


def _nothing() -> None:
    """Nobody listens."""
