"""The clock of the offline market: it moves market time along with wall time and publishes what happens.

One task wakes ten times a second and advances the market by what has passed, times the speed. It works
a few milliseconds at a time and lets the loop turn in between, so that nothing waits for it. What changes
the market's course besides orders (coarse steps, jumps, a new market) is journaled before its effects, so
that the same market can be run again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import replace

from engine.adapters.paper.feed import OfflineFeed
from engine.adapters.paper.pace import Pace
from engine.adapters.paper.venue import PaperVenue, facts_of
from engine.adapters.sql.journal import SqlJournal
from engine.bus import Bus
from engine.domain.course import Latency, LatencyChanged, MarketJumped, MarketOpened, PaceChanged
from engine.domain.market import FeedState
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.errors import InvalidInput
from engine.exchange.kernel import Exchange
from engine.exchange.offline import OfflineMarket
from engine.exchange.slice import GoOn
from engine.observe.failpoint import reached
from engine.ports.feed import MarketStatusChanged
from engine.ports.journal import StorageStateChanged
from engine.services.offload import offload
from engine.services.task import TaskOwner

PERIOD_S = 0.1
"""Wall time between wake-ups."""

LONGEST_S = 0.5
"""Wall time that one wake-up makes up for; a machine that slept pauses the market."""

WORK_S = 0.06
"""Wall time of work per wake-up; what is not done by then is left out, and said."""

TURN_S = 0.004
"""Wall time of work per turn of the loop; with the longest piece of work it stays well within a frame."""

REST_S = 0.001
"""Pause between turns. A timer that is due needs three turns of asyncio's loop to wake its task; with a pause of
nothing the market would have each of them, with this it has one."""

SNAPSHOT_S = 20.0
"""Wall time between snapshots."""

SPEEDS = (1.0, 1000.0)
"""The slowest and the fastest speed."""

STEP = Nanos(NANOS_PER_SECOND)
"""Market time of one manual step."""

COARSE_TEXT = "Too fast for every single order: the market advances in coarse steps."

log = logging.getLogger(__name__)

MakeMarket = Callable[[str, int], OfflineMarket]
"""Opens a market of a kind and seed; runs off the loop, as does `seat`, which puts the accounts into it."""


class MarketRunner:
    """Runs one market at a time; `close` stops it and keeps its state."""

    def __init__(
        self,
        bus: Bus,
        journal: SqlJournal,
        venue: PaperVenue,
        feed: OfflineFeed,
        *,
        make_market: MakeMarket,
        seat: Callable[[OfflineMarket], None],
        kind: str,
        seed: int,
        speed: float = 1.0,
        coarse: bool = False,
    ) -> None:
        self._bus, self._journal, self._venue, self._feed = bus, journal, venue, feed
        self.market = feed.market
        """The market that runs, which is the venue's; another one after `restart_with`."""
        self._make_market, self._seat = make_market, seat
        self.kind, self.seed = kind, seed
        self.speed, self.paused, self.coarse = speed, False, coarse
        self._held = ""
        self._latency: Latency | None = None
        self._reached: float | None = None
        """The speed reached if that is less than asked."""
        self._busy = asyncio.Lock()
        self._pace = Pace()
        self._tasks = TaskOwner("market")
        self._saved_at = time.monotonic()
        self._subscription = bus.subscribe(StorageStateChanged, self._on_storage)
        venue.on_sent = self._on_sent

    @property
    def now(self) -> Nanos:
        """The market's time."""
        return self.market.now

    @property
    def text(self) -> str:
        """What the screen should say about the market's pace; empty when all is as asked."""
        if self._held:
            return self._held
        if self.market.ended:
            return "The recording has ended. Restart it, or open the simulated market."
        if self.paused:
            return "Paused."
        said = [COARSE_TEXT] if self.coarse else []
        if self._reached is not None:
            said.append(f"This machine cannot keep up: the speed is about {self._reached:,g}, not {self.speed:,g}.")
        return " ".join(said)

    def start(self) -> None:
        """Let the market move."""
        self._say()
        self._tasks.start(self._run())

    async def close(self) -> None:
        """Stop the market where it stands and keep its state, so that a later start goes on from here."""
        self._subscription.close()
        await self._tasks.join()
        async with self._busy:
            await self._bring_in()
        self.save()

    # What a user may do

    def set_speed(self, speed: float) -> None:
        """Let market time pass at 1 to 1000 times the wall's.

        Raises:
            InvalidInput: the speed is out of range.
        """
        if not SPEEDS[0] <= speed <= SPEEDS[1]:
            raise InvalidInput(f"The speed must be from {SPEEDS[0]:g} to {SPEEDS[1]:g}, not {speed:g}.")
        self.speed, self._reached = speed, None
        self._pace.start_over()
        self._say()

    def pause(self) -> None:
        """Hold the market's time; commands are still taken, and those under way let just so much time pass."""
        self.paused = True
        self._say()
        self._on_sent()

    def resume(self) -> None:
        """Let the market's time pass again."""
        self.paused = False
        self._say()

    async def step(self) -> None:
        """Advance a paused market by one second of its time.

        Raises:
            InvalidInput: the market is not paused.
        """
        if not self.paused:
            raise InvalidInput("Pause the market before stepping through it.")
        async with self._busy:
            await self._advance(Nanos(self.market.now + STEP), time.monotonic() + LONGEST_S)

    async def jump(self, to: Nanos) -> None:
        """Go to a date; working orders are cancelled first.

        Raises:
            InvalidInput: the market has no such date.
            StorageUnavailable: the disk refuses orders now.
        """
        async with self._busy, self._venue.still():
            await self._bring_in()
            at = self.market.now
            events = await offload(self.market.jump, to)
            self._venue.record([MarketJumped(to, at), *facts_of(events)], at)
            self._moved()

    async def restart(self) -> None:
        """Start the same market from its beginning."""
        await self.restart_with(self.kind, self.seed)

    async def restart_with(self, kind: str, seed: int) -> None:
        """Open another market; working orders are cancelled, balances stay.

        Raises:
            InvalidInput: there is no such market.
            StorageUnavailable: the disk refuses orders now.
        """
        market = await offload(self._make_market, kind, seed)
        async with self._busy, self._venue.still():
            await self._bring_in()
            await self._venue.cancel_everything()
            await offload(self._seat, market)
            self.market = self._venue.market = market
            self._venue.record([MarketOpened(kind, seed, market.now)])
            self.kind, self.seed, self.coarse, self._pace, self._reached = kind, seed, False, Pace(), None
            self.set_latency(self._latency)
            self._moved()

    def set_latency(self, latency: Latency | None) -> None:
        """Let commands travel like that in a replayed market, drawn from its seed; None: they take effect at once.

        Commands under way keep their delay. In a simulated market commands never travel.
        """
        self._latency = latency
        wanted = replace(latency, seed=self.seed) if latency is not None and self.kind == "replay" else None
        line = self.market.line
        if line.latency != wanted:
            self._venue.record([LatencyChanged(wanted, self.market.now)])
            line.latency = wanted

    def save(self) -> None:
        """Queue a snapshot of the market after everything journaled so far."""
        self._saved_at = time.monotonic()
        self._journal.snapshot(self.market.freeze(), self.market.now, last_prices(self.market.exchange))

    # The task

    async def _run(self) -> None:
        before = time.monotonic()
        while True:
            await asyncio.sleep(PERIOD_S)
            now = time.monotonic()
            passed, before = min(now - before, LONGEST_S), now
            if self.paused or self._held or self.market.ended or self._busy.locked():
                continue
            async with self._busy:
                self._choose_class()
                at = self.market.now
                await self._advance(Nanos(at + int(passed * self.speed * NANOS_PER_SECOND)), now + WORK_S)
                self._pace.passed(passed, self.market.now - at)
                self._note_pace()
            if now - self._saved_at > SNAPSHOT_S:
                self.save()

    def _on_sent(self) -> None:
        """Let commands under way arrive even if the market's time stands still."""
        if (self.paused or self.market.ended) and self.market.line.last_at is not None:
            self._tasks.start(self._bring_in_soon())

    async def _bring_in_soon(self) -> None:
        async with self._busy:
            if self.paused or self.market.ended:
                await self._bring_in()

    async def _bring_in(self) -> None:
        """Let the market's time pass to the arrival of the last command under way."""
        while (last := self.market.line.last_at) is not None and not self._held:
            if self.market.ended or last <= self.market.now:
                self._venue.take(self.market.advance(self.market.now))
            else:
                await self._advance(Nanos(last), time.monotonic() + LONGEST_S)

    async def _advance(self, until: Nanos, deadline: float, rest_s: float = REST_S) -> None:
        """Advance for a few milliseconds at a time, letting the loop turn in between."""
        market, at, cpu_s = self.market, self.market.now, 0.0
        while market.now < until and not market.ended and not self._held:
            begun = time.thread_time()
            step = market.advance(until, coarse=self.coarse, go_on=_for_a_turn())
            cpu_s += time.thread_time() - begun
            reached("market.after_advance")
            self._feed.show(step)
            self._venue.take(step)
            if market.now < until:
                if time.monotonic() > deadline:
                    break
                await asyncio.sleep(rest_s)
        self._pace.learn(self.coarse, market.now - at, cpu_s)
        if market.ended:
            self._say()

    def _choose_class(self) -> None:
        coarse = self._pace.wants_coarse(self.coarse, self.speed)
        if coarse != self.coarse:
            self.coarse = coarse
            self._venue.record([PaceChanged(coarse, self.market.now)])
            self._say()

    def _note_pace(self) -> None:
        reached = None if self.market.ended else self._pace.behind(self.speed)
        if reached != self._reached:
            self._reached = reached
            self._say()

    def _moved(self) -> None:
        self._feed.replace(self.market)
        self.save()
        self._say()

    def _on_storage(self, event: StorageStateChanged) -> None:
        self._held = "" if event.ok else event.text
        self._say()

    def _say(self) -> None:
        text = self.text
        if self.market.ended and not self._held:
            self._feed.say(FeedState.ENDED, text)
        elif self.paused or self._held:
            self._feed.say(FeedState.PAUSED, text)
        else:
            self._feed.say(FeedState.SYNCED, text)
        self._bus.publish(MarketStatusChanged(self.speed, self.paused, self.coarse, text))


def last_prices(exchange: Exchange) -> dict[str, str]:
    """Return the last price of each pair that has one, as text."""
    found = {}
    for pair in exchange.pairs():
        last = exchange.book(pair.symbol).last_price
        if last is not None:
            found[pair.symbol] = pair.price_text(last)
    return found


def _for_a_turn() -> GoOn:
    end = time.perf_counter() + TURN_S
    return lambda: time.perf_counter() < end
