"""How a break heals: books are asked for until they join, missed prints are fetched; each pair on its own.

A venue that is asked too often bars us, so every repetition waits longer than the one before.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING

from engine.adapters.exchanges.dialect.stream import Channel
from engine.adapters.exchanges.feed.followed import FollowedPair
from engine.adapters.exchanges.net.lines import Lines
from engine.adapters.exchanges.venue.connection import Connection, reading
from engine.adapters.exchanges.wire.heard import PrintHeard
from engine.domain.market import FeedState
from engine.errors import InvalidInput, Unavailable
from engine.services.task import TaskOwner

if TYPE_CHECKING:
    from engine.adapters.exchanges.feed.feed import PublicFeed

SETTLE_S = 0.5
"""How long a new connection gets before missed prints are asked for, so that the stream has begun."""
FIRST_S = 1.5
"""How long the first diff may take before a book is asked for without it."""
PICTURE_S = 5.0
"""How long a picture in the stream may take before it is asked for again…"""
PICTURE_TRIES = 3
"""…and how often, before the connection is given up."""
LOOK_S = 0.05
PAUSES_S = (0.1, 0.3, 1.0, 2.0, 5.0, 10.0)
"""Before a book is asked for once more; the last one counts on."""
PRINT_TRIES = 3
PRINTS_PATIENCE_S = 10.0

_Work = Callable[[FollowedPair], Coroutine[object, object, None]]

log = logging.getLogger(__name__)


class Healing:
    """Works on what broke; one task per pair for its book, one for its prints."""

    def __init__(self, connection: Connection, lines: Lines, feed: PublicFeed) -> None:
        self._connection, self._lines, self._feed = connection, lines, feed
        self._tasks = TaskOwner(f"books of {connection.spec.title}")
        self._books: dict[str, asyncio.Task[None]] = {}
        self._prints: dict[str, asyncio.Task[None]] = {}
        self._given_up: set[str] = set()
        """Pairs for which a connection was ended in vain."""

    def opened(self, pair: FollowedPair) -> None:
        """A connection began: fetch missed prints, and the book where the stream has none."""
        self.forget(pair.symbol)
        self._start(self._books, pair, self._first_book)
        self.missed(pair)

    def broken(self, pair: FollowedPair) -> None:
        """A pair's book is not whole: have it anew, unless that is under way."""
        if _is_free(self._books, pair) and pair.is_open:
            self._start(self._books, pair, self._ask_book if pair.asks_snapshot else self._ask_picture)

    def missed(self, pair: FollowedPair) -> None:
        """Prints of a pair are missing, or may be: fetch them, unless that is under way."""
        if _is_free(self._prints, pair):
            self._start(self._prints, pair, self._fetch_prints)

    def forget(self, symbol: str) -> None:
        """Do nothing more about a pair."""
        for tasks in (self._books, self._prints):
            task = tasks.pop(symbol, None)
            if task is not None:
                task.cancel()

    async def close(self) -> None:
        """Do nothing more."""
        await self._tasks.join()

    def _start(self, tasks: dict[str, asyncio.Task[None]], pair: FollowedPair, work: _Work) -> None:
        task = tasks[pair.symbol] = self._tasks.start(self._supervised(pair, work))

        def ended(done: asyncio.Task[None]) -> None:
            if tasks.get(pair.symbol) is done:
                del tasks[pair.symbol]

        task.add_done_callback(ended)

    async def _supervised(self, pair: FollowedPair, work: _Work) -> None:
        """Do the work; after an error of this program do it again, later each time."""
        for tries in itertools.count():
            try:
                return await work(pair)
            except Exception as error:
                self._feed.failed(pair, error)
            await asyncio.sleep(PAUSES_S[min(tries, len(PAUSES_S) - 1)])
        return None

    # -- books ------------------------------------------------------------------------------------

    async def _ask_book(self, pair: FollowedPair) -> None:
        """Ask for pictures until one joins what the stream brought meanwhile."""
        dialect, tries = self._connection.dialect, 0
        ask = dialect.ask_book(pair.native)
        if ask is None:
            return
        while not pair.is_whole:
            pair.sync.asked()
            self._feed.look()
            try:
                answer = await self._connection.ask(ask)
                with reading(self._connection.spec.title):
                    self._feed.on_book(pair, dialect.hear_book(answer, pair.native))
            except (Unavailable, InvalidInput) as error:
                pair.why = str(error)
                self._feed.look()
                await asyncio.sleep(getattr(error, "retry_after_s", None) or 0.0)
            if not pair.is_whole:
                await asyncio.sleep(PAUSES_S[min(tries, len(PAUSES_S) - 1)])
                tries += 1

    async def _first_book(self, pair: FollowedPair) -> None:
        """Have the book of a new connection: of a quiet pair no diff may come for long, so none is waited for."""
        if pair.asks_snapshot:
            await self._changed(pair)
            await self._ask_book(pair)
        elif not await self._pictured(pair):  # a new subscription brings one
            await self._ask_picture(pair)

    async def _changed(self, pair: FollowedPair) -> None:
        """Wait for the first diff, for a while: a picture that is newer than it joins at once."""
        for _ in range(round(FIRST_S / 0.02)):
            if pair.updates:
                return
            await asyncio.sleep(0.02)

    async def _ask_picture(self, pair: FollowedPair) -> None:
        """Have the stream begin anew, until it brings a picture that is right."""
        for attempt in itertools.count():
            if attempt:
                await asyncio.sleep(PAUSES_S[min(attempt, len(PAUSES_S) - 1)])
            if pair.is_refused:
                return
            pair.sync.asked()
            self._feed.look()
            self._lines.again(pair.native, Channel.BOOK)
            if await self._pictured(pair):
                self._given_up.discard(pair.symbol)
                return
            if attempt + 1 == PICTURE_TRIES and pair.symbol not in self._given_up:  # once: others are on the line too
                self._given_up.add(pair.symbol)
                log.info("no picture of a book", extra={"venue": self._feed.venue, "symbol": pair.symbol})
                self._lines.drop(pair.native, f"{self._feed.title} sends no book of {pair.symbol}.")

    async def _pictured(self, pair: FollowedPair) -> bool:
        """Wait for a picture, for a while after all that was to be said is said; not if it came and broke already."""
        left = round(PICTURE_S / LOOK_S)
        while left > 0 and pair.sync.state is not FeedState.GAP:
            if pair.is_whole:
                return True
            await asyncio.sleep(LOOK_S)
            left -= not self._lines.is_sending(pair.native)
        return False

    # -- prints -----------------------------------------------------------------------------------

    async def _fetch_prints(self, pair: FollowedPair) -> None:
        """Fetch the newest prints until they reach back to the last one known; else the past is void."""
        prints = self._feed.prints_of(pair.symbol)
        if prints is None:
            return
        fetched: Sequence[PrintHeard] = ()
        for attempt in range(PRINT_TRIES):
            await asyncio.sleep(SETTLE_S * (1 + attempt))
            try:
                fetched = await self._recent(pair)
            except (Unavailable, InvalidInput) as error:
                log.info("prints not fetched", extra={"venue": self._feed.venue, "text": str(error)})
                continue
            if prints.reaches(fetched):
                break
        joined = prints.join(fetched)
        self._feed.joined(pair, joined.past, joined.fresh, whole=joined.is_whole)

    async def _recent(self, pair: FollowedPair) -> Sequence[PrintHeard]:
        dialect = self._connection.dialect
        answer = await self._connection.ask(dialect.ask_trades(pair.native), patience_s=PRINTS_PATIENCE_S)
        with reading(self._connection.spec.title):
            return dialect.hear_trades(answer, pair.native).prints


def _is_free(tasks: dict[str, asyncio.Task[None]], pair: FollowedPair) -> bool:
    """Whether nothing is under way; what has ended may not have been taken away yet."""
    task = tasks.get(pair.symbol)
    return task is None or task.done()
