"""Recording while trading: what a feed publishes of chosen pairs, in chunks, into files of bounded size.

The loop only collects rows; a chunk is compressed and written on a thread. A file begins with the whole book, and ends
when it is an hour old or large enough, or when the feed's numbers no longer follow (a jump): then another begins.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from engine.adapters.recordings.library import Library
from engine.bus import Bus
from engine.domain.market import BookDiff, FeedState
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.pair import TradingPair
from engine.errors import CrsError, StorageUnavailable
from engine.market.tape import ChunkBuilder, header, seal
from engine.ports.exchange import ExchangeFeed, PairStateChanged
from engine.ports.feed import FeedStateChanged, TradesPrinted
from engine.ports.recording import RecordingChanged as RecordingChanged
from engine.ports.recording import RecordingNow as RecordingNow
from engine.services.offload import offload
from engine.services.task import TaskOwner
from engine.settings import Settings

CHUNK = Nanos(30 * NANOS_PER_SECOND)
"""What is lost at most when the machine dies…"""
CHUNK_ROWS = 50_000
"""…or so many rows, if they come earlier."""
WAITING_ROWS = 400_000
"""Rows that may wait for a slow disk; with more the recording stops."""
LOOK_S = 5.0
"""How often a quiet pair's chunk is looked at."""
WHOLE_BOOK = 1_000_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecordingLimits:
    """When a file ends and how much is kept."""

    file_s: int = 3_600
    file_bytes: int = 64_000_000
    total_bytes: int = 20_000_000_000

    @classmethod
    def of(cls, settings: Settings) -> RecordingLimits:
        """Return the limits that somebody set."""
        told = settings.recordings
        return cls(told.file_minutes * 60, told.file_mb * 1_000_000, int(told.total_gb * 1_000_000_000))


@dataclass(slots=True)
class _File:
    """One file of a recording; it is made with its first chunk."""

    begun: Nanos
    is_whole: bool = False
    """Whether the book with which it begins could be trusted."""
    diffs: int = 0
    prints: int = 0
    path: Path | None = None
    size: int = 0

    @property
    def is_useless(self) -> bool:
        """Whether there is nothing in it that the next one does not begin with."""
        return not self.prints and not (self.is_whole and self.diffs)


@dataclass(slots=True)
class _Reel:
    """The recording of one pair."""

    pair: TradingPair
    since: Nanos
    file: _File
    chunk: ChunkBuilder = field(default_factory=ChunkBuilder)
    seq: int = 0
    """Of the last diff."""
    written: int = 0
    rows: int = 0
    waiting: int = 0
    """Rows on their way to the disk, one chunk after another."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def is_blank(self) -> bool:
        """Whether it can begin anew, and nothing of use is lost."""
        return self.file.is_useless and not self.written and not self.waiting


class Arrivals(Protocol):
    """Where orders meet what a feed says."""

    @property
    def arrived(self) -> Nanos:
        """When the event that is being told reached it; never goes back."""
        ...

    def since(self, symbol: str) -> Nanos:
        """Return of when a pair's book was when it was taken over last: prints of before that fill nobody."""
        ...


class _FeedAlone:
    """A feed that nobody trades on."""

    def __init__(self, feed: ExchangeFeed) -> None:
        self._feed = feed

    @property
    def arrived(self) -> Nanos:
        """The feed's time."""
        return self._feed.now

    def since(self, _symbol: str) -> Nanos:
        """Every print counts."""
        return Nanos(0)


class Recorder:
    """Records pairs of one feed; `close` ends everything and loses nothing."""

    def __init__(
        self,
        bus: Bus,
        feed: ExchangeFeed,
        library: Library,
        limits: RecordingLimits,
        meets: Arrivals | None = None,
    ) -> None:
        """Record what a feed publishes on a bus.

        Args:
            bus: the feed's.
            feed: which follows what is recorded.
            library: where to.
            limits: when files end and how much is kept; they may be changed.
            meets: where orders meet what is recorded; by its instants a replay has both in the same order. None: there
                are no orders, and the feed's time counts.
        """
        self._bus, self._feed, self.library = bus, feed, library
        self.limits = limits
        self._meets = _FeedAlone(feed) if meets is None else meets
        self._reels: dict[str, _Reel] = {}
        self._tasks, self._writes = TaskOwner("recorder"), TaskOwner("recorder's disk")
        self._looking: asyncio.Task[None] | None = None
        self._subscriptions = (
            bus.subscribe(BookDiff, self._on_diff),
            bus.subscribe(TradesPrinted, self._on_trades),
            bus.subscribe(PairStateChanged, self._on_state),
            bus.subscribe(FeedStateChanged, self._on_feed),
        )

    async def start(self, symbol: str) -> None:
        """Follow a pair and record it from now on; nothing happens if it is being recorded.

        Raises:
            InvalidInput: the venue does not list it, or no more can be followed.
        """
        if symbol in self._reels:
            return
        await self._feed.follow(symbol)
        pair = next(each for each in self._feed.pairs() if each.symbol == symbol)
        if symbol in self._reels:  # somebody else was faster
            await self._feed.unfollow(symbol)
            return
        if self._looking is None or self._looking.done():
            self._looking = self._tasks.start(self._look())
        now = self._feed.now
        reel = self._reels[symbol] = _Reel(pair, now, _File(now))
        self._begin(reel, now)
        self._bus.publish(RecordingChanged(symbol, on=True))

    async def stop(self, symbol: str) -> None:
        """End the recording of a pair; all of it is on the disk when this returns, unless the disk refuses (told)."""
        reel = self._reels.pop(symbol, None)
        if reel is not None:
            if reel.file.is_whole or not reel.file.is_useless:
                self._flush(reel, last=True)
            self._bus.publish(RecordingChanged(symbol, on=False))
            await self._writes.finished()
            await self._feed.unfollow(symbol)

    async def write(self) -> None:
        """Write what was collected by now."""
        for reel in tuple(self._reels.values()):
            self._flush(reel)
        await self._writes.finished()

    def is_on(self, symbol: str) -> bool:
        """Whether a pair is being recorded."""
        return symbol in self._reels

    def now(self) -> list[RecordingNow]:
        """Return how each recording stands."""
        return [
            RecordingNow(symbol, self._name(reel), reel.since, reel.written, reel.rows)
            for symbol, reel in self._reels.items()
        ]

    async def close(self) -> None:
        """Write what waits and record nothing more; safe to call twice."""
        for subscription in self._subscriptions:
            subscription.close()
        for symbol in tuple(self._reels):
            await self.stop(symbol)
        await self._writes.finished()
        await self._tasks.join()

    # What the feed says

    def _on_diff(self, diff: BookDiff) -> None:
        reel = self._reels.get(diff.symbol)
        if reel is None or diff.seq <= reel.seq:
            return
        if diff.first_seq > reel.seq + 1:
            self._change_file(reel)
            return
        reel.seq = diff.seq
        reel.chunk.diff(diff, self._meets.arrived)
        reel.file.diffs += 1
        self._grown(reel)

    def _on_trades(self, event: TradesPrinted) -> None:
        reel = self._reels.get(event.symbol)
        if reel is not None:
            now = self._meets.arrived
            for tick in event.ticks:
                reel.chunk.trade(tick, now)
            reel.rows += len(event.ticks) - 1
            reel.file.prints += len(event.ticks)
            self._grown(reel)

    def _on_state(self, event: PairStateChanged) -> None:
        reel = self._reels.get(event.symbol)
        if reel is not None and event.state is FeedState.SYNCED and not reel.file.is_whole and reel.is_blank:
            self._change_file(reel)
        elif reel is not None:
            reel.chunk.mark(event.state is FeedState.SYNCED, self._meets.arrived)

    def _on_feed(self, event: FeedStateChanged) -> None:
        if event.state is FeedState.SNAPSHOT:  # what comes is of another time
            for reel in self._reels.values():
                self._change_file(reel)

    # Files

    def _begin(self, reel: _Reel, now: Nanos) -> None:
        """Begin a file with the book as it is now."""
        snapshot = self._feed.snapshot(reel.pair.symbol, WHOLE_BOOK)
        is_whole = self._feed.state_of(reel.pair.symbol) is FeedState.SYNCED
        reel.file, reel.seq = _File(now, is_whole), snapshot.seq
        reel.chunk.snapshot(snapshot, now, self._meets.since(reel.pair.symbol))
        reel.chunk.mark(is_whole, now)

    def _grown(self, reel: _Reel) -> None:
        reel.rows += 1
        age = self._feed.now - reel.file.begun
        if age > self.limits.file_s * NANOS_PER_SECOND or reel.file.size > self.limits.file_bytes:
            self._change_file(reel)
        elif reel.chunk.rows >= CHUNK_ROWS or self._feed.now - reel.chunk.first_at > CHUNK:
            self._flush(reel)

    def _change_file(self, reel: _Reel) -> None:
        if reel.is_blank:
            reel.chunk.take()
        else:
            self._flush(reel, last=True)
        self._begin(reel, self._meets.arrived)

    def _flush(self, reel: _Reel, *, last: bool = False) -> None:
        """Take what was collected and have it written, after what was taken before."""
        rows, columns = reel.chunk.rows, reel.chunk.take()
        if reel.waiting > WAITING_ROWS:
            self._give_up(reel, "The disk is too slow for the recording; it has ended.")
        elif rows:
            reel.waiting += rows
            self._writes.start(self._write(reel, reel.file, columns, rows, last=last))

    def _name(self, reel: _Reel) -> str:
        path = reel.file.path
        return "" if path is None else path.relative_to(self.library.directory).as_posix()

    async def _look(self) -> None:
        """Write what a quiet pair has, too."""
        while self._reels:
            await asyncio.sleep(LOOK_S)
            for reel in tuple(self._reels.values()):
                if reel.chunk.rows and self._feed.now - reel.chunk.first_at > CHUNK:
                    self._flush(reel)

    async def _write(self, reel: _Reel, file: _File, columns: dict[str, list[int]], rows: int, *, last: bool) -> None:
        try:
            async with reel.turn:
                grown = await offload(self._append, reel.pair, file, columns)
                file.size += grown
                reel.written += grown
                if last:
                    await self._make_room()
        except CrsError as error:
            self._give_up(reel, str(error))
        finally:
            reel.waiting -= rows

    def _append(self, pair: TradingPair, file: _File, columns: dict[str, list[int]]) -> int:
        """Seal a chunk and append it; a new file gets its head first. Return how much was written."""
        data = seal(columns)
        if file.path is None:
            file.path = self.library.new_file(self._feed.venue, pair.symbol, file.begun)
            about = {"venue": self._feed.venue, "title": self._feed.title, "started": file.begun}
            data = header(pair, about) + data
        try:
            with file.path.open("ab") as out:
                out.write(data)
        except OSError as error:
            raise StorageUnavailable(f"The recording cannot be written: {error.strerror}. It has ended.") from error
        return len(data)

    async def _make_room(self) -> None:
        open_now = frozenset(reel.file.path for reel in self._reels.values() if reel.file.path is not None)
        gone = await offload(self.library.make_room, self.limits.total_bytes, open_now)
        if gone:
            log.info("recordings removed to make room", extra={"files": gone})

    def _give_up(self, reel: _Reel, text: str) -> None:
        log.warning("recording ended: %s", text, extra={"symbol": reel.pair.symbol})
        if self._reels.pop(reel.pair.symbol, None) is not None:
            self._tasks.start(self._feed.unfollow(reel.pair.symbol))
            self._bus.publish(RecordingChanged(reel.pair.symbol, on=False, text=text))
