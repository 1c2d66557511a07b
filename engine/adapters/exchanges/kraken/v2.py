"""Kraken's WebSocket interface 2: objects whose numbers are no texts, though their very digits count.

Numbers are cut out of the frame unread (`msgspec.Raw`): checksums are made of the digits, and a float would lose zeros.
Source: docs.kraken.com/api/docs/websocket-v2 (book, trade, ticker, ohlc, status, heartbeat, ping).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import count, groupby
from typing import Any

import msgspec

from engine.adapters.exchanges.book.sync import Rule
from engine.adapters.exchanges.dialect.listing import LONGEST_NATIVE
from engine.adapters.exchanges.dialect.stream import Channel
from engine.adapters.exchanges.kraken.name import our_symbol
from engine.adapters.exchanges.kraken.rule import DEPTHS, KrakenRule
from engine.adapters.exchanges.wire.heard import (
    UNKNOWN,
    Answered,
    Beat,
    BookHeard,
    Heard,
    PrintHeard,
    TickerHeard,
    TradesHeard,
    WireLevel,
)
from engine.adapters.exchanges.wire.instant import rfc3339
from engine.adapters.exchanges.wire.scaled import expanded, is_modest, is_number
from engine.adapters.exchanges.wire.unreadable import UNREADABLE
from engine.domain.number import EXACT
from engine.domain.order import Side
from engine.errors import Garbled

_CHANNELS = {Channel.BOOK: "book", Channel.TRADES: "trade", Channel.TICKER: "ticker"}

_SIDES = {"buy": Side.BUY, "sell": Side.SELL}

MOST_NAMES = 5_000
"""Pairs of which it is remembered how deep their books are."""


class _Level(msgspec.Struct):
    price: msgspec.Raw
    qty: msgspec.Raw


class _Book(msgspec.Struct):
    symbol: str
    bids: list[_Level] = []
    asks: list[_Level] = []
    checksum: int | None = None
    timestamp: str = ""


class _Trade(msgspec.Struct):
    symbol: str
    side: str
    price: msgspec.Raw
    qty: msgspec.Raw
    timestamp: str
    trade_id: int = 0


class _Ticker(msgspec.Struct):
    symbol: str
    bid: msgspec.Raw = msgspec.Raw()
    bid_qty: msgspec.Raw = msgspec.Raw()
    ask: msgspec.Raw = msgspec.Raw()
    ask_qty: msgspec.Raw = msgspec.Raw()
    last: msgspec.Raw = msgspec.Raw()
    volume: msgspec.Raw = msgspec.Raw()
    low: msgspec.Raw = msgspec.Raw()
    high: msgspec.Raw = msgspec.Raw()
    change: Decimal | None = None
    timestamp: str = ""


class _Frame(msgspec.Struct):
    """Messages of channels have `channel`, answers to ours have `method`."""

    channel: str = ""
    type: str = ""
    data: msgspec.Raw = msgspec.Raw()
    method: str = ""
    success: bool = True
    error: str | None = None
    symbol: str | None = None
    req_id: int | None = None
    result: Any = None


_FRAME = msgspec.json.Decoder(_Frame)
_BOOKS = msgspec.json.Decoder(list[_Book])
_TRADES = msgspec.json.Decoder(list[_Trade])
_TICKERS = msgspec.json.Decoder(list[_Ticker])


class KrakenDialect:
    """Interface 2; `depth` is how many levels per side are subscribed to (`kraken.rule.DEPTHS`)."""

    venue = "kraken"

    def __init__(self, depth: int = 1000) -> None:
        self._depth = depth
        self._depths: dict[str, int] = {}
        """As subscribed to, and as that was answered, by pair."""
        self._ids = count(1)

    def hear(self, frame: str | bytes) -> Sequence[Heard]:
        """Return what a frame says; see `Dialect.hear`."""
        try:
            read = _FRAME.decode(frame)
            return self._answer(read) if read.method else self._channel(read)
        except UNREADABLE as error:
            raise Garbled(f"A frame of Kraken cannot be read: {error}.") from error

    def _channel(self, read: _Frame) -> Sequence[Heard]:
        is_snapshot = read.type == "snapshot"
        if read.channel == "book":
            return [self._book(each, is_snapshot=is_snapshot) for each in _BOOKS.decode(read.data)]
        if read.channel == "trade":
            return _trades(_TRADES.decode(read.data), is_past=is_snapshot)
        if read.channel == "ticker":
            return [_ticker(each) for each in _TICKERS.decode(read.data)]
        if read.channel in {"heartbeat", "status"}:
            return (Beat(),)
        return ()

    def _book(self, read: _Book, *, is_snapshot: bool) -> BookHeard:
        at = rfc3339(read.timestamp) if read.timestamp else UNKNOWN
        bids, asks = _levels(read.bids), _levels(read.asks)
        depth = self._depth_of(read) if is_snapshot else None
        return BookHeard(read.symbol, is_snapshot, bids, asks, checksum=read.checksum, at=at, depth=depth)

    def _depth_of(self, read: _Book) -> int | None:
        """Return how deep a book is kept: as it was subscribed to, or as many levels as a full side has."""
        full = max(len(read.bids), len(read.asks))
        return self._depths.get(read.symbol) or (full if full in DEPTHS else None)

    def _answer(self, read: _Frame) -> Sequence[Heard]:
        if read.method == "pong":
            return (Beat(),)
        result = read.result if isinstance(read.result, dict) else {}
        if result.get("channel") == "book" and (depth := result.get("depth")) in DEPTHS:
            self._learn(str(result.get("symbol")), depth)
        error = "" if read.success else (read.error or "Kraken refused a message and does not say why.")
        return (Answered(read.req_id, error, str(read.symbol or result.get("symbol") or "")),)

    def _learn(self, symbol: str, depth: int) -> None:
        """Remember what was answered, also to somebody else's question (a capture), but not names without end."""
        if symbol in self._depths or (len(self._depths) < MOST_NAMES and len(symbol) <= LONGEST_NATIVE):
            self._depths[symbol] = depth

    def subscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        """Return the message that subscribes; see `Dialect.subscribe`."""
        return self._ask("subscribe", channel, natives)

    def unsubscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        """Return the message that takes it back; see `Dialect.unsubscribe`."""
        return self._ask("unsubscribe", channel, natives)

    def _ask(self, method: str, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        params: dict[str, Any] = {"channel": _CHANNELS[channel], "symbol": list(natives)}
        if channel is Channel.BOOK:
            params["depth"] = self._depth
            self._depths.update(dict.fromkeys(natives, self._depth))
        elif channel is Channel.TICKER and method == "subscribe":
            params["event_trigger"] = "bbo"
        if method == "subscribe":
            params["snapshot"] = True
        return (msgspec.json.encode({"method": method, "params": params, "req_id": next(self._ids)}).decode(),)

    def ping(self) -> str | None:
        """Return a ping; the answer is a `Beat`."""
        return msgspec.json.encode({"method": "ping", "req_id": next(self._ids)}).decode()

    def rule(self) -> Rule:
        """Return the rule of a new book, as deep as is subscribed to; its snapshot may say otherwise."""
        return KrakenRule(self._depth)

    def native(self, symbol: str) -> str:
        """Return `BTC/USD` for itself, and for `XBT/USD`."""
        return our_symbol(symbol.upper())


def _digits(raw: msgspec.Raw) -> str:
    """Return the digits of a number; empty for one that is not there."""
    text = str(raw, "ascii")
    if text == "null":
        return ""
    return expanded(text) if "e" in text or "E" in text else text


def _levels(levels: list[_Level]) -> list[WireLevel]:
    return [(_digits(level.price), _digits(level.qty)) for level in levels]


def _trades(trades: list[_Trade], *, is_past: bool) -> Sequence[Heard]:
    """Return the prints by pair: one frame may be about several."""
    return [
        TradesHeard(symbol, [_print(each) for each in of_pair], is_past)
        for symbol, of_pair in groupby(trades, key=lambda trade: trade.symbol)
    ]


def _print(read: _Trade) -> PrintHeard:
    if read.side not in _SIDES:
        raise Garbled(f"{read.side[:40]!r} is no side of a trade of Kraken.")
    side = _SIDES[read.side]
    return PrintHeard(_digits(read.price), _digits(read.qty), side, rfc3339(read.timestamp), read.trade_id)


def _ticker(read: _Ticker) -> TickerHeard:
    """Return the figures; the price of 24 hours ago is the last one less the change since."""
    last = _digits(read.last)
    opened = ""
    if read.change is not None and is_number(last) and is_modest(read.change):
        opened = format(EXACT.subtract(Decimal(last), read.change), "f")
    at = rfc3339(read.timestamp) if read.timestamp else UNKNOWN
    high, low, volume, bid_qty, ask_qty = map(_digits, (read.high, read.low, read.volume, read.bid_qty, read.ask_qty))
    return TickerHeard(
        read.symbol, _digits(read.bid), _digits(read.ask), last, opened, high, low, volume, bid_qty, ask_qty, at
    )
