"""What a market shows of its exchange: prints as a tape, books as numbered changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.domain.event import TradeExecuted
from engine.domain.market import BookDiff, BookSnapshot, TradeTick
from engine.domain.number import Nanos
from engine.domain.order import Side
from engine.errors import InvalidInput
from engine.exchange.kernel import Exchange


class Display:
    """Prints not yet shown, and the sequence numbers of what was."""

    def __init__(self, symbols: Iterable[str]) -> None:
        self._seqs = dict.fromkeys(symbols, 0)
        self._prints: dict[str, list[TradeTick]] = {}

    def show(self, trade: TradeExecuted) -> None:
        """Put a trade on the tape."""
        tick = TradeTick(trade.symbol, trade.price, trade.qty, trade.taker_side, trade.at, trade.trade_id)
        self._prints.setdefault(trade.symbol, []).append(tick)

    def print(self, tick: TradeTick) -> None:
        """Put a recorded trade on the tape."""
        self._prints.setdefault(tick.symbol, []).append(tick)

    def take_prints(self) -> dict[str, list[TradeTick]]:
        """Return what came onto the tape since the last call, by symbol."""
        prints, self._prints = self._prints, {}
        return prints

    def take_diffs(self, exchange: Exchange, at: Nanos) -> list[BookDiff]:
        """Return the changes of every book since the last call; each gets the next number."""
        diffs = []
        for symbol, seq in self._seqs.items():
            bids, asks = exchange.book(symbol).take_changes()
            if bids or asks:
                self._seqs[symbol] = seq + 1
                diffs.append(BookDiff(symbol, tuple(bids), tuple(asks), seq + 1, seq + 1, at))
        return diffs

    def watch(self, exchange: Exchange) -> None:
        """Count changes from here on: whoever listens starts with a snapshot."""
        for symbol in self._seqs:
            exchange.book(symbol).take_changes()

    def snapshot(self, exchange: Exchange, symbol: str, depth: int, at: Nanos) -> BookSnapshot:
        """Return a book under the number of its last diff.

        Raises:
            InvalidInput: no such pair.
        """
        if symbol not in self._seqs:
            raise InvalidInput(f"{symbol} is not traded here.")
        book = exchange.book(symbol)
        bids, asks = (tuple(book.levels(side, depth)) for side in (Side.BUY, Side.SELL))
        return BookSnapshot(symbol, bids, asks, self._seqs[symbol], at)

    def dump(self) -> dict[str, object]:
        """Return everything as JSON-able values."""
        prints = {symbol: [tick[1:] for tick in ticks] for symbol, ticks in self._prints.items()}
        return {"seqs": dict(self._seqs), "prints": prints}

    def load(self, dump: Mapping[str, Any]) -> None:
        """Take over what was dumped."""
        self._seqs = dict(dump["seqs"])
        self._prints = {
            symbol: [TradeTick(symbol, row[0], row[1], Side(row[2]), row[3], row[4]) for row in ticks]
            for symbol, ticks in dump["prints"].items()
        }
