"""The writer's side of the link: carries out what gateways ask, and answers.

A request whose time is over is not carried out: nobody knows any more that it was asked. One that was read by a
writer that died is carried out by its successor if somebody still waits; the order's id makes that harmless.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from engine.adapters.sql.canonical import encode
from engine.domain.command import ListPair
from engine.domain.market import Timeframe, TradeTick
from engine.domain.number import Nanos
from engine.errors import CrsError, InvalidInput
from engine.server.core.port import Core
from engine.server.link.message import (
    Asked,
    Hello,
    Reply,
    Request,
    pack,
    pack_answer,
    pack_bars,
    pack_prints,
    read,
    read_command,
)
from engine.server.link.publisher import Publisher
from engine.server.link.streams import (
    BLOCK_MS,
    GROUP,
    REPLIES_KEPT,
    REPLIES_LIVE_S,
    entries_of,
    replies_of,
    requests_of,
)
from engine.services.task import TaskOwner

if TYPE_CHECKING:
    from redis.asyncio import Redis

AT_ONCE = 256
"""Requests read together."""

PAUSE_S = 0.5

Prints = Callable[[str, int], Iterable[TradeTick]]
"""Gives the last prints of a pair, oldest first, so many at most."""

log = logging.getLogger(__name__)


class Clerk:
    """Serves the requests of one shard."""

    def __init__(
        self, redis: Redis, answers: Redis, shard: str, core: Core, publisher: Publisher, prints: Prints
    ) -> None:
        self._redis, self._answers, self._shard = redis, answers, shard
        self._core, self._publisher, self._prints = core, publisher, prints
        self._stream = requests_of(shard)
        self._reader: asyncio.Task[Any] | None = None
        self._tasks = TaskOwner("clerk")
        self._under_way: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Serve from now on."""
        from redis.exceptions import ResponseError

        try:
            await self._redis.xgroup_create(self._stream, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise
        self._reader = self._tasks.start(self._read())

    async def close(self) -> None:
        """Read nothing more; what is under way is answered."""
        await self._tasks.join()
        if self._under_way:
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _read(self) -> None:
        from redis.exceptions import RedisError, ResponseError

        after = "0"  # first what a writer before us read and did not finish
        while True:
            try:
                found = await self._redis.xreadgroup(GROUP, GROUP, {self._stream: after}, count=AT_ONCE, block=BLOCK_MS)
            except ResponseError as error:  # the stream was flushed away
                log.warning("requests: %s", error)
                await self._make_group()
                continue
            except (RedisError, OSError) as error:
                log.warning("requests cannot be read: %s", type(error).__name__)
                await asyncio.sleep(PAUSE_S)
                continue
            entries = [(entry, fields) for _, entry, fields in entries_of(found)]
            if not entries and after == "0":
                after = ">"
                continue
            if after == "0":
                await self._finish([entry for entry, _ in entries])  # read again at once, answered below
            for entry, fields in entries:
                task = asyncio.create_task(self._serve(entry, fields))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)

    async def _make_group(self) -> None:
        from redis.exceptions import RedisError

        try:
            await self._redis.xgroup_create(self._stream, GROUP, id="0", mkstream=True)
        except (RedisError, OSError):
            await asyncio.sleep(PAUSE_S)

    async def _serve(self, entry: str, fields: dict[bytes, bytes]) -> None:
        try:
            request = read(fields[b"r"], Request)
        except (msgspec.DecodeError, KeyError):
            log.warning("a request that cannot be read was dropped")
            await self._finish([entry])
            return
        if request.until_ms < time.time() * 1000:
            await self._finish([entry])
            return
        reply = await self._answer(request)
        await self._send(request, reply)
        await self._finish([entry])

    async def _answer(self, request: Request) -> Reply:
        try:
            return Reply(request.id, await self._carry_out(request.kind, request.payload))
        except CrsError as error:
            return Reply(request.id, error=type(error).__name__, text=str(error))
        except Exception:
            log.exception("request failed", extra={"request": request.kind})
            return Reply(request.id, error="VenueUnavailable", text="The exchange failed on this; it is logged there.")

    async def _carry_out(self, kind: str, payload: bytes) -> bytes:
        core = self._core
        if kind == "command":
            return pack_answer(await core.carry_out(read_command(payload)))
        if kind == "hello":
            hello: Hello = await self._publisher.hello()
            hello.pairs = [encode(ListPair(pair)) for pair in core.pairs()]
            return pack(hello)
        asked = read(payload, Asked)
        if kind == "snapshot":
            return pack(core.snapshot(asked.symbol, asked.count))
        if kind == "prints":
            return pack_prints(self._prints(asked.symbol, asked.count))
        if kind == "bars":
            timeframe = Timeframe.parse(asked.timeframe)
            return pack_bars(await core.bars(asked.symbol, timeframe, end=Nanos(asked.end), count=asked.count))
        raise InvalidInput(f"This exchange does not know what {kind!r} asks.")

    async def _send(self, request: Request, reply: Reply) -> None:
        from redis.exceptions import RedisError

        stream = replies_of(self._shard, request.gateway)
        try:
            async with self._answers.pipeline(transaction=False) as pipe:
                pipe.xadd(stream, {b"r": pack(reply)}, maxlen=REPLIES_KEPT, approximate=True)
                pipe.expire(stream, REPLIES_LIVE_S)
                await pipe.execute()
        except (RedisError, OSError) as error:  # who asked will ask again
            log.warning("a reply was lost: %s", type(error).__name__)

    async def _finish(self, entries: list[str]) -> None:
        from redis.exceptions import RedisError

        try:
            async with self._answers.pipeline(transaction=False) as pipe:
                pipe.xack(self._stream, GROUP, *entries)
                pipe.xdel(self._stream, *entries)
                await pipe.execute()
        except (RedisError, OSError) as error:
            log.warning("requests could not be ticked off: %s", type(error).__name__)
