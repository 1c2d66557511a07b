"""Binance's past: `GET /klines`, `GET /trades` and `GET /aggTrades`.

Source: binance-spot-api-docs rest-api.md (2026-07-21); USDⓈ-M futures, market data endpoints.
"""

from __future__ import annotations

import msgspec

from engine.adapters.exchanges.dialect.candles import BarSupply, Candle
from engine.adapters.exchanges.wire.heard import PrintHeard, TradesHeard
from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.domain.order import Side

MILLI = 1_000_000

MICROSECONDS = 100_000_000_000_000
"""Instants from here on are microseconds: dumps from 2025 on, and answers to who asks for them."""

_LONGER: dict[Timeframe, str] = {each: str(each.value) for each in Timeframe if each is not Timeframe.S1}

SPOT = BarSupply({Timeframe.S1: "1s", **_LONGER}, page=1000)
PERPETUAL = BarSupply(_LONGER, page=1000)
"""1500 are allowed, but cost twice as much."""


class _Kline(msgspec.Struct, array_like=True):
    """What follows (closing instant, quote volume, count…) is not read."""

    start: int
    open: float
    high: float
    low: float
    close: float
    volume: float


class _Trade(msgspec.Struct):
    id: int
    price: str
    qty: str
    time: int
    isBuyerMaker: bool  # noqa: N815 - the venue's own word


class _Together(msgspec.Struct):
    """Prints of one taker at one price."""

    a: int
    p: str
    q: str
    T: int
    m: bool


_KLINES = msgspec.json.Decoder(list[_Kline], strict=False)
_TRADES = msgspec.json.Decoder(list[_Trade])
_TOGETHER = msgspec.json.Decoder(list[_Together])


def candles(answer: str | bytes) -> list[Candle]:
    """Return klines as numbers; the last one may be open."""
    return [
        (_nanos(each.start), each.open, each.high, each.low, each.close, each.volume) for each in _KLINES.decode(answer)
    ]


def trades(answer: str | bytes, native: str) -> TradesHeard:
    """Return an answer of `/trades` or `/historicalTrades`, numbered as the stream `@trade`."""
    return TradesHeard(
        native,
        [
            PrintHeard(each.price, each.qty, _taker(each.isBuyerMaker), Nanos(_nanos(each.time)), each.id)
            for each in _TRADES.decode(answer)
        ],
        is_past=True,
    )


def trades_together(answer: str | bytes, native: str) -> TradesHeard:
    """Return an answer of `/aggTrades`, numbered as the stream `@aggTrade`."""
    return TradesHeard(
        native,
        [
            PrintHeard(each.p, each.q, _taker(each.m), Nanos(_nanos(each.T)), each.a)
            for each in _TOGETHER.decode(answer)
        ],
        is_past=True,
        is_merged=True,
    )


def _taker(is_buyer_maker: bool) -> Side:
    return Side.SELL if is_buyer_maker else Side.BUY


def _nanos(instant: int) -> int:
    return instant * 1000 if instant >= MICROSECONDS else instant * MILLI
