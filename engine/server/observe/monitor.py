"""Watches one server process: the loop, the databases, the machine, and what passes on the bus."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from engine.bus import Bus
from engine.domain.event import OrderAccepted, OrderFilled
from engine.domain.market import BookDiff
from engine.observe.metrics import quantile_of
from engine.observe.watchdog import LoopWatchdog
from engine.ports.journal import Recorded
from engine.server.core.port import JournalVitals
from engine.server.observe.health import LATE_MS
from engine.server.observe.machine import Machine
from engine.server.observe.probe import Probe
from engine.server.services import Services
from engine.services.offload import offload
from engine.services.task import TaskOwner

EVERY_S = 5.0
MARKS = 12
"""Rounds that `late_p99_ms` looks back on: a minute."""


class Monitor:
    """What is known of the process; `start` begins to look, `close` stops."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.journal: JournalVitals | None = services.journal
        self.started = time.time()
        self.has_market = services.settings.market != "none"
        """Whether there is a market at the root, besides those of the upstream venues."""
        self.probes = (
            *((Probe("exchange", services.exchange_db),) if self.has_market else ()),
            *(Probe(f"exchange of {name}", hall.exchange_db) for name, hall in services.halls.items()),
            Probe("accounts", services.identity.parts.database.engine),
        )
        self.machine = Machine(services.settings.data_dir)
        self.system, self.process = self.machine.look()
        self.free_bytes = self.machine.free_bytes()
        self.watchdog = LoopWatchdog(told=LATE_MS)
        self.recorded: Counter[str] = Counter()
        """Durable records by kind."""
        self.late_p99_ms = 0.0
        self._moved = time.monotonic()
        self._late: deque[dict[int, int]] = deque(maxlen=MARKS)
        self._tasks = TaskOwner("monitor")
        self._subscriptions = (
            services.bus.subscribe(Recorded, self._on_recorded),
            *(hall.bus.subscribe(Recorded, self._on_recorded) for hall in services.halls.values()),
            *(each.subscribe(BookDiff, self._on_diff) for each in self._buses()),
        )

    def _buses(self) -> tuple[Bus, ...]:
        """Return where the market moves: at the root, or wherever there is one."""
        services = self.services
        return (services.bus,) if self.has_market else tuple(each.bus for each in services.halls.values())

    @property
    def market_age_s(self) -> float:
        """How long the market has not moved."""
        return time.monotonic() - self._moved

    @property
    def orders(self) -> int:
        """How many were accepted."""
        return self.recorded[OrderAccepted.__name__]

    @property
    def fills(self) -> int:
        """How many were made."""
        return self.recorded[OrderFilled.__name__]

    def start(self) -> None:
        """Begin to look."""
        self.watchdog.start()
        self._tasks.start(self._run())

    async def close(self) -> None:
        """Stop."""
        for subscription in self._subscriptions:
            subscription.close()
        await self._tasks.join()
        await self.watchdog.close()

    async def look(self) -> None:
        """Look at everything that is not told by itself."""
        for probe in self.probes:
            await probe.ask()
        self.system, self.process = await offload(self.machine.look)
        self.free_bytes = await offload(self.machine.free_bytes)
        self.services.tally.mark()
        now = self.watchdog.stalls.counts()
        before = self._late[0] if self._late else {}
        self.late_p99_ms = quantile_of({bucket: count - before.get(bucket, 0) for bucket, count in now.items()}, 0.99)
        self._late.append(now)

    async def _run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(EVERY_S)

    def _on_recorded(self, event: Recorded) -> None:
        self.recorded[type(event.record).__name__] += 1

    def _on_diff(self, _event: BookDiff) -> None:
        self._moved = time.monotonic()


@asynccontextmanager
async def watched(services: Services) -> AsyncIterator[Services]:
    """Lend the parts of a server while they are watched."""
    monitor = services.monitor = Monitor(services)
    for hall in services.halls.values():
        hall.monitor = monitor
    monitor.start()
    try:
        yield services
    finally:
        await monitor.close()
