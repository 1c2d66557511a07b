"""The writer's side of the link: its events go out in numbered batches, in the order of happening."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

from engine.server.core.port import Core
from engine.server.link.message import KINDS, Clock, Hello, pack_batch, pack_event
from engine.server.link.streams import EVENTS_KEPT, events_of
from engine.services.task import TaskOwner

if TYPE_CHECKING:
    from msgspec import Raw
    from redis.asyncio import Redis

CLOCK_S = 0.5
"""Between two tellings of the time."""

LARGEST = 500
"""Events in one batch."""

HELD = 20_000
"""Events kept while Redis does not take them; then they are dropped, and gateways start over."""

log = logging.getLogger(__name__)


class Publisher:
    """Sends what a core publishes; `start` it in the core's loop."""

    def __init__(self, redis: Redis, shard: str, epoch: int, core: Core) -> None:
        self._redis, self._stream, self._epoch, self._core = redis, events_of(shard), epoch, core
        self._waiting: deque[tuple[str, Raw]] = deque()
        self._wake = asyncio.Event()
        self._begun = asyncio.Event()
        """Set once a batch was sent: what is before it in the stream is another writer's."""
        self._number, self._last = 0, "0-0"
        self._sending: tuple[int, bytes] | None = None
        """The batch under way and its number: sent again as it is, for it may have arrived the first time."""
        self._under_way = 0
        """Events in it."""
        self._dropped = False
        self._tasks = TaskOwner("link")
        self._subscriptions = [core.bus.subscribe(kind, self._take) for kind in KINDS if kind is not Clock]

    @property
    def waiting(self) -> int:
        """Events that Redis has not taken yet."""
        return len(self._waiting) + self._under_way

    def start(self) -> None:
        """Send from now on."""
        self._tasks.start(self._send())
        self._tasks.start(self._tell_the_time())

    async def close(self) -> None:
        """Send nothing more."""
        for each in self._subscriptions:
            each.close()
        await self._tasks.join()

    async def hello(self) -> Hello:
        """Return where a gateway begins that asks now; whatever still waits comes after that."""
        await self._begun.wait()
        return Hello(self._epoch, self._number, self._last, [], self._core.now, str(self._core.state), "")

    def _take(self, event: object) -> None:
        if len(self._waiting) >= HELD:
            self._waiting.clear()
            self._dropped = True
            log.warning("events dropped: redis does not take them")
        self._waiting.append(pack_event(event))
        self._wake.set()

    async def _tell_the_time(self) -> None:
        while True:
            self._take(Clock(self._core.now))
            await asyncio.sleep(CLOCK_S)

    async def _send(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self.waiting:
                await self._send_batch()

    async def _send_batch(self) -> None:
        from redis.exceptions import RedisError

        if self._sending is None:
            self._sending = self._next()
        number, batch = self._sending
        try:
            last = await self._redis.xadd(self._stream, {b"b": batch}, maxlen=EVENTS_KEPT, approximate=True)
        except (RedisError, OSError) as error:
            log.warning("events wait: %s", type(error).__name__)
            await asyncio.sleep(CLOCK_S)
            return
        self._last = last.decode() if isinstance(last, bytes) else str(last)
        self._number, self._sending, self._under_way = number, None, 0
        self._begun.set()

    def _next(self) -> tuple[int, bytes]:
        """Take the next batch out of what waits; a number left out tells the gateways to start over."""
        number, self._dropped = self._number + (2 if self._dropped else 1), False
        events = [self._waiting.popleft() for _ in range(min(LARGEST, len(self._waiting)))]
        self._under_way = len(events)
        return number, pack_batch(self._epoch, number, events)
