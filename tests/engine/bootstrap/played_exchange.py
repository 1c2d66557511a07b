"""The shipped recording as a public exchange's feed: one pair, played as far as the test says."""

from __future__ import annotations

from functools import cache
from itertools import takewhile

from engine.bus import Bus
from engine.domain.instrument import Instrument
from engine.domain.market import BookDiff, BookSnapshot, DataLabel, FeedState, Timeframe, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.exchange.replayed import ReplayMarket
from engine.market.catalogue import PAIRS
from engine.market.l2 import L2Book
from engine.market.recording import shipped
from engine.ports.exchange import FeedHealth, PairsFollowed, PairStateChanged
from engine.ports.feed import BarArrays, FeedStateChanged, TradesPrinted
from tests.engine.exchange.live_play import told

SPEC = PAIRS[0]


@cache
def beginning() -> tuple[ReplayMarket, BookSnapshot, list[BookDiff | TradeTick]]:
    """Return the past of the opening, the book at it, and what comes in the five minutes after."""
    replayed = ReplayMarket()
    book = replayed.snapshot(SPEC.symbol, 10_000)._replace(seq=0)
    after = (event for event in told(shipped()) if event.at > replayed.opening)
    return replayed, book, list(takewhile(lambda event: event.at < replayed.opening + 300 * NANOS_PER_SECOND, after))


class PlayedExchange:
    """BTC/USDT of the recording, from its opening on; the book is whole from the first instant."""

    venue, title, label = "binance", "Binance", DataLabel.PUBLIC

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._history, book, events = beginning()
        """Bars of the past."""
        self.now = self._history.opening
        self._events, self._count, self._seq = iter(events), 0, 0
        self._book = L2Book(SPEC.symbol)
        self._book.apply_snapshot(book)
        self._next = next(self._events)

    @property
    def state(self) -> FeedState:
        return FeedState.SYNCED if self._count else FeedState.CONNECTING

    def instruments(self) -> tuple[Instrument, ...]:
        return (Instrument(self.venue, "BTCUSDT", SPEC.pair),)

    def pairs(self) -> tuple[TradingPair, ...]:
        return (SPEC.pair,) if self._count else ()

    async def follow(self, symbol: str) -> None:
        self._check(symbol)
        self._count += 1
        if self._count == 1:
            self._bus.publish(PairsFollowed(self.venue, (symbol,), ()))
            self._bus.publish(PairStateChanged(symbol, FeedState.SYNCED, "", self.now))
            self._bus.publish(FeedStateChanged(FeedState.SYNCED, "", self.now))

    async def unfollow(self, symbol: str) -> None:
        self._count -= 1
        if not self._count:
            self._bus.publish(PairsFollowed(self.venue, (), (symbol,)))

    def state_of(self, symbol: str) -> FeedState:
        self._check(symbol)
        return self.state

    def health(self, symbol: str | None = None) -> FeedHealth:
        return FeedHealth(self.venue, self.state, 0.0, self._seq if symbol else None, 0, 0, 0.0, 0, 0, 0)

    def snapshot(self, symbol: str, depth: int = 1000) -> BookSnapshot:
        self._check(symbol)
        bids, asks = (tuple(self._book.top(side, depth)) for side in (Side.BUY, Side.SELL))
        return BookSnapshot(symbol, bids, asks, self._seq, self.now)

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        self._check(symbol)
        if self.now > self._history.now:
            self._history.advance(self.now)
        return self._history.bars(symbol, timeframe, end=end, count=count)

    def play(self, nanos: int) -> None:
        """Let the venue's time pass, and publish what happens in it."""
        until = Nanos(self.now + nanos)
        while self._next.at <= until:
            event, self._next = self._next, next(self._events)
            self.now = event.at
            if isinstance(event, BookDiff):
                self._seq += 1
                diff = event._replace(first_seq=self._seq, seq=self._seq)
                self._book.apply_diff(diff)
                self._bus.publish(diff)
            else:
                self._bus.publish(TradesPrinted(event.symbol, (event,)))
        self.now = until

    def _check(self, symbol: str) -> None:
        if symbol != SPEC.symbol:
            raise InvalidInput(f"{symbol} is not listed on {self.title}; it has {SPEC.symbol}.")
