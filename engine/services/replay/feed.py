"""Market data of a replay: the past's bars up to the replay's present, and what the market of bars shows.

Whatever asks for bars here gets none that is not over in the replay: this is the one door to the hidden future, and
it is shut.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from engine.bus import Bus
from engine.domain.market import BookSnapshot, DataLabel, FeedState, Timeframe
from engine.domain.number import Nanos
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.exchange.barreplay import BarMarket, Walked
from engine.ports.feed import BarArrays, FeedStateChanged, TradesPrinted


class History(Protocol):
    """Where closed bars of the past come from."""

    async def __call__(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return up to `count` closed bars before `end`, oldest first."""
        ...


class ReplayFeed:
    """A `MarketFeed` over a market of bars; the session feeds it."""

    label = DataLabel.REPLAY

    def __init__(self, bus: Bus, market: Callable[[], BarMarket], history: History) -> None:
        self._bus, self._market, self._history = bus, market, history
        self.state = FeedState.SYNCED

    @property
    def now(self) -> Nanos:
        """The replay's present."""
        return self._market().now

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return the one pair."""
        return (self._market().pair,)

    def snapshot(self, symbol: str, depth: int = 1000) -> BookSnapshot:
        """Return bid and ask; see `MarketFeed.snapshot`."""
        self._check(symbol)
        snapshot = self._market().snapshot()
        return snapshot._replace(bids=snapshot.bids[:depth], asks=snapshot.asks[:depth])

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return up to `count` bars that are over before `end` and before the replay's present."""
        self._check(symbol)
        until = min(end, self.now)
        return await self._history(symbol, timeframe, end=Nanos(until - until % timeframe.nanos), count=count)

    # What the session says

    def show(self, walked: Walked) -> None:
        """Publish what was walked through: prints, then what became of bid and ask."""
        market = self._market()
        if walked.prints:
            self._bus.publish(TradesPrinted(market.pair.symbol, tuple(walked.prints)))
        self._bus.publish(market.diff())

    def say(self, state: FeedState, text: str = "") -> None:
        """Publish a change of state; SNAPSHOT voids what was cached and is over at once."""
        self.state = FeedState.SYNCED if state is FeedState.SNAPSHOT else state
        self._bus.publish(FeedStateChanged(state, text, self.now))

    def _check(self, symbol: str) -> None:
        if symbol != self._market().pair.symbol:
            raise InvalidInput(f"{symbol} is not in this replay; it is of {self._market().pair.symbol}.")
