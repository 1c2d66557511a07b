"""The plainest client of a venue: a socket, a dialect and a `BookSync` per pair, connecting again whenever it must."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from engine.adapters.exchanges.book.sync import BookSync
from engine.adapters.exchanges.dialect.stream import Channel, Dialect
from engine.adapters.exchanges.loopback.server import Loopback
from engine.adapters.exchanges.wire.heard import Answered, BookHeard, GoingAway, Numbered, TradesHeard, WireLevel
from engine.domain.market import FeedState
from engine.domain.order import Side
from engine.errors import Garbled

PATHS = {"binance": "/stream", "binance_usdm": "/stream", "kraken": "/v2"}
QUIET_S = 0.3
"""No frame for so long: the connection is given up."""


class Reader:
    """Keeps the books of some pairs; `crossed` counts books that were shown as whole and crossed."""

    def __init__(self, venue: Loopback, dialect: Dialect, symbols: Sequence[str]) -> None:
        self.venue, self.dialect = venue, dialect
        self.natives = [dialect.native(symbol) for symbol in symbols]
        self.books = {native: BookSync(dialect.rule()) for native in self.natives}
        self.prints = dict.fromkeys(self.natives, 0)
        self.connections = self.crossed = self.garbled = 0
        self.errors: list[str] = []
        self.watches_silence = False
        self._number: int | None = None

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            try:
                await self._connection()
            except (OSError, InvalidStatus, ConnectionClosed, TimeoutError):
                await asyncio.sleep(0.01)
            for book in self.books.values():
                book.lost()

    async def _connection(self) -> None:
        url = self.venue.socket_url + PATHS.get(self.dialect.venue, "/")
        async with (
            connect(url, max_size=None, compression=None, close_timeout=0.1) as socket,
            httpx.AsyncClient() as requests,
        ):
            self.connections += 1
            self._number = None
            for channel in (Channel.BOOK, Channel.TRADES):
                for message in self.dialect.subscribe(channel, self.natives):
                    await socket.send(message)
            while True:
                try:
                    async with asyncio.timeout(QUIET_S):
                        frame = await socket.recv()
                except TimeoutError:
                    if self.watches_silence:
                        raise
                    continue
                if not await self._hear(frame, requests):
                    return

    async def _hear(self, frame: str | bytes, requests: httpx.AsyncClient) -> bool:
        """Take a frame in; return whether the connection is still good."""
        try:
            said = self.dialect.hear(frame)
        except Garbled:
            self.garbled += 1
            for book in self.books.values():
                book.spoilt()
            return self._asks or all(book.state is FeedState.SYNCED for book in self.books.values())
        for heard in said:
            if isinstance(heard, Numbered):
                if self._number is not None and heard.number != self._number + 1:
                    return False
                self._number = heard.number
            elif isinstance(heard, BookHeard):
                self.books[heard.native].hear(heard)
                if not await self._mended(heard.native, requests):
                    return False
            elif isinstance(heard, TradesHeard) and not heard.is_past:
                self.prints[heard.native] += len(heard.prints)
            elif isinstance(heard, Answered) and heard.error:
                self.errors.append(heard.error)
            elif isinstance(heard, GoingAway):
                return False
        return True

    @property
    def _asks(self) -> bool:
        return self.dialect.rule().asks_snapshot

    async def _mended(self, native: str, requests: httpx.AsyncClient) -> bool:
        """Ask for a picture if the book needs one; where they come in the stream a new connection brings it."""
        book = self.books[native]
        if book.state is FeedState.SYNCED:
            self.crossed += book.book.is_crossed
            return True
        if not self._asks:
            return book.state is FeedState.CONNECTING
        path = "/fapi/v1/depth" if self.dialect.venue == "binance_usdm" else "/api/v3/depth"
        while True:
            answer = await requests.get(self.venue.rest_url + path, params={"symbol": native, "limit": 5000})
            if answer.status_code == 200:
                break
            await asyncio.sleep(0.01)
        book.asked()
        book.hear(self.dialect.snapshot(native, answer.content))  # type: ignore[attr-defined]
        return True

    def top(self, symbol: str, count: int = 20) -> tuple[list[WireLevel], list[WireLevel]]:
        """Return a book's best levels."""
        book = self.books[self.dialect.native(symbol)].book
        return book.top(Side.BUY, count), book.top(Side.SELL, count)

    def is_synced(self, symbol: str) -> bool:
        """Whether a book is whole."""
        return self.books[self.dialect.native(symbol)].state is FeedState.SYNCED


@asynccontextmanager
async def reading(venue: Loopback, dialect: Dialect, *symbols: str) -> AsyncIterator[Reader]:
    """A reader at work, every book of it whole."""
    reader = Reader(venue, dialect, symbols or tuple(venue.stage.market.pairs))
    task = asyncio.create_task(reader.run())
    try:
        yield reader
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(what: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait until something is so; return whether it came to be."""
    end = asyncio.get_running_loop().time() + seconds
    while not what() and asyncio.get_running_loop().time() < end:  # noqa: ASYNC110 - conditions of any kind
        await asyncio.sleep(0.005)
    return what()
