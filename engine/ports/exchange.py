"""The door to a public exchange: what it lists, its tickers, and a feed of the pairs that are followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from engine.domain.instrument import Instrument, Ticker
from engine.domain.market import FeedState, Timeframe, TradeTick
from engine.domain.number import Nanos
from engine.ports.feed import BarArrays, MarketFeed


class PairStateChanged(NamedTuple):
    """Event: the trust in one pair's book changed; `FeedStateChanged` tells the worst of all that are followed."""

    symbol: str
    state: FeedState
    text: str
    """A sentence for the screen; empty when all is well."""
    at: Nanos


class PairsFollowed(NamedTuple):
    """Event: the feed carries other pairs now (`pairs()` has them all)."""

    venue: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


class PastPrints(NamedTuple):
    """Event: prints of a pair before the first one that was published are known now; the first ones follow it."""

    symbol: str
    since: Nanos
    """From when on none is missing."""
    ticks: tuple[TradeTick, ...]


class InstrumentsListed(NamedTuple):
    """Event: a venue that was connected tells all that it lists, before its tickers; again if it changed."""

    venue: str
    title: str
    """Its name for the screen."""
    instruments: tuple[Instrument, ...]


class TickersHeard(NamedTuple):
    """Event: tickers of a venue that changed, any number of them; at most a few of these a second."""

    venue: str
    tickers: tuple[Ticker, ...]


class VenueStateChanged(NamedTuple):
    """Event: how the connection to a venue stands, for the list of venues and the status bar."""

    venue: str
    state: FeedState
    text: str
    at: Nanos


class BarSource(Protocol):
    """Closed bars of a venue: of the venue itself, or of a cache that asks another source for what it lacks."""

    @property
    def venue(self) -> str:
        """The venue's name, e.g. `binance`."""
        ...

    @property
    def now(self) -> Nanos:
        """The venue's time, by which bars are closed."""
        ...

    @property
    def page(self) -> int:
        """How many bars one request brings at most; a range of so many costs one request."""
        ...

    def timeframes(self, instrument: Instrument) -> tuple[Timeframe, ...]:
        """Return the lengths that it has by itself, shortest first; longer ones are built of these by who asks."""
        ...

    async def bars(self, instrument: Instrument, timeframe: Timeframe, *, start: Nanos, end: Nanos) -> BarArrays:
        """Return the closed bars that open at `start` or later and close at `end` or before, oldest first.

        It asks as often as the range needs. An interval that is missing was not traded, or is older than what the
        venue keeps; the bar that is still open is never among them.

        Raises:
            InvalidInput: not one of its `timeframes`.
            VenueUnavailable: it could not be asked; nothing of the range is returned.
        """
        ...


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """What is known of a feed's condition, for the status bar and diagnostics; None where there is nothing yet."""

    venue: str
    state: FeedState
    age_ms: float | None
    """Since the last frame, by this machine's clock."""
    last_seq: int | None
    """The venue's own number of the last update of the pair asked for; ours where it has none."""
    gaps: int
    """Updates that were found missing since the connection was first made…"""
    resyncs: int
    """…and how often a book was taken anew."""
    skew_ms: float | None
    """The venue's clock minus this machine's, as measured."""
    frames: int
    reconnects: int
    left_out: int
    """Levels and prints that were off the pair's grid and are not shown."""
    quarantined: int = 0
    """Prints and books so far from the market that they were not believed: nothing was traded on them."""


class ExchangeFeed(MarketFeed, Protocol):
    """A public exchange as a feed: no orders go there.

    It carries the pairs that are followed and nothing else; `follow` returns when the pair is listed in `pairs()`, its
    book comes when it comes (`PairStateChanged`). What it publishes keeps the promises of `MarketFeed`: diffs chain,
    whatever the venue's own numbers do, and no crossed or stale book is ever called synced.
    """

    @property
    def venue(self) -> str:
        """Its name, e.g. `binance`."""
        ...

    @property
    def title(self) -> str:
        """Its name for the screen, e.g. `Binance`."""
        ...

    def instruments(self) -> tuple[Instrument, ...]:
        """Return everything the venue lists."""
        ...

    async def follow(self, symbol: str) -> None:
        """Carry a pair from now on; calls nest.

        Raises:
            InvalidInput: the venue does not list it, or no more can be followed.
        """
        ...

    async def unfollow(self, symbol: str) -> None:
        """Take one `follow` back."""
        ...

    def state_of(self, symbol: str) -> FeedState:
        """Return how far the book of a followed pair can be trusted."""
        ...

    def health(self, symbol: str | None = None) -> FeedHealth:
        """Return the feed's condition, with the last number of one pair's updates if one is named."""
        ...


class OpenedFeed(ExchangeFeed, Protocol):
    """A feed as whoever opened it has it: it also closes it."""

    source: BarSource
    """Where its bars of the past come from."""

    def past_prints(self, symbol: str) -> tuple[Nanos, Sequence[TradeTick]] | None:
        """Return since when prints of a pair are known, and those before the first published one; None if none are."""
        ...

    def retry(self) -> None:
        """Wait no longer for the next try to connect."""
        ...

    async def close(self) -> None:
        """End all its connections; safe to call twice."""
        ...
