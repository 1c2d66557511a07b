"""Binance's streams: depth, trades and tickers, raw or combined, and the answer of `GET /depth`.

Source: binance-spot-api-docs web-socket-streams.md and rest-api.md (2026-07-21). Prices and quantities are texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count

import msgspec

from engine.adapters.exchanges.binance.frame import Depth, Event, Frame, Trade, read, read_often
from engine.adapters.exchanges.binance.rule import PerpetualRule, SpotRule
from engine.adapters.exchanges.book.sync import Rule
from engine.adapters.exchanges.dialect.stream import Channel
from engine.adapters.exchanges.wire.heard import (
    Answered,
    BookHeard,
    GoingAway,
    Heard,
    PrintHeard,
    TickerHeard,
    TradesHeard,
)
from engine.adapters.exchanges.wire.scaled import is_number
from engine.domain.number import Nanos
from engine.domain.order import Side
from engine.errors import Garbled

MILLI = 1_000_000
BUY, SELL = Side.BUY, Side.SELL

_STREAMS = {Channel.BOOK: "depth@100ms", Channel.TRADES: "trade", Channel.TICKER: "ticker"}


class BinanceDialect:
    """Spot; `is_perpetual` for the contracts settled in USDT."""

    def __init__(self, *, is_perpetual: bool = False) -> None:
        self._is_perpetual = is_perpetual
        self.venue = "binance_usdm" if is_perpetual else "binance"
        self._ids = count(1)

    def hear(self, frame: str | bytes) -> Sequence[Heard]:
        """Return what a frame says; see `Dialect.hear`."""
        often = read_often(frame)
        if often is not None:
            return _trade(often) if isinstance(often, Trade) else _depth(often)
        found = read(frame, "A frame")
        if isinstance(found, Frame):
            if found.data is None:
                return _heard(found)
            if isinstance(found.data, Event):
                return _heard(found.data) if found.data.e or not found.data.lastUpdateId else ()
            found = found.data
        return tuple(heard for each in found for heard in _heard(each))

    def snapshot(self, native: str, answer: str | bytes) -> BookHeard:
        """Return the answer of `GET /depth`, which does not say of which pair it is; errors as `hear`."""
        found = read(answer, "A snapshot")
        if not isinstance(found, Frame) or not found.lastUpdateId:
            raise Garbled("A snapshot of Binance has no number.")
        return _snapshot(native, found)

    def subscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        """Return the messages that subscribe; see `Dialect.subscribe`."""
        return self._ask("SUBSCRIBE", channel, natives)

    def unsubscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        """Return the messages that take it back; see `Dialect.unsubscribe`."""
        return self._ask("UNSUBSCRIBE", channel, natives)

    def _ask(self, method: str, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        params = [f"{native.lower()}@{_STREAMS[channel]}" for native in natives]
        return (msgspec.json.encode({"method": method, "params": params, "id": next(self._ids)}).decode(),)

    def ping(self) -> str | None:
        """Return nothing: the venue pings by frames of the protocol."""
        return None

    def rule(self) -> Rule:
        """Return the rule of a new book."""
        return PerpetualRule() if self._is_perpetual else SpotRule()

    def native(self, symbol: str) -> str:
        """Return `BTCUSDT` for `BTC/USDT`, and for `BTC/USDT:USDT`."""
        return symbol.partition(":")[0].replace("/", "").upper()


def _heard(read: Event) -> Sequence[Heard]:
    speak = _SPEAKERS.get(read.e)
    if speak is not None:
        return speak(read)
    if read.e:
        return ()
    if read.lastUpdateId:
        return (_snapshot("", read),)
    if read.u and read.s:  # a book ticker of spot, which has no name
        return _book_ticker(read)
    if read.id is not None or read.code or read.error:
        return (Answered(read.id if isinstance(read.id, int) else None, read.msg or str(read.error or "")),)
    return ()


def _depth(read: Event | Depth) -> Sequence[Heard]:
    bids, asks = read.b, read.a
    if not isinstance(bids, list) or not isinstance(asks, list) or not read.s or read.u < read.U or read.U <= 0:
        raise Garbled("A diff of Binance has no pair, no numbers or no levels.")
    return (BookHeard(read.s, False, bids, asks, read.U, read.u, read.pu, None, Nanos(read.E * MILLI)),)


def _snapshot(native: str, read: Event) -> BookHeard:
    if read.bids is None or read.asks is None:
        raise Garbled("A snapshot of Binance has no levels.")
    at = Nanos((read.T or read.E) * MILLI)
    return BookHeard(native, True, read.bids, read.asks, last=read.lastUpdateId, at=at)


def _trade(read: Event | Trade) -> Sequence[Heard]:
    price, qty = read.p, read.q
    if not is_number(price) or not is_number(qty) or not read.s:
        raise Garbled("A trade of Binance has no pair, price or quantity.")
    return (TradesHeard(read.s, (PrintHeard(price, qty, SELL if read.m else BUY, Nanos(read.T * MILLI), read.t),)),)


def _merged_trade(read: Event) -> Sequence[Heard]:
    if not is_number(read.p) or not is_number(read.q) or not read.s or not isinstance(read.a, int):
        raise Garbled("A merged trade of Binance has no pair, price, quantity or number.")
    prints = (PrintHeard(read.p, read.q, SELL if read.m else BUY, Nanos(read.T * MILLI), read.a),)
    return (TradesHeard(read.s, prints, is_merged=True),)


def _ticker(read: Event) -> Sequence[Heard]:
    figures = (read.b or "", read.a or "", read.c, read.o, read.h, read.l, read.v, read.B, read.A)
    bid, ask, last, opened, high, low, volume, bid_qty, ask_qty = map(str, figures)
    at = Nanos(read.E * MILLI)
    return (TickerHeard(read.s, bid, ask, last, opened, high, low, volume, bid_qty, ask_qty, at),)


def _book_ticker(read: Event) -> Sequence[Heard]:
    at = Nanos((read.T or read.E) * MILLI)
    return (
        TickerHeard(
            read.s, str(read.b or ""), str(read.a or ""), bid_qty=str(read.B), ask_qty=str(read.A), at=at
        ),
    )  # fmt: skip


def _going(_read: Event) -> Sequence[Heard]:
    return (GoingAway("Binance is about to restart its streams."),)


_SPEAKERS: dict[str, Callable[[Event], Sequence[Heard]]] = {
    "depthUpdate": _depth,
    "trade": _trade,
    "aggTrade": _merged_trade,
    "24hrTicker": _ticker,
    "24hrMiniTicker": _ticker,
    "bookTicker": _book_ticker,
    "serverShutdown": _going,
}
"""By the event's name; bars and whatever else there is say nothing to us."""
