"""Bitstamp's streams: `diff_order_book` and `live_trades`, and the answer of `GET /order_book`.

Source: bitstamp.net/websocket/v2 and bitstamp.net/api. Prices and quantities are texts.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.adapters.exchanges.bitstamp.rule import BitstampRule
from engine.adapters.exchanges.book.sync import Rule
from engine.adapters.exchanges.dialect.stream import Channel
from engine.adapters.exchanges.wire.heard import (
    Answered,
    Beat,
    BookHeard,
    GoingAway,
    Heard,
    PrintHeard,
    TradesHeard,
    WireLevel,
)
from engine.adapters.exchanges.wire.scaled import is_number
from engine.adapters.exchanges.wire.unreadable import UNREADABLE
from engine.domain.number import Nanos
from engine.domain.order import Side
from engine.errors import Garbled, InvalidInput

MICRO = 1_000

_BOOK, _TRADES = "diff_order_book_", "live_trades_"
_STREAMS = {Channel.BOOK: _BOOK, Channel.TRADES: _TRADES}


class _Data(msgspec.Struct):
    microtimestamp: str = ""
    bids: list[WireLevel] | None = None
    asks: list[WireLevel] | None = None
    id: int = 0
    amount_str: str = ""
    price_str: str = ""
    type: int = 0
    """Of the taker: 0 buys, 1 sells."""
    message: str = ""


class _Frame(_Data):
    event: str = ""
    channel: str = ""
    data: _Data | str | None = None


_DECODER = msgspec.json.Decoder(_Frame)


class BitstampDialect:
    """The second version of the sockets."""

    venue = "bitstamp"

    def hear(self, frame: str | bytes) -> Sequence[Heard]:
        """Return what a frame says; see `Dialect.hear`."""
        read = _read(frame)
        data = read.data if isinstance(read.data, _Data) else None
        if read.event == "data" and read.channel.startswith(_BOOK):
            return (_book(read.channel.removeprefix(_BOOK), data, is_snapshot=False),)
        if read.event == "trade" and read.channel.startswith(_TRADES):
            return (_trade(read.channel.removeprefix(_TRADES), data),)
        if read.event == "bts:request_reconnect":
            return (GoingAway("Bitstamp asks to connect anew."),)
        if read.event == "bts:heartbeat":
            return (Beat(),)
        native = read.channel.removeprefix(_BOOK).removeprefix(_TRADES)
        if read.event == "bts:error":
            return (Answered(None, (data.message if data else "") or "Bitstamp refused a message.", native),)
        if read.event.endswith("scription_succeeded"):
            return (Answered(None, native=native),)
        if not read.event and read.microtimestamp:
            return (_book("", read, is_snapshot=True),)
        return ()

    def snapshot(self, native: str, answer: str | bytes) -> BookHeard:
        """Return the answer of `GET /order_book`, which does not say of which pair it is; errors as `hear`."""
        return _book(native, _read(answer), is_snapshot=True)

    def subscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        """Return the messages that subscribe, one per pair; see `Dialect.subscribe`."""
        return _ask("bts:subscribe", channel, natives)

    def unsubscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        """Return the messages that take it back; see `Dialect.unsubscribe`."""
        return _ask("bts:unsubscribe", channel, natives)

    def ping(self) -> str | None:
        """Return the message that asks for a sign of life."""
        return '{"event":"bts:heartbeat"}'

    def rule(self) -> Rule:
        """Return the rule of a new book."""
        return BitstampRule()

    def native(self, symbol: str) -> str:
        """Return `ethusd` for `ETH/USD`."""
        return symbol.partition(":")[0].replace("/", "").lower()


def _read(text: str | bytes) -> _Frame:
    try:
        return _DECODER.decode(text)
    except UNREADABLE as error:
        raise Garbled(f"A frame of Bitstamp cannot be read: {error}.") from error


def _instant(text: str) -> int:
    """Return a time in microseconds."""
    if not text.isascii() or not text.isdigit() or len(text) > 20:
        raise Garbled(f"{text[:40]!r} is no time of Bitstamp.")
    return int(text)


def _book(native: str, data: _Data | None, *, is_snapshot: bool) -> BookHeard:
    if data is None or data.bids is None or data.asks is None:
        raise Garbled("A book of Bitstamp has no levels.")
    last = _instant(data.microtimestamp)
    return BookHeard(native, is_snapshot, data.bids, data.asks, last=last, at=Nanos(last * MICRO))


def _trade(native: str, data: _Data | None) -> TradesHeard:
    if data is None or not is_number(data.price_str) or not is_number(data.amount_str):
        raise Garbled("A trade of Bitstamp has no price or quantity.")
    at = Nanos(_instant(data.microtimestamp) * MICRO)
    side = Side.SELL if data.type else Side.BUY
    return TradesHeard(native, (PrintHeard(data.price_str, data.amount_str, side, at, data.id),))


def _ask(event: str, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
    stream = _STREAMS.get(channel)
    if stream is None:
        raise InvalidInput("Bitstamp has no stream of tickers.")
    asks = ({"event": event, "data": {"channel": stream + native}} for native in natives)
    return tuple(msgspec.json.encode(each).decode() for each in asks)
