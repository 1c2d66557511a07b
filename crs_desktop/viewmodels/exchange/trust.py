"""How far the book of each pair can be trusted, why not, and since when.

A feed of a public exchange says it for each pair; of any other feed it is the same for all.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.exchange.listing import exchange_of
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.bus import Bus, Subscription
from engine.domain.market import FeedState
from engine.domain.number import NANOS_PER_SECOND
from engine.errors import InvalidInput
from engine.market.l2 import L2Book
from engine.ports.exchange import PairStateChanged
from engine.ports.feed import MarketFeed

TRUSTED = (FeedState.SYNCED, FeedState.PAUSED, FeedState.ENDED)
LONGEST = 160
"""Letters of a feed's own sentence that are shown."""

WORDS = {
    FeedState.CONNECTING: say("connecting"),
    FeedState.SNAPSHOT: say("snapshot"),
    FeedState.SYNCED: say("synced"),
    FeedState.STALE: say("stale"),
    FeedState.GAP: say("gap"),
    FeedState.RESYNCING: say("resyncing"),
    FeedState.PAUSED: say("paused"),
    FeedState.ENDED: say("ended"),
}
"""The states of a feed in a word."""


class Doubt(NamedTuple):
    """A pair's state as it was heard, and when (monotonic seconds)."""

    state: FeedState
    text: str
    since: float


class Trust:
    """Follows the states of a feed's pairs; `clock` is monotonic, in seconds."""

    def __init__(
        self, bus: Bus, feed: MarketFeed, book: Callable[[str], L2Book], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`book` returns the cached book of a pair."""
        self._feed, self._book, self._clock = feed, book, clock
        self.exchange = exchange_of(feed)
        self._heard: dict[str, Doubt] = {}
        self._open: list[Subscription] = []
        if self.exchange is not None:
            self._open.append(bus.subscribe(PairStateChanged, self._on_state))

    def close(self) -> None:
        """Listen no more; safe to call twice."""
        while self._open:
            self._open.pop().close()

    def state(self, symbol: str) -> FeedState:
        """Return the state of a pair's book; CONNECTING if it is not followed yet."""
        if self.exchange is None:
            return self._feed.state
        try:
            return self.exchange.state_of(symbol)
        except InvalidInput:
            return FeedState.CONNECTING

    def trusts(self, symbol: str) -> bool:
        """Whether the prices of a pair can be trusted: in step, and the book not crossed."""
        if self.state(symbol) not in TRUSTED:
            return False
        book = self._book(symbol)
        return book.synced and not book.is_crossed

    def age_s(self, symbol: str) -> float | None:
        """Return for how many seconds a pair's book has been in its state; None if that is not known.

        Of one that is stale: how long ago the feed said anything at all.
        """
        doubt = self._doubt(symbol)
        if doubt is None or self.exchange is None:
            return None
        silent_ms = self.exchange.health(symbol).age_ms if doubt.state is FeedState.STALE else None
        return max(0.0, self._clock() - doubt.since) if silent_ms is None else silent_ms / 1e3

    def why(self, symbol: str) -> Sentence:
        """Return why a pair's book cannot be trusted; NOTHING while it can."""
        if self.trusts(symbol):
            return NOTHING
        state, doubt = self.state(symbol), self._doubt(symbol)
        if doubt is not None and doubt.text and state not in TRUSTED:
            return verbatim(doubt.text[:LONGEST])
        return self._own_words(state, symbol)

    def told(self, symbol: str) -> Sentence:
        """Return why a pair's book cannot be trusted and for how long; NOTHING while it can."""
        why, age = self.why(symbol), self.age_s(symbol)
        if not why.source or age is None or self.state(symbol) is FeedState.STALE:  # that says it itself
            return why
        return say("{why} ({age})", why=str(why), age=fmt.age(int(age * NANOS_PER_SECOND)))

    def badge(self, symbol: str) -> Sentence:
        """Return the same in two words: `gap 1.2 s`."""
        age = self.age_s(symbol)
        if self.trusts(symbol) or age is None:
            return NOTHING
        state = self.state(symbol)
        word = str(WORDS[state]) if state not in TRUSTED else "crossed" if self._book(symbol).is_crossed else "waiting"
        return say("{state} {age}", state=word, age=fmt.age(int(age * NANOS_PER_SECOND)))

    def _own_words(self, state: FeedState, symbol: str) -> Sentence:
        if state is FeedState.STALE:
            age = self.age_s(symbol)
            if age is not None:
                return say("Stale: nothing came for {age}.", age=fmt.age(int(age * NANOS_PER_SECOND)))
            return say("Stale: no update for a while.")
        if state in (FeedState.GAP, FeedState.RESYNCING):
            return say("An update was lost. Taking a new snapshot.")
        if state in TRUSTED and self._book(symbol).is_crossed:
            return say("Bid and ask of {symbol} cross: the book is wrong and not shown.", symbol=symbol)
        if self.exchange is not None:
            return say("Waiting for {symbol} of {venue}…", symbol=symbol, venue=self.exchange.title)
        return say("Waiting for the first snapshot of {symbol}.", symbol=symbol)

    def _doubt(self, symbol: str) -> Doubt | None:
        """Return what was heard of a pair; the clock of one that was never heard of starts now."""
        if self.exchange is None:
            return None
        state, heard = self.state(symbol), self._heard.get(symbol)
        if heard is None or heard.state is not state:
            heard = self._heard[symbol] = Doubt(state, "", self._clock())
        return heard

    def _on_state(self, event: PairStateChanged) -> None:
        before = self._heard.get(event.symbol)
        in_doubt = before is not None and before.state not in TRUSTED and event.state not in TRUSTED
        since = before.since if in_doubt and before is not None else self._clock()
        self._heard[event.symbol] = Doubt(event.state, event.text, since)
