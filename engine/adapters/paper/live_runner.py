"""What drives a live market: the feed's events as they are published, the venue's clock in between, the journal behind.

Each event goes into the exchange in the very turn of the loop in which the feed publishes it, at an instant of its own
(`arrived`); what came of it is journaled and published as on every paper venue. While the disk refuses, the market's
books count as unknown: nothing is filled that could not be kept, and when it takes records again each book is taken
anew.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from engine.adapters.paper.runner import last_prices
from engine.adapters.paper.venue import PaperVenue
from engine.adapters.sql.journal import SqlJournal
from engine.bus import Bus
from engine.domain.command import ListPair
from engine.domain.course import Latency, LatencyChanged
from engine.domain.market import BookDiff, FeedState
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.exchange.live import LiveMarket
from engine.observe.failpoint import reached
from engine.ports.exchange import ExchangeFeed, PairsFollowed, PairStateChanged
from engine.ports.feed import TradesPrinted
from engine.ports.journal import StorageStateChanged
from engine.services.task import TaskOwner

TICK_S = 0.05
"""Wall time between looks at the clock, for orders that expire while the feed is silent."""

SNAPSHOT_S = 20.0
"""Wall time between notes of the last prices."""

DEPTH = 5_000
"""Levels a side that are taken over of a book."""


class LiveRunner:
    """Drives one live market; `close` stops it and keeps its state."""

    def __init__(
        self,
        bus: Bus,
        journal: SqlJournal,
        venue: PaperVenue,
        market: LiveMarket,
        feed: ExchangeFeed,
        *,
        seed: int = 0,
    ) -> None:
        """`seed` is what the latency of commands is drawn from."""
        self._journal, self._venue, self._feed, self._seed = journal, venue, feed, seed
        self.market = market
        self.arrived = market.now
        """When the feed's event that is being told reached the market: later than all before it, for the tape, too."""
        self._held = False
        self._arrival: asyncio.TimerHandle | None = None
        self._tasks = TaskOwner("live market")
        self._saved_at = time.monotonic()
        self._subscriptions = (
            bus.subscribe(BookDiff, self._on_diff),
            bus.subscribe(TradesPrinted, self._on_trades),
            bus.subscribe(PairStateChanged, self._on_pair),
            bus.subscribe(PairsFollowed, self._on_followed),
            bus.subscribe(StorageStateChanged, self._on_storage),
        )
        venue.on_sent, venue.to_present = self._on_sent, self._to_present

    def start(self) -> None:
        """Let the market move: take over the books that are known already."""
        self.list_followed()
        for pair in self._feed.pairs():
            self._take_anew(pair.symbol)
        self._tasks.start(self._run())

    async def close(self) -> None:
        """Let what is under way arrive, and keep the last prices."""
        await self._tasks.join()
        self._cancel_arrival()
        if not self._held:
            self.market.bring_in()
            self._settle()
        for subscription in self._subscriptions:
            subscription.close()
        self.save()

    def set_latency(self, latency: Latency | None) -> None:
        """Let commands travel like that, drawn from the market's seed; None: they take effect at once."""
        wanted = replace(latency, seed=self._seed) if latency is not None else None
        line = self.market.line
        if line.latency != wanted:
            self._venue.record([LatencyChanged(wanted, self.market.now)])
            line.latency = wanted

    def since(self, symbol: str) -> Nanos:
        """Return of when a pair's book was when it was taken over last."""
        return self.market.since(symbol)

    def list_followed(self) -> None:
        """List the pairs that are followed and are not listed yet."""
        new = self.market.list_pairs(self._feed.pairs())
        if new:
            self._venue.record([ListPair(pair) for pair in new])

    def save(self) -> None:
        """Queue a note of the market as it is after everything journaled so far."""
        self._saved_at = time.monotonic()
        self._journal.snapshot(self.market.freeze(), self.market.now, last_prices(self.market.exchange))

    # What the feed says

    def _on_diff(self, diff: BookDiff) -> None:
        now = self._arrives(diff.at)
        if self.market.is_synced(diff.symbol):
            if not self.market.hear_diff(diff, now):
                self._take_anew(diff.symbol)
            self._settle()

    def _on_trades(self, event: TradesPrinted) -> None:
        now = self._arrives(max((tick.at for tick in event.ticks), default=Nanos(0)))
        if self._held:
            return
        for tick in event.ticks:
            self.market.hear_print(tick, now)
        self._settle()

    def _on_pair(self, event: PairStateChanged) -> None:
        self._arrives(event.at)
        if event.state is FeedState.SYNCED:
            self._take_anew(event.symbol)
        else:
            self.market.distrust(event.symbol)

    def _on_followed(self, event: PairsFollowed) -> None:
        self._arrives(Nanos(0))
        for symbol in event.removed:
            self.market.distrust(symbol)
        self.list_followed()
        for symbol in event.added:
            self._take_anew(symbol)

    def _arrives(self, at: Nanos) -> Nanos:
        """Return when what the venue stamped with `at` reaches the market: now, and after everything before it."""
        self.arrived = Nanos(max(self._feed.now, at, self.market.now + 1, self.arrived + 1))
        return self.arrived

    def _take_anew(self, symbol: str) -> None:
        """Take over a book as the feed shows it, if that can be trusted."""
        if not self._is_synced(symbol):
            self.market.distrust(symbol)
            return
        book = self._feed.snapshot(symbol, DEPTH)
        book = book._replace(at=max(book.at, self._feed.now))  # it is so now, whenever it changed
        self.market.hear_snapshot(book, self.arrived)
        self._settle()

    def _is_synced(self, symbol: str) -> bool:
        """Whether a pair's book can be used now."""
        followed = any(pair.symbol == symbol for pair in self._feed.pairs())
        usable = followed and self.market.lists(symbol) and not self._held
        return usable and self._feed.state_of(symbol) is FeedState.SYNCED

    # Time

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._to_present()
            if time.monotonic() - self._saved_at > SNAPSHOT_S:
                self.save()

    def _to_present(self) -> None:
        """Bring the market to the venue's present."""
        if not self._held:
            self.market.advance(self._feed.now)
            self._settle()

    def _on_sent(self) -> None:
        """See to it that what is under way arrives on the instant."""
        self._cancel_arrival()
        wait = max(0, self.market.line.next_at - self.market.now)
        if self.market.line.last_at is not None:
            self._arrival = asyncio.get_running_loop().call_later(wait / NANOS_PER_SECOND, self._arrive)

    def _arrive(self) -> None:
        self._arrival = None
        if not self._held:
            due = self.market.line.next_at if self.market.line.last_at is not None else 0  # it may have arrived already
            self.market.advance(Nanos(max(self._feed.now, due)))
            self._settle()
        if self.market.line.last_at is not None and not self._held:
            self._on_sent()

    def _cancel_arrival(self) -> None:
        if self._arrival is not None:
            self._arrival.cancel()
            self._arrival = None

    def _settle(self) -> None:
        """Journal and publish what came of what the market was told."""
        step = self.market.take()
        if step.facts or step.answers:
            reached("market.after_advance")
            self._venue.take(step)

    def _on_storage(self, event: StorageStateChanged) -> None:
        self._held = not event.ok
        for pair in self.market.exchange.pairs():
            if self._held:
                self.market.distrust(pair.symbol)
            else:
                self._take_anew(pair.symbol)
        if not self._held and self.market.line.last_at is not None:
            self._on_sent()
