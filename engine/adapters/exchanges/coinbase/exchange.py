"""The feed of Coinbase Exchange: snapshots, `l2update`s, matches, tickers; all numbers as texts.

Its updates have no numbers: the channel promises to deliver all of them. `side` of a match is the maker's; prints here
have the taker's. `level2` wants a key since 2023, `level2_batch` (the same messages, every 50 ms) does not.
Source: docs.cdp.coinbase.com/exchange/websocket-feed (channels, errors).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.adapters.exchanges.book.sync import Rule
from engine.adapters.exchanges.book.unnumbered import UnnumberedRule
from engine.adapters.exchanges.dialect.stream import Channel
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
from engine.adapters.exchanges.wire.unreadable import UNREADABLE
from engine.domain.number import Nanos
from engine.domain.order import Side
from engine.errors import Garbled

_CHANNELS = {Channel.BOOK: "level2_batch", Channel.TRADES: "matches", Channel.TICKER: "ticker"}

TAKER = {"buy": Side.SELL, "sell": Side.BUY, "BUY": Side.SELL, "SELL": Side.BUY}
"""The taker's side by what Coinbase writes: the maker's."""


class _Frame(msgspec.Struct):
    """Every field of every message that is read here; which are there, `type` says."""

    type: str
    product_id: str = ""
    bids: list[tuple[str, str]] = []
    asks: list[tuple[str, str]] = []
    changes: list[tuple[str, str, str]] = []
    time: str | None = ""
    trade_id: int = 0
    side: str = ""
    size: str = ""
    price: str = ""
    open_24h: str = ""
    high_24h: str = ""
    low_24h: str = ""
    volume_24h: str = ""
    best_bid: str = ""
    best_ask: str = ""
    best_bid_size: str = ""
    best_ask_size: str = ""
    message: str = ""
    reason: str = ""


_DECODER = msgspec.json.Decoder(_Frame)


class CoinbaseExchangeDialect:
    """The public feed of Coinbase Exchange."""

    venue = "coinbase_exchange"

    def hear(self, frame: str | bytes) -> Sequence[Heard]:
        """Return what a frame says; see `Dialect.hear`."""
        try:
            return _heard(_DECODER.decode(frame))
        except UNREADABLE as error:
            raise Garbled(f"A frame of Coinbase cannot be read: {error}.") from error

    def subscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        """Return the message that subscribes, to heartbeats with the book; see `Dialect.subscribe`."""
        return _ask("subscribe", channel, natives)

    def unsubscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        """Return the message that takes it back; see `Dialect.unsubscribe`."""
        return _ask("unsubscribe", channel, natives)

    def ping(self) -> str | None:
        """Return nothing: heartbeats come every second."""
        return None

    def rule(self) -> Rule:
        """Return the rule of a new book."""
        return UnnumberedRule()

    def native(self, symbol: str) -> str:
        """Return `BTC-USD` for `BTC/USD`."""
        return symbol.replace("/", "-").upper()


def _ask(word: str, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
    channels = [_CHANNELS[channel], *(["heartbeat"] if channel is Channel.BOOK else [])]
    return (msgspec.json.encode({"type": word, "product_ids": list(natives), "channels": channels}).decode(),)


def _heard(read: _Frame) -> Sequence[Heard]:
    at = rfc3339(read.time) if read.time else UNKNOWN
    if read.type == "l2update":
        return (_update(read, at),)
    if read.type in {"match", "last_match"}:
        if read.side not in TAKER:
            raise Garbled(f"{read.side[:40]!r} is no side of a match of Coinbase.")
        each = PrintHeard(read.price, read.size, TAKER[read.side], at, read.trade_id)
        return (TradesHeard(read.product_id, (each,), read.type == "last_match"),)
    if read.type == "ticker":
        return (_ticker(read, at),)
    if read.type == "snapshot":
        return (BookHeard(read.product_id, True, read.bids, read.asks, at=at),)
    if read.type == "heartbeat":
        return (Beat(at),)
    if read.type == "subscriptions":
        return (Answered(None),)
    if read.type == "error":
        text = ": ".join(part for part in (read.message, read.reason) if part)
        return (Answered(None, text or "Coinbase says that a message was wrong."),)
    return ()


def _update(read: _Frame, at: Nanos) -> BookHeard:
    bids: list[WireLevel] = []
    asks: list[WireLevel] = []
    for side, price, qty in read.changes:
        if side == "buy":
            bids.append((price, qty))
        elif side == "sell":
            asks.append((price, qty))
        else:
            raise Garbled(f"{side[:40]!r} is no side of a book of Coinbase.")
    return BookHeard(read.product_id, False, bids, asks, at=at)


def _ticker(read: _Frame, at: Nanos) -> TickerHeard:
    return TickerHeard(
        read.product_id,
        read.best_bid,
        read.best_ask,
        read.price,
        read.open_24h,
        read.high_24h,
        read.low_24h,
        read.volume_24h,
        read.best_bid_size,
        read.best_ask_size,
        at,
    )
