"""Binance's REST: spot (`/api/v3`) and the market data of USDⓈ-M futures (`/fapi/v1`).

Source: binance-spot-api-docs rest-api.md (2026-07-21); USDⓈ-M futures, market data endpoints. Weights as there.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.adapters.exchanges.binance import bars, listing
from engine.adapters.exchanges.binance.dialect import BinanceDialect
from engine.adapters.exchanges.dialect.candles import BarSupply, columns, last_start
from engine.adapters.exchanges.dialect.listing import Listing
from engine.adapters.exchanges.dialect.rest import Ask
from engine.adapters.exchanges.wire.heard import BookHeard, TickerHeard, TradesHeard
from engine.adapters.exchanges.wire.unreadable import reading
from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.domain.pair import TradingPair
from engine.ports.feed import BarArrays

TITLE = "Binance"


class _Time(msgspec.Struct):
    serverTime: int  # noqa: N815 - the venue's own word


_TIME = msgspec.json.Decoder(_Time)


class BinanceRest:
    """Spot; `is_perpetual` for the contracts settled in USDT and USDC."""

    def __init__(self, *, is_perpetual: bool = False) -> None:
        self._is_perpetual = is_perpetual
        self._dialect = BinanceDialect(is_perpetual=is_perpetual)
        self._path = "/fapi/v1" if is_perpetual else "/api/v3"
        self.venue = self._dialect.venue
        self.supply: BarSupply = bars.PERPETUAL if is_perpetual else bars.SPOT

    def ask_time(self) -> Ask:
        """See `RestDialect`."""
        return Ask(f"{self._path}/time")

    def hear_time(self, answer: str | bytes) -> Nanos:
        """See `RestDialect`."""
        with reading(TITLE):
            return Nanos(_TIME.decode(answer).serverTime * bars.MILLI)

    def ask_listing(self) -> Ask:
        """See `RestDialect`; spot answers are shorter without the permissions of accounts."""
        if self._is_perpetual:
            return Ask(f"{self._path}/exchangeInfo", weight=1)
        return Ask(f"{self._path}/exchangeInfo", {"showPermissionSets": "false"}, weight=20)

    def hear_listing(self, answer: str | bytes) -> Listing:
        """See `RestDialect`."""
        with reading(TITLE):
            return listing.listing(answer, self.venue, is_perpetual=self._is_perpetual)

    def ask_tickers(self) -> Ask:
        """See `RestDialect`."""
        return Ask(f"{self._path}/ticker/24hr", weight=40 if self._is_perpetual else 80)

    def hear_tickers(self, answer: str | bytes) -> Sequence[TickerHeard]:
        """See `RestDialect`."""
        with reading(TITLE):
            return listing.tickers(answer)

    def ask_bars(self, native: str, timeframe: Timeframe, start: Nanos, end: Nanos) -> Ask:
        """See `RestDialect`."""
        query: dict[str, str | int] = {
            "symbol": native,
            "interval": self.supply.word(timeframe),
            "startTime": start // bars.MILLI,
            "endTime": last_start(start, end, timeframe) // bars.MILLI,
            "limit": self.supply.page,
        }
        return Ask(f"{self._path}/klines", query, weight=5 if self._is_perpetual else 2)

    def hear_bars(
        self, answer: str | bytes, pair: TradingPair, timeframe: Timeframe, *, start: Nanos, end: Nanos, now: Nanos
    ) -> BarArrays:
        """See `RestDialect`."""
        with reading(TITLE):
            return columns(bars.candles(answer), pair, timeframe, start=start, end=end, now=now)

    def ask_trades(self, native: str) -> Ask:
        """See `RestDialect`."""
        return Ask(f"{self._path}/trades", {"symbol": native, "limit": 1000}, weight=5 if self._is_perpetual else 25)

    def hear_trades(self, answer: str | bytes, native: str) -> TradesHeard:
        """See `RestDialect`."""
        with reading(TITLE):
            return bars.trades(answer, native)

    def ask_book(self, native: str) -> Ask | None:
        """See `RestDialect`; levels beyond the picture stay unknown until they change."""
        limit, weight = (1000, 20) if self._is_perpetual else (5000, 250)
        return Ask(f"{self._path}/depth", {"symbol": native, "limit": limit}, weight)

    def hear_book(self, answer: str | bytes, native: str) -> BookHeard:
        """See `RestDialect`."""
        return self._dialect.snapshot(native, answer)
