"""Public channels: books, prints, tickers, bars, state. What happens is encoded once, and only if anybody listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from engine.domain.market import BookDiff, BookSnapshot, Level, TradeTick
from engine.domain.number import Nanos
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.ports.feed import FeedStateChanged, TradesPrinted
from engine.server.core.port import Core
from engine.server.refusal import not_found
from engine.server.ws.channel import Channel
from engine.services.task import TaskOwner
from engine.wire.market import Book, BookChange, Trade
from engine.wire.stream import MarketState, Message

TOP = 20
"""Levels of the channel `book20`."""

TOP_S = 0.2
"""Its shortest pause between messages."""

BOOK_DEPTH = 1000
"""Levels a side of a snapshot."""

_ENCODER = msgspec.json.Encoder()


class MarketChannels:
    """The public channels of one market, made when somebody asks for them."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._channels: dict[str, Channel] = {}
        self._moved: set[str] = set()
        """Pairs whose book changed since `book20` was sent."""
        self._state_text = ""
        self._tasks = TaskOwner("market channels")
        self._makers: dict[str, Callable[[str, TradingPair], Channel]] = {
            "book": self._book_channel,
            "book20": self._top_channel,
            "trades": self._plain_channel,
        }
        bus = core.bus
        self._subscriptions = (
            bus.subscribe(BookDiff, self._on_diff),
            bus.subscribe(TradesPrinted, self._on_trades),
            bus.subscribe(FeedStateChanged, self._on_state),
        )

    def start(self) -> None:
        """Send what is sent at a pace."""
        self._tasks.start(self._pace())

    async def close(self) -> None:
        """Send nothing more."""
        for subscription in self._subscriptions:
            subscription.close()
        await self._tasks.join()

    def find(self, name: str) -> Channel:
        """Return a channel by its name.

        Raises:
            Refusal: there is no such channel.
        """
        found = self._channels.get(name)
        return found if found is not None else self._make(name)

    def _make(self, name: str) -> Channel:
        if name == "status":
            self._channels[name] = channel = Channel(name, fresh=self._status, on_empty=self._gone)
            return channel
        kind, _, symbol = name.partition(":")
        maker = self._makers.get(kind)
        if maker is None:
            raise not_found(f"There is no channel {name[:60]!r}.", "unknown_channel")
        channel = self._channels[name] = maker(name, self._pair(symbol))
        return channel

    def _pair(self, symbol: str) -> TradingPair:
        for pair in self._core.pairs():
            if pair.symbol == symbol:
                return pair
        raise not_found(f"{symbol[:40]!r} is not traded here.", "unknown_symbol")

    def _gone(self, channel: Channel) -> None:
        self._channels.pop(channel.name, None)

    # Books

    def _book_channel(self, name: str, pair: TradingPair) -> Channel:
        return Channel(name, fresh=lambda: self._snapshot(name, pair, BOOK_DEPTH), on_empty=self._gone)

    def _top_channel(self, name: str, pair: TradingPair) -> Channel:
        return Channel(name, fresh=lambda: self._snapshot(name, pair, TOP), on_empty=self._gone)

    def _snapshot(self, name: str, pair: TradingPair, depth: int) -> bytes | None:
        try:
            book = self._core.snapshot(pair.symbol, depth)
        except InvalidInput:  # the market was replaced by one without the pair
            return None
        return encoded(name, "snapshot", book.at, book_of(pair, book), seq=book.seq)

    def _on_diff(self, diff: BookDiff) -> None:
        name = f"book:{diff.symbol}"
        channel = self._channels.get(name)
        if channel is not None:
            channel.replace(encoded(name, "diff", diff.at, change_of(self._pair(diff.symbol), diff), seq=diff.seq))
        self._moved.add(diff.symbol)

    # Prints

    def _plain_channel(self, name: str, _pair: TradingPair) -> Channel:
        return Channel(name, on_empty=self._gone)

    def _on_trades(self, event: TradesPrinted) -> None:
        name = f"trades:{event.symbol}"
        channel = self._channels.get(name)
        if channel is not None:
            pair, ticks = self._pair(event.symbol), event.ticks
            trades = tuple(trade_of(pair, tick) for tick in ticks)
            channel.publish(encoded(name, "trades", ticks[-1].at, trades, seq=ticks[-1].trade_id))

    # The market's state

    def _status(self) -> bytes:
        state = MarketState(self._core.state, self._state_text, self._core.now // 1_000_000)
        return encoded("status", "status", self._core.now, state)

    def _on_state(self, event: FeedStateChanged) -> None:
        self._state_text = event.text
        channel = self._channels.get("status")
        if channel is not None:
            channel.replace(self._status())

    # What is sent at a pace

    async def _pace(self) -> None:
        while True:
            await asyncio.sleep(TOP_S)
            self.send_tops()

    def send_tops(self) -> None:
        """Send the tops of the books that changed."""
        moved, self._moved = self._moved, set()
        for symbol in moved:
            channel = self._channels.get(f"book20:{symbol}")
            if channel is not None:
                payload = self._snapshot(channel.name, self._pair(symbol), TOP)
                if payload is not None:
                    channel.replace(payload)


def encoded(ch: str, kind: str, at: Nanos, data: object, *, seq: int | None = None, prev: int | None = None) -> bytes:
    """Return a message as it travels."""
    return _ENCODER.encode(Message(ch=ch, type=kind, ts=at // 1_000_000, data=data, seq=seq, prev=prev))


def book_of(pair: TradingPair, book: BookSnapshot) -> Book:
    """Return a book as it travels."""
    return Book(pair.symbol, book.seq, book.at // 1_000_000, _levels(pair, book.bids), _levels(pair, book.asks))


def change_of(pair: TradingPair, diff: BookDiff) -> BookChange:
    """Return a change of a book as it travels."""
    bids, asks = _levels(pair, diff.bids), _levels(pair, diff.asks)
    return BookChange(pair.symbol, diff.first_seq, diff.seq, diff.at // 1_000_000, bids, asks)


def trade_of(pair: TradingPair, tick: TradeTick) -> Trade:
    """Return a print as it travels."""
    price, qty = pair.price_text(tick.price), pair.qty_text(tick.qty)
    return Trade(pair.symbol, tick.trade_id, price, qty, tick.side, tick.at // 1_000_000)


def _levels(pair: TradingPair, levels: tuple[Level, ...]) -> tuple[tuple[str, str], ...]:
    price, qty = pair.price_text, pair.qty_text
    return tuple((price(each.price), qty(each.qty)) for each in levels)
