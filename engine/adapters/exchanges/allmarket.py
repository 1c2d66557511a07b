"""Dialects for the tickers of everything a venue lists: the slower of its streams, which a board needs no more of."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import msgspec

from engine.adapters.exchanges.binance.dialect import BinanceDialect
from engine.adapters.exchanges.coinbase.advanced import CoinbaseAdvancedDialect
from engine.adapters.exchanges.coinbase.exchange import CoinbaseExchangeDialect
from engine.adapters.exchanges.dialect.stream import Channel
from engine.adapters.exchanges.kraken.v2 import KrakenDialect

ALL_BINANCE = ("!miniTicker@arr",)
"""One stream that brings each second whatever changed, without bid and ask."""


class BinanceTickers(BinanceDialect):
    """Binance's streams of all pairs: what is subscribed are streams, not pairs."""

    def __init__(self, *, is_perpetual: bool = False) -> None:
        super().__init__(is_perpetual=is_perpetual)
        self._numbers = count(1)

    def subscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        """Return the message that subscribes streams; see `Dialect.subscribe`."""
        message = {"method": "SUBSCRIBE", "params": list(natives), "id": next(self._numbers)}
        return (msgspec.json.encode(message).decode(),)


class CoinbaseTickers(CoinbaseAdvancedDialect):
    """Advanced Trade's tickers of every five seconds."""

    def subscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        """Return the messages that subscribe; see `Dialect.subscribe`."""
        messages = super().subscribe(channel, natives)
        return [text.replace('"channel":"ticker"', '"channel":"ticker_batch"') for text in messages]


class CoinbaseExchangeTickers(CoinbaseExchangeDialect):
    """Coinbase Exchange's tickers of every five seconds."""

    def subscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        """Return the message that subscribes; see `Dialect.subscribe`."""
        return [text.replace('["ticker"]', '["ticker_batch"]') for text in super().subscribe(channel, natives)]


class KrakenTickers(KrakenDialect):
    """Kraken's tickers with each trade, not with each change of the best prices."""

    def subscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        """Return the message that subscribes; see `Dialect.subscribe`."""
        messages = super().subscribe(channel, natives)
        return [text.replace('"event_trigger":"bbo"', '"event_trigger":"trades"') for text in messages]
