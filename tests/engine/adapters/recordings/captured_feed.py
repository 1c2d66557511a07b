"""A raw capture of Binance as a feed that can be recorded: the program's own dialect, rule, book and prints."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path

from engine.adapters.exchanges.book.grid import Grid
from engine.adapters.exchanges.captures.lines import Kind, lines
from engine.adapters.exchanges.dialects import dialect_of
from engine.adapters.exchanges.feed.followed import FollowedPair
from engine.adapters.exchanges.feed.printed import PairPrints
from engine.adapters.exchanges.wire.heard import BookHeard, TradesHeard
from engine.bus import Bus
from engine.domain.instrument import Instrument
from engine.domain.market import BookSnapshot, FeedState
from engine.domain.number import Nanos, Units
from engine.domain.pair import TradingPair
from engine.market.catalogue import PAIRS
from engine.ports.feed import TradesPrinted

BTC = PAIRS[0].pair
FINE = TradingPair(
    BTC.symbol, BTC.base, BTC.quote, BTC.tick, Decimal("1e-8"), Units(0), BTC.maker_fee, BTC.taker_fee
)  # fmt: skip
"""On the grid of the wire: some quantities that rest in the captured book are off the lot of today."""


class CapturedFeed:
    """BTC/USDT as captured; `play` publishes what each line says, at its arrival."""

    venue, title = "binance", "Binance"

    def __init__(self, bus: Bus, path: Path, most: int | None = None) -> None:
        self._bus, self._dialect = bus, dialect_of("binance")
        self._lines = islice(lines(path), most)
        instrument = Instrument(self.venue, "BTCUSDT", FINE)
        grid = Grid(instrument)
        self.pair, self._prints = FollowedPair(instrument, self._dialect.rule(), grid), PairPrints(grid, numbered=True)
        self.pair.opened()
        self.now = Nanos(0)
        self.diffs = self.trades = 0
        """Published since the book is whole."""

    def play(self) -> Iterator[int]:
        """Publish line by line; yield how many diffs the whole book has taken in, after each."""
        for line in self._lines:
            if line.kind is not Kind.FRAME:
                continue
            self.now = line.at
            for heard in self._dialect.hear(line.text):
                if isinstance(heard, BookHeard):
                    self._hear(heard)
                elif isinstance(heard, TradesHeard):
                    self._print(heard)

            yield self.pair.sync.diffs

    def _hear(self, heard: BookHeard) -> None:
        _, diff = self.pair.hear(heard, self.now)
        if diff is not None:
            self.diffs += 1
            self._bus.publish(diff)

    def _print(self, heard: TradesHeard) -> None:
        ticks = self._prints.hear(heard)
        if ticks:
            self.trades += len(ticks)
            self._bus.publish(TradesPrinted(BTC.symbol, tuple(ticks)))

    # What the recorder asks

    def pairs(self) -> tuple[TradingPair, ...]:
        return (FINE,)

    async def follow(self, _symbol: str) -> None:
        pass

    async def unfollow(self, _symbol: str) -> None:
        pass

    def state_of(self, _symbol: str) -> FeedState:
        return self.pair.state

    def snapshot(self, _symbol: str, depth: int = 1000) -> BookSnapshot:
        return self.pair.snapshot(depth)
