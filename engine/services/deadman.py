"""The dead-man's switch: without a sign of life for so long, somebody else takes the orders out.

Spans are taken from a clock that goes on while the machine sleeps (where the system has one: macOS has none that
Python can read), and orders look at the switch before they leave. So whoever wakes from a long sleep finds it fired
before anything else is sent. Nothing here reads the wall clock.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from engine.bus import Bus
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.errors import CrsError
from engine.services.task import TaskOwner

TICK_S = 0.5
"""Wall time between looks at the clock."""

WARNING_SHARE = 0.25
"""The last part of the span, in which a warning is shown."""


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeadManChanged:
    """Event: the switch was armed, warns, fired or rests; `left_s` is None while it is off."""

    left_s: float | None
    warns: bool
    fired: bool


class DeadMan:
    """Counts down from the last sign of life; `close` ends it."""

    def __init__(self, bus: Bus, elapsed: Callable[[], Nanos], act: Callable[[], Awaitable[None]]) -> None:
        self._bus, self._elapsed, self._act = bus, elapsed, act
        self._span: Nanos | None = None
        self._seen = elapsed()
        self.fired = False
        self._warned = False
        self._tasks = TaskOwner("dead man")

    @property
    def left_s(self) -> float | None:
        """Seconds until it fires; None while it is off or has fired."""
        if self._span is None or self.fired:
            return None
        return max(0.0, (self._seen + self._span - self._elapsed()) / NANOS_PER_SECOND)

    @property
    def warns(self) -> bool:
        """Whether the last part of the span has begun."""
        left = self.left_s
        return left is not None and self._span is not None and left * NANOS_PER_SECOND <= self._span * WARNING_SHARE

    def arm(self, seconds: int | None) -> None:
        """Fire after so many seconds without a sign of life; None switches it off."""
        self._span = None if seconds is None else Nanos(seconds * NANOS_PER_SECOND)
        self._seen, self.fired = self._elapsed(), False
        self._say()

    def alive(self) -> None:
        """Take in a sign of life; after it has fired, this arms it again."""
        if self.left_s == 0.0:  # too late: it fires first, whoever came back
            self._tasks.start(self.look())
            return
        was_quiet = not self.fired and not self._warned
        self._seen, self.fired = self._elapsed(), False
        if not was_quiet:
            self._say()

    async def look(self) -> None:
        """Fire if it is time."""
        if self.left_s == 0.0:
            self.fired = True
            self._say()
            try:
                await self._act()
            except CrsError as error:
                log.error("the dead-man's switch could not act", extra={"text": str(error)})
        elif self.warns != self._warned:
            self._say()

    def start(self) -> None:
        """Look at the clock from now on."""
        self._tasks.start(self._run())

    def close(self) -> None:
        """Look no more."""
        self._tasks.close()

    async def _run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(TICK_S)

    def _say(self) -> None:
        self._warned = self.warns
        self._bus.publish(DeadManChanged(self.left_s, self._warned, self.fired))
