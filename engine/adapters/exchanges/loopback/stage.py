"""The loopback's time: plays a source into a market, at some speed or step by step, and says so to who listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from engine.adapters.exchanges.loopback.market import Market
from engine.adapters.exchanges.loopback.told import Source, Told
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.services.task import TaskOwner

TURN_S = 0.01
"""The longest that the loop sleeps while the market runs: how late a frame may be."""

Listener = Callable[[Told], None]


class Stage:
    """A market with a clock. At its beginning the market shows the source's first instant and stands still."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.market = Market(source)
        self._listeners: list[Listener] = []
        self._tasks = TaskOwner("loopback stage")
        self._speed = 0.0
        self._set_at: tuple[float, Nanos] = (0.0, source.start)
        """Real and market time when the speed was set."""
        self.play(source.start)

    @property
    def now(self) -> Nanos:
        """The market's time."""
        if not self._speed:
            return self.market.now
        real, market = self._set_at
        return Nanos(int(market + (asyncio.get_running_loop().time() - real) * self._speed * NANOS_PER_SECOND))

    @property
    def ended(self) -> bool:
        """Whether the source has nothing left."""
        return self.source.next_at(self.market.now) is None

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have all that happens told, after the market shows it; return what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def play(self, until: Nanos) -> int:
        """Let everything up to an instant happen now; return how much that was."""
        told = self.source.until(until)
        for each in told:
            self.market.apply(each)
            for listener in tuple(self._listeners):
                listener(each)
        self.market.now = max(self.market.now, min(until, self.now) if self.ended else until)
        return len(told)

    def run(self, speed: float) -> None:
        """Let the time run, `speed` times as fast as ours, until `stop`."""
        self.stop()
        if speed > 0:
            self._set_at = (asyncio.get_running_loop().time(), self.market.now)
            self._speed = speed
            self._tasks.start(self._run())

    def stop(self) -> None:
        """Stop the time; `run` goes on from there."""
        self._speed = 0.0
        self._tasks.close()

    async def close(self) -> None:
        """Stop for good."""
        self._speed = 0.0
        await self._tasks.join()

    async def _run(self) -> None:
        while True:
            self.play(self.now)
            following = self.source.next_at(self.market.now)
            wait = TURN_S if following is None else (following - self.now) / NANOS_PER_SECOND / self._speed
            await asyncio.sleep(min(TURN_S, max(0.0, wait)))
