"""A public exchange that does what a test says, over the simulated market of a real paper engine."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

from engine.bus import Bus
from engine.domain.instrument import Instrument, InstrumentKind
from engine.domain.market import BookSnapshot, DataLabel, FeedState, Timeframe
from engine.domain.number import Nanos
from engine.domain.pair import TradingPair
from engine.errors import CrsError, InvalidInput
from engine.ports.exchange import FeedHealth, PairsFollowed, PairStateChanged
from engine.ports.feed import BarArrays, MarketFeed

HEALTHY = FeedHealth("binance", FeedState.SYNCED, 42.0, 9_182_736, 0, 0, 12.4, 3_210, 0, 0)


@dataclass
class ScriptedFeed:
    """Carries the pairs of a market that were followed; `say` changes how far one is trusted.

    `pairs_of` is the dict in which the engine keeps what is listed; a pair is in there from its first follow on.
    """

    bus: Bus
    under: MarketFeed
    pairs_of: dict[str, TradingPair]
    venue: str = "binance"
    title: str = "Binance"
    label: DataLabel = DataLabel.PUBLIC
    told: FeedHealth = HEALTHY
    kind: InstrumentKind = InstrumentKind.SPOT
    refusal: CrsError | None = None
    """Raised by the next `follow`."""
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """Holds `follow` up until it is set."""
    follows: list[str] = field(default_factory=list)
    """Every call, in order: `+BTC/USDT`, `-BTC/USDT`."""

    def __post_init__(self) -> None:
        self._all = tuple(Instrument(self.venue, each.symbol, each, self.kind) for each in self.under.pairs())
        self._count: dict[str, int] = {}
        self._states: dict[str, FeedState] = {}
        self.gate.set()
        self.pairs_of.clear()

    @property
    def state(self) -> FeedState:
        return next((each for each in self._states.values() if each is not FeedState.SYNCED), FeedState.SYNCED)

    @property
    def now(self) -> Nanos:
        return self.under.now

    def pairs(self) -> tuple[TradingPair, ...]:
        return tuple(each.pair for each in self._all if self._count.get(each.symbol))

    def instruments(self) -> tuple[Instrument, ...]:
        return self._all

    def snapshot(self, symbol: str, depth: int = 1000) -> BookSnapshot:
        return self.under.snapshot(symbol, depth)

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        return await self.under.bars(symbol, timeframe, end=end, count=count)

    async def follow(self, symbol: str) -> None:
        self.follows.append(f"+{symbol}")
        await self.gate.wait()
        refusal, self.refusal = self.refusal, None
        if refusal is not None:
            raise refusal
        listed = next((each for each in self._all if each.symbol == symbol), None)
        if listed is None:
            raise InvalidInput(f"{self.title} does not list {symbol}.")
        self._count[symbol] = self._count.get(symbol, 0) + 1
        if self._count[symbol] == 1:
            self.pairs_of[symbol] = listed.pair
            self._states[symbol] = FeedState.SYNCED
            self.bus.publish(PairsFollowed(self.venue, (symbol,), ()))

    async def unfollow(self, symbol: str) -> None:
        self.follows.append(f"-{symbol}")
        self._count[symbol] -= 1
        if not self._count[symbol]:
            del self._count[symbol], self._states[symbol]
            self.bus.publish(PairsFollowed(self.venue, (), (symbol,)))

    def state_of(self, symbol: str) -> FeedState:
        if symbol not in self._states:
            raise InvalidInput(f"{symbol} is not followed.")
        return self._states[symbol]

    def health(self, symbol: str | None = None) -> FeedHealth:
        state = self.state if symbol is None else self._states.get(symbol, FeedState.CONNECTING)
        return replace(self.told, state=state)

    def say(self, symbol: str, state: FeedState, text: str = "") -> None:
        """Let the book of a pair be trusted, or not."""
        self._states[symbol] = state
        self.bus.publish(PairStateChanged(symbol, state, text, self.now))


class OverPaper:
    """A paper engine that shows itself as one on a public exchange."""

    server = None
    runner = None

    def __init__(self, engine: Any, feed: ScriptedFeed) -> None:  # noqa: ANN401 - the engine's type is heavy to import
        self._engine, self.feed = engine, feed

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever it is asked for
        return getattr(self._engine, name)
