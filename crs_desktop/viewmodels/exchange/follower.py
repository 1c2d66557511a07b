"""Follows the pairs of an exchange that a desk shows, and some minutes longer: an exchange carries what is asked for.

A pair that is not carried yet is *coming*: whoever wants it waits, and is told when it is there, or why it never will
be. Pairs with an order or a position of the user's are followed by the engine, whatever is shown.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from crs_desktop.viewmodels.exchange.listing import Listing
from crs_desktop.viewmodels.hook import Hook, Link
from engine.bus import Bus
from engine.errors import CrsError, InvalidInput
from engine.ports.exchange import ExchangeFeed, PairsFollowed
from engine.services.following import Following
from engine.services.task import TaskOwner

GRACE_S = 180.0
"""For so long a pair is followed after nobody shows it any more."""


class Follower:
    """Keeps the feed's pairs in step with what `in_use` says; `clock` is monotonic, in seconds."""

    def __init__(
        self,
        bus: Bus,
        feed: ExchangeFeed,
        following: Following,
        in_use: Callable[[], Iterable[str]],
        *,
        grace_s: float = GRACE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._feed, self._following, self._in_use = feed, following, in_use
        self._grace_s, self._clock = grace_s, clock
        self.listing = Listing(feed)
        self.coming: dict[str, float] = {}
        """Pairs on their way, and since when."""
        self._held: set[str] = set(following.wanted)
        self._leaving: dict[str, asyncio.Task[None]] = {}
        self._tasks = TaskOwner("follower")
        self._arrived: Hook[tuple[str, ...]] = Hook()
        self._failed: Hook[tuple[str, str]] = Hook()
        self._subscription = bus.subscribe(PairsFollowed, self._on_followed)

    def close(self) -> None:
        """Follow no more; the feed is closed by whoever opened it. Safe to call twice."""
        self._subscription.close()
        self._tasks.close()

    def lists(self, symbol: str) -> bool:
        """Whether the exchange lists a pair."""
        return self.listing.get(symbol) is not None

    def carries(self, symbol: str) -> bool:
        """Whether the feed carries a pair now."""
        return any(pair.symbol == symbol for pair in self._feed.pairs())

    def look(self) -> None:
        """Follow what is in use now, and leave what has not been for a while; needs a running loop."""
        used = tuple(dict.fromkeys(self._in_use()))
        for symbol in used:
            if leaving := self._leaving.pop(symbol, None):
                leaving.cancel()
            if symbol not in self._held and self.lists(symbol):
                self._held.add(symbol)
                self.coming.setdefault(symbol, self._clock())
                self._tasks.start(self._follow(symbol))
        for symbol in self._held.difference(used, self._leaving, self.coming):
            self._leaving[symbol] = self._tasks.start(self._leave(symbol))

    def on_arrived(self, call: Callable[[tuple[str, ...]], object]) -> Link[tuple[str, ...]]:
        """Be told which pairs are carried now that were not before."""
        return self._arrived.add(call)

    def on_failed(self, call: Callable[[tuple[str, str]], object]) -> Link[tuple[str, str]]:
        """Be told of a pair that cannot be followed, and why."""
        return self._failed.add(call)

    async def _follow(self, symbol: str) -> None:
        try:
            await self._following.follow(symbol)
        except CrsError as error:
            self._held.discard(symbol)
            self.coming.pop(symbol, None)
            self._failed.fire((symbol, str(error)))
        else:
            self._arrive((symbol,))
            self.look()

    async def _leave(self, symbol: str) -> None:
        await asyncio.sleep(self._grace_s)
        self._leaving.pop(symbol, None)
        if symbol in self._held and symbol not in set(self._in_use()):
            with suppress(InvalidInput):  # something of the user's is in it: it is asked again at the next look
                await self._following.unfollow(symbol)
                self._held.discard(symbol)

    def _on_followed(self, event: PairsFollowed) -> None:
        self._arrive(event.added)

    def _arrive(self, symbols: tuple[str, ...]) -> None:
        """Say once of each pair that it is there; the event of the bus and the end of `follow` both do."""
        new = tuple(each for each in symbols if self.coming.pop(each, None) is not None)
        if new:
            self._arrived.fire(new)
