"""The public REST of Coinbase Exchange.

Source: docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/products. No bars of 4 hours: they are built of hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from engine.adapters.exchanges.coinbase.past import Trade, past
from engine.adapters.exchanges.dialect.candles import BarSupply, columns, last_start
from engine.adapters.exchanges.dialect.fees import fee_schedule
from engine.adapters.exchanges.dialect.listing import Lister, Listing, Row
from engine.adapters.exchanges.dialect.rest import Ask
from engine.adapters.exchanges.wire.figure import price
from engine.adapters.exchanges.wire.heard import BookHeard, TickerHeard, TradesHeard
from engine.adapters.exchanges.wire.instant import rfc3339
from engine.adapters.exchanges.wire.unreadable import each_of, reading
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.ports.feed import BarArrays

TITLE = "Coinbase"

_NATIVE = (Timeframe.M1, Timeframe.M5, Timeframe.M15, Timeframe.H1, Timeframe.D1)


class _Time(msgspec.Struct):
    iso: str


class _Product(msgspec.Struct):
    id: str
    base_currency: str
    quote_currency: str
    quote_increment: str
    base_increment: str
    base_min_size: str = ""
    min_market_funds: str = ""
    cancel_only: bool = False
    trading_disabled: bool = False
    status: str = ""


class _Day(msgspec.Struct):
    open: str | None = None
    high: str | None = None
    low: str | None = None
    last: str | None = None
    volume: str | None = None


class _Stats(msgspec.Struct):
    stats_24hour: _Day | None = None


class _Candle(msgspec.Struct, array_like=True):
    start: int
    low: float
    high: float
    open: float
    close: float
    volume: float


_TIME = msgspec.json.Decoder(_Time)
_ROWS = msgspec.json.Decoder(list[msgspec.Raw])
_PRODUCT = msgspec.json.Decoder(_Product)
_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_STATS = msgspec.json.Decoder(_Stats)
_CANDLES = msgspec.json.Decoder(list[_Candle], strict=False)
_TRADES = msgspec.json.Decoder(list[Trade])


class CoinbaseExchangeRest:
    """Public REST of Coinbase Exchange."""

    venue = "coinbase_exchange"
    supply = BarSupply({each: str(each.seconds) for each in _NATIVE}, page=300)

    def ask_time(self) -> Ask:
        """See `RestDialect`."""
        return Ask("/time")

    def hear_time(self, answer: str | bytes) -> Nanos:
        """See `RestDialect`."""
        with reading(TITLE):
            return rfc3339(_TIME.decode(answer).iso)

    def ask_listing(self) -> Ask:
        """See `RestDialect`."""
        return Ask("/products")

    def hear_listing(self, answer: str | bytes) -> Listing:
        """See `RestDialect`."""
        lister = Lister(self.venue, fee_schedule(self.venue))
        with reading(TITLE):
            for each in each_of(_PRODUCT, _ROWS.decode(answer)):
                if each is None:
                    lister.unreadable()
                else:
                    lister.add(_row(each))
        return lister.listing()

    def ask_tickers(self) -> Ask:
        """See `RestDialect`."""
        return Ask("/products/stats")

    def hear_tickers(self, answer: str | bytes) -> Sequence[TickerHeard]:
        """See `RestDialect`; best bid and ask are not told."""
        with reading(TITLE):
            parts = _PARTS.decode(answer)
            rows = each_of(_STATS, parts.values())
            return [
                _ticker(native, stats.stats_24hour)
                for native, stats in zip(parts, rows, strict=True)
                if stats is not None and stats.stats_24hour is not None
            ]

    def ask_bars(self, native: str, timeframe: Timeframe, start: Nanos, end: Nanos) -> Ask:
        """See `RestDialect`."""
        query = {
            "granularity": self.supply.word(timeframe),
            "start": _iso(start),
            "end": _iso(last_start(start, end, timeframe)),
        }
        return Ask(f"/products/{native}/candles", query)

    def hear_bars(
        self, answer: str | bytes, pair: TradingPair, timeframe: Timeframe, *, start: Nanos, end: Nanos, now: Nanos
    ) -> BarArrays:
        """See `RestDialect`; intervals without trades have no bar."""
        with reading(TITLE):
            candles = [
                (each.start * NANOS_PER_SECOND, each.open, each.high, each.low, each.close, each.volume)
                for each in _CANDLES.decode(answer)
            ]
            return columns(candles, pair, timeframe, start=start, end=end, now=now)

    def ask_trades(self, native: str) -> Ask:
        """See `RestDialect`."""
        return Ask(f"/products/{native}/trades", {"limit": 1000})

    def hear_trades(self, answer: str | bytes, native: str) -> TradesHeard:
        """See `RestDialect`."""
        with reading(TITLE):
            return past(_TRADES.decode(answer), native)

    def ask_book(self, native: str) -> Ask | None:
        """See `RestDialect`: pictures come in the stream."""
        return None

    def hear_book(self, answer: str | bytes, native: str) -> BookHeard:
        """See `RestDialect`: nothing is asked for."""
        raise InvalidInput("Books of Coinbase come in its stream.")


def _row(each: _Product) -> Row:
    return Row(
        each.id,
        each.base_currency,
        each.quote_currency,
        each.quote_increment,
        each.base_increment,
        each.base_min_size,
        each.min_market_funds,
        trading=each.status == "online" and not (each.trading_disabled or each.cancel_only),
    )


def _ticker(native: str, day: _Day) -> TickerHeard:
    return TickerHeard(
        native,
        last=price(day.last),
        open=price(day.open),
        high=price(day.high),
        low=price(day.low),
        volume=day.volume or "",
    )


def _iso(at: Nanos) -> str:
    return datetime.fromtimestamp(at // NANOS_PER_SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
