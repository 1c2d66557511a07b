"""A market that keeps to the wall clock: what a server runs.

What it falls behind by a little it catches up in full flow. A longer gap, such as a night in which the machine was
off, is closed by a reopening: the agents leave, time passes, agents enter, and who rested in the book still does. The
market reopens a little before the present and trades up to it, so that there are recent prints.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from engine.adapters.paper.runner import PERIOD_S, REST_S, SNAPSHOT_S, WORK_S, MarketRunner
from engine.adapters.paper.venue import facts_of
from engine.domain.course import MarketReopened
from engine.domain.market import Bar
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.errors import CrsError
from engine.ports.clock import Clock
from engine.services.offload import offload

LEAD = Nanos(90 * NANOS_PER_SECOND)
"""Market time that a market trades before it opens to people."""

LONGEST_GAP = Nanos(120 * NANOS_PER_SECOND)
"""What is caught up in full flow: half a second of work; a longer gap is closed by a reopening."""

AHEAD = Nanos(5 * NANOS_PER_SECOND)
"""How far the clock may be set back without a word."""

Keep = Callable[[dict[str, list[Bar]]], Awaitable[None]]
"""Keeps minutes that were traded, by symbol, before the market forgets them."""

log = logging.getLogger(__name__)


class WallClockRunner(MarketRunner):
    """Runs one market at the pace of a clock; `catch_up` brings it to the present, `start` keeps it there."""

    def __init__(self, *args: Any, clock: Clock, keep: Keep, **kwargs: Any) -> None:  # noqa: ANN401 - as MarketRunner
        super().__init__(*args, **kwargs)
        self._clock, self._keep = clock, keep
        self._is_ahead = False

    async def catch_up(self) -> None:
        """Bring the market to the present, however long that takes.

        Raises:
            StorageUnavailable: the disk refuses, so the gap cannot be closed.
        """
        async with self._busy:
            await self._follow(float("inf"), 0.0)

    async def reopen(self, to: Nanos) -> None:
        """Close a gap: go on at a later whole second, orders in the book staying.

        Raises:
            InvalidInput: it is no later whole second.
            StorageUnavailable: the disk refuses orders now.
        """
        async with self._busy:
            await self._reopen(to)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(PERIOD_S)
            if self.paused or self._held or self._busy.locked():
                continue
            try:
                async with self._busy:
                    await self._follow(time.monotonic() + WORK_S)
            except CrsError as error:  # the disk, which says so itself; the gap is closed when it takes orders again
                log.warning("the market stands still: %s", error)
            if time.monotonic() - self._saved_at > SNAPSHOT_S:
                self.save()

    async def _follow(self, deadline: float, rest_s: float = REST_S) -> None:
        """Bring the market closer to the present."""
        now = self._clock.wall()
        self._note_clock(now)
        if now - self.market.now > LONGEST_GAP:
            await self._reopen(Nanos((now - LEAD) // NANOS_PER_SECOND * NANOS_PER_SECOND))
        if now > self.market.now:
            await self._advance(now, deadline, rest_s)

    async def _reopen(self, to: Nanos) -> None:
        async with self._venue.still():
            at = self.market.now
            await self._keep(self.market.traded())
            events = await offload(self.market.reopen, to)
            self._venue.record([MarketReopened(to, at), *facts_of(events)], at)
            self._moved()
        log.info("market reopened", extra={"from": at, "to": to})

    def _note_clock(self, now: Nanos) -> None:
        """Say once that the clock was set back: the market waits for it."""
        is_ahead = self.market.now - now > AHEAD
        if is_ahead and not self._is_ahead:
            log.warning("the clock was set back; the market waits for it", extra={"ahead_ns": self.market.now - now})
        self._is_ahead = is_ahead
