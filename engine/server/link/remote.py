"""A gateway's side of the link: the exchange of another process, as a `Core`."""

from __future__ import annotations

import asyncio
import logging
import time
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import msgspec

from engine import errors
from engine.adapters.sql.codec import decode
from engine.bus import Bus
from engine.domain.command import Command, ListPair
from engine.domain.market import BookDiff, BookSnapshot, FeedState, Timeframe, TradeTick
from engine.domain.number import Nanos
from engine.domain.pair import TradingPair
from engine.errors import CrsError, InvalidInput, VenueUnavailable
from engine.ports.feed import BarArrays, FeedStateChanged
from engine.server.core.port import Answer, EventsMissed
from engine.server.link.books import ReplicaBooks
from engine.server.link.message import (
    Asked,
    Clock,
    Hello,
    Reply,
    Request,
    pack,
    pack_command,
    read,
    read_answer,
    read_bars,
    read_batch,
    read_prints,
)
from engine.server.link.streams import BLOCK_MS, REQUESTS_KEPT, entries_of, events_of, replies_of, requests_of
from engine.services.task import TaskOwner

if TYPE_CHECKING:
    from redis.asyncio import Redis

ANSWER_S = 5.0
"""How long a gateway waits for the exchange."""

SILENT_S = 2.5
"""Without a word from the exchange for so long, its data is stale; it tells the time twice a second."""

LONG_SILENT_S = 10.0
"""After so long it is asked whether it goes on: a Redis that was restored may number entries from an older instant."""

PAUSE_S = 0.5
READ_AT_ONCE = 200
DEPTH = 1_000

log = logging.getLogger(__name__)


class RemoteCore:
    """A `Core` whose writer is another process; `start` returns when it has been heard, or not in time."""

    def __init__(self, redis: Redis, requests: Redis, shard: str, *, bus: Bus | None = None) -> None:
        self.bus = bus or Bus()
        self._redis, self._requests, self._shard = redis, requests, shard
        self._gateway = token_hex(6)
        self._replies = replies_of(shard, self._gateway)
        self._events = events_of(shard)
        self._waiting: dict[str, asyncio.Future[bytes]] = {}
        self._pairs: dict[str, TradingPair] = {}
        self._books = ReplicaBooks(self._snapshot_soon)
        self._state, self._now = FeedState.CONNECTING, Nanos(0)
        self._epoch, self._number = 0, 0
        self._outdated = False
        """Whether others hold what was true before events were missed."""
        self._read_from = {self._replies: "0-0"}
        self._heard = time.monotonic()
        self._joined = asyncio.Event()
        self._tasks = TaskOwner("gateway")

    @property
    def now(self) -> Nanos:
        """The market's time, as last told."""
        return self._now

    @property
    def state(self) -> FeedState:
        """Whether the market is alive, and heard."""
        return self._state

    def state_of(self, _symbol: str, /) -> FeedState:
        """Return the market's state: its pairs live and end together."""
        return self.state

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return what can be traded; nothing before the exchange was heard."""
        return tuple(self._pairs.values())

    async def start(self, timeout_s: float = 10.0) -> bool:
        """Begin to listen; return whether the exchange was heard in time (it is tried on either way)."""
        self._tasks.start(self._read())
        self._tasks.start(self._keep_joined())
        try:
            async with asyncio.timeout(timeout_s):
                await self._joined.wait()
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """Listen no more."""
        await self._tasks.join()
        self._fail_all(VenueUnavailable("The gateway is closing."))

    async def carry_out(self, command: Command) -> Answer:
        """Carry out a command; see `Core.carry_out`."""
        return read_answer(await self._ask("command", pack_command(command)))

    def snapshot(self, symbol: str, depth: int) -> BookSnapshot:
        """Return the displayed book as of the last published diff."""
        if symbol not in self._pairs:
            raise InvalidInput(f"{symbol} is not traded here.")
        return self._books.snapshot(symbol, depth)

    async def prints(self, symbol: str, count: int) -> tuple[TradeTick, ...]:
        """Return the last prints of before now, oldest first."""
        return read_prints(await self._ask("prints", pack(Asked(symbol, count=count))))

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return closed bars before `end`."""
        return read_bars(await self._ask("bars", pack(Asked(symbol, str(timeframe), end, count))))

    # Asking

    async def _ask(self, kind: str, payload: bytes) -> bytes:
        from redis.exceptions import RedisError

        request_id = token_hex(8)
        waiter: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = waiter
        until_ms = int((time.time() + ANSWER_S) * 1000)
        request = Request(request_id, self._gateway, kind, payload, until_ms)
        try:
            async with asyncio.timeout(ANSWER_S):
                fields = {b"r": pack(request)}
                await self._requests.xadd(requests_of(self._shard), fields, maxlen=REQUESTS_KEPT)  # type: ignore[arg-type]
                return await waiter
        except TimeoutError:
            raise VenueUnavailable(
                "The exchange did not answer in time; nothing is known of this request. Send the same again."
            ) from None
        except (RedisError, OSError) as error:
            raise VenueUnavailable("The exchange cannot be reached now. Send the same again.") from error
        finally:
            self._waiting.pop(request_id, None)

    def _fail_all(self, error: CrsError) -> None:
        for waiter in self._waiting.values():
            if not waiter.done():
                waiter.set_exception(error)

    # Listening

    async def _keep_joined(self) -> None:
        """Join whenever the exchange is not followed, and notice its silence."""
        while True:
            if not self._joined.is_set():
                await self._join()
            else:
                await self._watch(time.monotonic() - self._heard)
            await asyncio.sleep(PAUSE_S)

    async def _watch(self, silent_s: float) -> None:
        if silent_s > SILENT_S and self._state is not FeedState.STALE:
            self._say(FeedState.STALE, "The exchange has not been heard for some seconds.")
        if silent_s > LONG_SILENT_S:
            await self._join()

    async def _join(self) -> None:
        try:
            hello = read(await self._ask("hello", b""), Hello)
        except CrsError as error:
            log.info("the exchange is not heard: %s", error)
            return
        if hello.epoch < self._epoch:
            log.warning("an older writer answered and is not followed")
            return
        listed: list[ListPair] = [decode("ListPair", text) for text in hello.pairs]
        self._pairs = {each.pair.symbol: each.pair for each in listed}
        missed = self._epoch > 0 and (hello.epoch, hello.number) != (self._epoch, self._number)
        self._outdated |= missed
        self._epoch, self._number, self._now = hello.epoch, hello.number, Nanos(hello.now)
        if missed:
            self.bus.publish(EventsMissed())
        self._books.begin(self._pairs)
        self._read_from[self._events] = hello.after
        self._heard = time.monotonic()
        if not await self._seed() or self._events not in self._read_from:  # lost again meanwhile
            return
        self._joined.set()
        if self._outdated:
            self._say(FeedState.SNAPSHOT, "The market as the exchange shows it now.")
            self._outdated = False
        self._say(FeedState(hello.state), hello.text)

    async def _seed(self) -> bool:
        for symbol in self._pairs:
            if not await self._take_snapshot(symbol):
                return False
        return True

    async def _take_snapshot(self, symbol: str) -> bool:
        try:
            self._books.take(read(await self._ask("snapshot", pack(Asked(symbol, count=DEPTH))), BookSnapshot))
        except CrsError:
            return False
        return True

    def _snapshot_soon(self, symbol: str) -> None:
        self._tasks.start(self._renew(symbol))

    async def _renew(self, symbol: str) -> None:
        while True:
            if await self._take_snapshot(symbol):
                return
            await asyncio.sleep(PAUSE_S)

    async def _read(self) -> None:
        from redis.exceptions import RedisError

        while True:
            try:
                found = await self._redis.xread(dict(self._read_from), count=READ_AT_ONCE, block=BLOCK_MS)  # type: ignore[arg-type]
            except (RedisError, OSError) as error:
                log.warning("redis cannot be read: %s", type(error).__name__)
                if self._joined.is_set():  # else it is known; nothing is lost as long as the next batch is the next
                    self._say(FeedState.STALE, "The exchange cannot be reached now.")
                await asyncio.sleep(PAUSE_S)
                continue
            for stream, entry, fields in entries_of(found):
                self._take(stream, entry, fields)

    def _take(self, stream: str, entry: str, fields: dict[bytes, bytes]) -> None:
        if stream == self._replies:
            self._read_from[stream] = entry
            try:
                self._settle(read(fields[b"r"], Reply))
            except (msgspec.DecodeError, KeyError) as error:
                log.warning("a reply that cannot be read: %s", error)
        elif self._read_from.get(stream) is not None:
            self._read_from[stream] = entry
            try:
                epoch, number, events = read_batch(fields[b"b"])
            except (msgspec.DecodeError, KeyError, CrsError) as error:
                log.warning("events that cannot be read: %s", error)
                self._lose("The exchange speaks in a way that is not understood here.")
                return
            self._follow(epoch, number, events)

    def _follow(self, epoch: int, number: int, events: list[object]) -> None:
        """Publish a batch, if it is the next one of the writer that is followed."""
        if epoch < self._epoch or (epoch == self._epoch and number <= self._number):
            return  # an old writer that was fenced off, or a batch that was taken before
        if epoch > self._epoch or number != self._number + 1:
            self._lose("Events of the exchange are missing; it is asked again.")
            return
        self._number, self._heard = number, time.monotonic()
        for event in events:
            self._publish(event)
        if self._state is FeedState.STALE and self._joined.is_set():
            self._say(FeedState.SYNCED, "")

    def _publish(self, event: object) -> None:
        if isinstance(event, Clock):
            self._now = event.now
        elif isinstance(event, FeedStateChanged):
            self._say(event.state, event.text)
        elif not isinstance(event, BookDiff) or self._books.apply(event):
            self.bus.publish(event)

    def _settle(self, reply: Reply) -> None:
        waiter = self._waiting.get(reply.id)
        if waiter is None or waiter.done():
            return
        if reply.error:
            kind: Any = getattr(errors, reply.error, None)
            known = isinstance(kind, type) and issubclass(kind, CrsError)
            waiter.set_exception(kind(reply.text) if known else VenueUnavailable(reply.text))
        else:
            waiter.set_result(reply.payload)

    def _lose(self, text: str) -> None:
        """Follow nothing until the exchange said hello again."""
        self._joined.clear()
        self._read_from.pop(self._events, None)
        self._say(FeedState.RESYNCING, text)

    def _say(self, state: FeedState, text: str) -> None:
        if state is not self._state:
            self._state = state
            self.bus.publish(FeedStateChanged(state, text, self._now))
