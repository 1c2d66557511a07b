"""A small market in memory behind the server's door: books that move when a test says so."""

from __future__ import annotations

import time
from collections.abc import Mapping
from decimal import Decimal
from itertools import count

import numpy as np

from engine.bus import Bus
from engine.domain.asset import Asset
from engine.domain.command import Command
from engine.domain.market import BookDiff, BookSnapshot, FeedState, Level, Timeframe, TradeTick
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import Side
from engine.domain.pair import FeeRate, TradingPair
from engine.errors import InvalidInput
from engine.market.l2 import L2Book
from engine.ports.feed import BarArrays, FeedStateChanged, TradesPrinted
from engine.ports.journal import Recorded
from engine.server.core.port import Answer


def pair(base: str, tick: str = "0.01", lot: str = "0.00001") -> TradingPair:
    """Return a pair against USDT."""
    fee = FeeRate.parse(Decimal("0.001"))
    return TradingPair(
        f"{base}/USDT", Asset(base), Asset("USDT"), Decimal(tick), Decimal(lot), Units(5 * 10**18), fee, fee
    )


class SmallCore:
    """A `Core` whose market stands still until it is told what happens."""

    def __init__(self, *bases: str) -> None:
        self.bus, self.state = Bus(), FeedState.SYNCED
        self._pairs = tuple(pair(base) for base in bases or ("BTC", "ETH"))
        self._books = {each.symbol: L2Book(each.symbol) for each in self._pairs}
        self._trades, self._records = count(1), count(1)
        for symbol, book in self._books.items():
            book.apply_snapshot(BookSnapshot(symbol, (Level(Ticks(9_999), Lots(5)),), (), 0, self.now))

    @property
    def now(self) -> Nanos:
        """The market's time."""
        return Nanos(time.time_ns())

    def state_of(self, _symbol: str, /) -> FeedState:
        """Return the market's state."""
        return self.state

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return what can be traded."""
        return self._pairs

    async def carry_out(self, command: Command) -> Answer:
        """Nothing is traded here."""
        raise InvalidInput("Nothing is traded here.")

    async def prints(self, symbol: str, count: int) -> tuple[TradeTick, ...]:
        return ()

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """There is no past here."""
        none = np.empty(0)
        return BarArrays(np.empty(0, np.int64), none, none, none, none, none)

    def snapshot(self, symbol: str, depth: int) -> BookSnapshot:
        """Return the displayed book."""
        book = self._books.get(symbol)
        if book is None:
            raise InvalidInput(f"No {symbol} here.")
        bids, asks = tuple(book.top(Side.BUY, depth)), tuple(book.top(Side.SELL, depth))
        return BookSnapshot(symbol, bids, asks, book.seq, book.at)

    # What happens

    def move(self, symbol: str, bids: Mapping[int, int] = {}, asks: Mapping[int, int] = {}) -> None:
        """Put so many lots at these ticks."""
        book = self._books[symbol]
        diff = BookDiff(
            symbol, tuple(Level(Ticks(price), Lots(qty)) for price, qty in bids.items()),
            tuple(Level(Ticks(price), Lots(qty)) for price, qty in asks.items()), book.seq + 1, book.seq + 1, self.now,
        )  # fmt: skip
        assert book.apply_diff(diff)
        self.bus.publish(diff)

    def miss(self, symbol: str, price: int, qty: int) -> None:
        """Change the book without a word, as if updates were lost on the way here."""
        book = self._books[symbol]
        change = (Level(Ticks(price), Lots(qty)),)
        assert book.apply_diff(BookDiff(symbol, change, (), book.seq + 1, book.seq + 1, self.now))

    def trade(self, symbol: str, price: int, qty: int) -> int:
        """Let something trade; return its number."""
        number = next(self._trades)
        tick = TradeTick(symbol, Ticks(price), Lots(qty), Side.BUY, self.now, number)
        self.bus.publish(TradesPrinted(symbol, (tick,)))
        return number

    def say(self, state: FeedState, text: str) -> None:
        """Change the market's state."""
        self.state = state
        self.bus.publish(FeedStateChanged(state, text, self.now))

    def record(self, record: object) -> int:
        """Make a record durable; return its number."""
        seq = next(self._records)
        self.bus.publish(Recorded(seq, record, self.now))
        return seq
