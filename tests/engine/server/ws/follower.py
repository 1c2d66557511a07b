"""A client by the book: it reconnects with back-off and jitter, resubscribes, and mends what is missing.

The reference for what `docs/reference/streams.md` asks of clients. It keeps books from snapshots and diffs, and an
account's journal from the stream and from REST, and never shows a book whose levels cross.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

FIRST_S, LONGEST_S = 0.5, 30.0

Fetch = Callable[[int], Awaitable[list[dict[str, Any]]]]
"""Returns all journaled records after a number, from REST."""


def pause_s(failures: int, chance: random.Random) -> float:
    """Return how long to wait before the next try: nothing at first, then anything up to a growing bound."""
    return 0.0 if failures == 0 else chance.uniform(0, min(LONGEST_S, FIRST_S * 2 ** (failures - 1)))


@dataclass(slots=True)
class FollowedBook:
    """A book as it is kept from the stream; `seq` None = a snapshot is waited for."""

    seq: int | None = None
    sides: dict[str, dict[str, str]] = field(default_factory=lambda: {"bids": {}, "asks": {}})
    waiting: list[dict[str, Any]] = field(default_factory=list)
    """Diffs that came while a snapshot was waited for."""

    def snapshot(self, data: dict[str, Any]) -> bool:
        """Take a snapshot and what came after it; return whether a newer one is needed."""
        if self.seq is not None and data["seq"] < self.seq:
            return False
        self.seq = data["seq"]
        self.sides = {name: dict(data[name]) for name in ("bids", "asks")}
        waiting, self.waiting = self.waiting, []
        broken = False
        for each in waiting:
            broken |= self.diff(each)
        return broken

    def diff(self, data: dict[str, Any]) -> bool:
        """Take a diff; return whether a new snapshot is needed now."""
        if self.seq is None:
            self.waiting.append(data)
            return False
        if data["seq"] <= self.seq:
            return False
        if data["first_seq"] > self.seq + 1:
            self.seq = None
            self.waiting = [data]
            return True
        for name, levels in self.sides.items():
            for price, qty in data[name]:
                if Decimal(qty):
                    levels[price] = qty
                else:
                    levels.pop(price, None)
        self.seq = data["seq"]
        return False

    @property
    def is_crossed(self) -> bool:
        """Whether what is shown makes no sense; a book that waits for a snapshot is not shown."""
        bids, asks = self.sides["bids"], self.sides["asks"]
        return self.seq is not None and bool(bids and asks) and max(map(Decimal, bids)) >= min(map(Decimal, asks))


class Follower:
    """Follows books, and one account's journal if `ticket` and `fetch` are given."""

    def __init__(
        self,
        url: str,
        *symbols: str,
        ticket: Callable[[], str] | None = None,
        fetch: Fetch | None = None,
        seed: int = 1,
        **options: Any,  # noqa: ANN401 - of connect
    ) -> None:
        self._url, self._symbols, self._ticket, self._fetch = url, symbols, ticket, fetch
        self._options, self._chance = {"compression": None, "open_timeout": 5.0} | options, random.Random(seed)  # noqa: S311 - jitter
        self.books = {symbol: FollowedBook() for symbol in symbols}
        self.journal: dict[int, dict[str, Any]] = {}
        """Records by number."""
        self.connected = 0
        """How often."""
        self.pauses: list[float] = []
        """Waited before each try after the first."""
        self.resnapshots = 0
        """Snapshots asked for because something was missing."""
        self.was_crossed = False
        self.changed = asyncio.Condition()
        self._mending = False

    @property
    def tip(self) -> int:
        """The last record that is known with all before it."""
        return max(self.journal, default=0)

    async def run(self) -> None:
        """Follow for ever."""
        failures = 0
        while True:
            with suppress(OSError, InvalidHandshake, ConnectionClosed, TimeoutError):
                async with connect(self._url, **self._options) as socket:
                    self.connected += 1
                    await self._subscribe(socket)
                    async for text in socket:
                        failures = 0
                        await self._take(socket, msgspec.json.decode(text))
            for book in self.books.values():
                book.seq, book.waiting = None, []
            self.pauses.append(pause_s(failures, self._chance))
            failures += 1
            await asyncio.sleep(self.pauses[-1])

    async def until(self, wanted: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Wait until something is true of what it knows."""
        async with asyncio.timeout(timeout_s), self.changed:
            await self.changed.wait_for(wanted)

    async def _subscribe(self, socket: ClientConnection) -> None:
        await _ask(socket, "subscribe", channels=[f"book:{each}" for each in self._symbols] or ["status"])
        if self._ticket is not None:
            await _ask(socket, "auth", ticket=self._ticket())
            await _ask(socket, "subscribe", channels=["journal"])
            await self._catch_up()

    async def _take(self, socket: ClientConnection, message: dict[str, Any]) -> None:
        kind, data = message.get("type"), message.get("data")
        if kind in ("snapshot", "diff") and data is not None:
            book = self.books[data["symbol"]]
            if book.snapshot(data) if kind == "snapshot" else book.diff(data):
                self.resnapshots += 1
                channel = [f"book:{data['symbol']}"]
                await _ask(socket, "unsubscribe", channels=channel)
                await _ask(socket, "subscribe", channels=channel)
            self.was_crossed |= book.is_crossed
        elif kind == "record":
            if message.get("prev") not in (None, self.tip) and message["seq"] > self.tip:
                await self._catch_up()
            self.journal.setdefault(message["seq"], message["data"])
        async with self.changed:
            self.changed.notify_all()

    async def _catch_up(self) -> None:
        assert self._fetch is not None
        for record in await self._fetch(self.tip):
            self.journal.setdefault(record["seq"], record)


async def _ask(socket: ClientConnection, op: str, **rest: Any) -> None:  # noqa: ANN401 - fields
    await socket.send(msgspec.json.encode({"op": op, **rest}).decode())


@asynccontextmanager
async def following(*followers: Follower) -> AsyncIterator[None]:
    """Let followers run."""
    tasks = [asyncio.create_task(each.run()) for each in followers]
    try:
        yield
        for task in tasks:
            assert not task.done(), task.exception()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
