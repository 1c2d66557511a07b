"""A window over a public exchange that does what a test says: its engine is the real one, its feed is scripted."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from engine.adapters.exchanges import venues
from engine.bus import Bus
from engine.domain.asset import Asset
from engine.domain.market import BookDiff, FeedState
from engine.errors import CrsError
from engine.ports.exchange import FeedHealth, InstrumentsListed, PairStateChanged, VenueStateChanged
from tests.engine.bootstrap.scripted_exchange import BTC_USDT, ETH_USDT, PERPETUAL, ScriptedExchange, levels, pair_of

SOL_USDT = pair_of("SOL/USDT", Asset("SOL", 8), lot="0.01")


class ShownExchange(ScriptedExchange):
    """Binance, with a gate before `follow`, refusals on demand, and a condition to be told."""

    def __init__(self, bus: Bus) -> None:
        super().__init__(bus, (BTC_USDT, ETH_USDT, SOL_USDT, PERPETUAL))
        self.refusal: CrsError | None = None
        """Raised by the next `follow`."""
        self.gate = asyncio.Event()
        """Holds `follow` up until it is set."""
        self.gate.set()
        self.told = FeedHealth("binance", FeedState.SYNCED, 42.0, 9_182_736, 3, 2, 12.4, 3_210, 1, 4)
        self.is_closed = False
        self.retries = 0

    def retry(self) -> None:
        self.retries += 1

    def lose(self, text: str) -> None:
        """Let the connection break, and every book with it."""
        for symbol in self.follows:
            self.doubt(symbol, FeedState.STALE, text)
        self._bus.publish(VenueStateChanged(self.venue, FeedState.STALE, text, self.now))

    def find(self) -> None:
        """Let the connection be there again."""
        self._bus.publish(VenueStateChanged(self.venue, FeedState.SYNCED, "", self.now))
        for symbol in self.follows:
            self.state_is(symbol, FeedState.SYNCED)

    async def follow(self, symbol: str) -> None:
        await self.gate.wait()
        refusal, self.refusal = self.refusal, None
        if refusal is not None:
            raise refusal
        await super().follow(symbol)

    def health(self, symbol: str | None = None) -> FeedHealth:
        return replace(self.told, state=self.state if symbol is None else self.state_of(symbol))

    def doubt(self, symbol: str, state: FeedState, text: str) -> None:
        """Let the book of a pair be trusted no more."""
        self.states[symbol] = state
        self._bus.publish(PairStateChanged(symbol, state, text, self.now))

    def publish_crossed(self, symbol: str) -> None:
        """Break the promise that a synced book never crosses."""
        best = max(self.bids[symbol])
        self._apply(symbol, {}, {best - 1: 5})
        self.seq[symbol] += 1
        seq = self.seq[symbol]
        self._bus.publish(BookDiff(symbol, (), levels({best - 1: 5}.items()), seq, seq, self.now))

    async def close(self) -> None:
        self.is_closed = True


class Doorway:
    """Stands where the way to the network is; counts who came."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        """Names and addresses that were connected to."""
        self.refusal: CrsError | None = None
        self.feeds: list[ShownExchange] = []
        self.gate = asyncio.Event()
        """Holds the way up until it is set."""
        self.gate.set()

    @property
    def feed(self) -> ShownExchange:
        """The newest feed."""
        return self.feeds[-1]

    async def open_feed(self, venue: str, bus: Bus, *, spec: Any = None, history: Any = None) -> ShownExchange:  # noqa: ANN401 - as the real one
        self.asked.append((venue, spec.rest_url))
        await self.gate.wait()
        if self.refusal is not None:
            raise self.refusal
        self.feeds.append(ShownExchange(bus))
        self.feed.venue, self.feed.title = venue, spec.title
        return self.feed


@pytest.fixture
def doorway(monkeypatch: pytest.MonkeyPatch) -> Doorway:
    """Let every exchange be the scripted one."""
    found = Doorway()

    async def feed(self: venues.Venues, venue: str, bus: Bus, *, history: Any = None) -> ShownExchange:  # noqa: ANN401 - as the real one
        opened = await found.open_feed(venue, bus, spec=self.specs[venue], history=history)
        self._bus.publish(InstrumentsListed(opened.venue, opened.title, opened.instruments()))
        self._bus.publish(VenueStateChanged(opened.venue, FeedState.SYNCED, "", opened.now))
        return opened

    monkeypatch.setattr(venues.Venues, "feed", feed)
    return found
