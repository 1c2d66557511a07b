"""Binance's streams: depth, trades and tickers, raw or combined, and the answer of `GET /depth`.

Source: binance-spot-api-docs web-socket-streams.md and rest-api.md (2026-07-21). Prices and quantities are texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

import msgspec

from engine.adapters.exchanges.binance.rule import PerpetualRule, SpotRule
from engine.adapters.exchanges.dialect import Channel
from engine.adapters.exchanges.heard import (
    Answered,
    BookHeard,
    GoingAway,
    Heard,
    PrintHeard,
    TickerHeard,
    TradesHeard,
    WireLevel,
)
from engine.adapters.exchanges.sync import Rule
from engine.domain.number import Nanos
from engine.domain.order import Side
from engine.errors import Garbled

MILLI = 1_000_000

_STREAMS = {Channel.BOOK: "depth@100ms", Channel.TRADES: "trade", Channel.TICKER: "ticker"}


class _Frame(msgspec.Struct):
    """Every field of every event that is read here; which are there, `e` says."""

    e: str = ""
    E: int = 0
    s: str = ""
    T: int = 0
    U: int = 0
    u: int = 0
    pu: int = 0
    b: Sequence[WireLevel] | str = ""
    a: Sequence[WireLevel] | str | int = ""
    t: int = 0
    p: str = ""
    q: str = ""
    m: bool = False
    c: str = ""
    o: Any = ""
    h: str = ""
    l: str = ""  # noqa: E741 - the venue's own letter
    v: str = ""
    B: str = ""
    A: str = ""
    lastUpdateId: int = 0  # noqa: N815 - the venue's own word
    bids: Sequence[WireLevel] = ()
    asks: Sequence[WireLevel] = ()
    id: int | None = None
    code: int = 0
    msg: str = ""
    error: Any = None
    stream: str = ""
    data: msgspec.Raw = msgspec.Raw()


_DECODER = msgspec.json.Decoder(_Frame)


class BinanceDialect:
    """Spot; `is_perpetual` for the contracts settled in USDT."""

    def __init__(self, *, is_perpetual: bool = False) -> None:
        self._is_perpetual = is_perpetual
        self.venue = "binance_usdm" if is_perpetual else "binance"
        self._ids = count(1)

    def hear(self, frame: str | bytes) -> Sequence[Heard]:
        """Return what a frame says; see `Dialect.hear`."""
        try:
            read = _DECODER.decode(frame)
            if read.stream:
                read = _DECODER.decode(read.data)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Garbled(f"A frame of Binance cannot be read: {error}.") from error
        return self._heard(read)

    def snapshot(self, native: str, answer: str | bytes) -> BookHeard:
        """Return the answer of `GET /depth`, which does not say of which pair it is; errors as `hear`."""
        try:
            read = _DECODER.decode(answer)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Garbled(f"A snapshot of Binance cannot be read: {error}.") from error
        at = Nanos((read.T or read.E) * MILLI)
        return BookHeard(native, True, read.bids, read.asks, last=read.lastUpdateId, at=at)

    def _heard(self, read: _Frame) -> Sequence[Heard]:
        at = Nanos((read.T or read.E) * MILLI)
        if read.e == "depthUpdate":
            return (BookHeard(read.s, False, read.b, read.a, read.U, read.u, read.pu, None, Nanos(read.E * MILLI)),)  # type: ignore[arg-type]
        if read.e == "trade":
            side = Side.SELL if read.m else Side.BUY
            return (TradesHeard(read.s, (PrintHeard(read.p, read.q, side, at, read.t),)),)
        if read.e == "24hrTicker":
            return (_ticker(read, at),)
        if read.e == "serverShutdown":
            return (GoingAway("Binance is about to restart its streams."),)
        if read.id is not None:
            return (Answered(read.id, read.msg or str(read.error or "")),)
        return ()

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


def _ticker(read: _Frame, at: Nanos) -> TickerHeard:
    return TickerHeard(
        read.s, str(read.b), str(read.a), read.c, str(read.o), read.h, read.l, read.v, read.B, read.A, at
    )
