"""The public REST of Coinbase Advanced Trade (`/market/…`, no key).

Source: docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/public. Futures are not listed here.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.adapters.exchanges.coinbase.advanced import opened
from engine.adapters.exchanges.coinbase.past import Trade, past
from engine.adapters.exchanges.dialect.candles import BarSupply, columns, last_start
from engine.adapters.exchanges.dialect.fees import fee_schedule
from engine.adapters.exchanges.dialect.listing import Lister, Listing, Row
from engine.adapters.exchanges.dialect.rest import Ask
from engine.adapters.exchanges.wire.figure import price
from engine.adapters.exchanges.wire.heard import BookHeard, TickerHeard, TradesHeard
from engine.adapters.exchanges.wire.unreadable import each_of, reading
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.ports.feed import BarArrays

TITLE = "Coinbase"
PATH = "/api/v3/brokerage"
MILLI = 1_000_000

_WORDS: dict[Timeframe, str] = {
    Timeframe.M1: "ONE_MINUTE",
    Timeframe.M5: "FIVE_MINUTE",
    Timeframe.M15: "FIFTEEN_MINUTE",
    Timeframe.H1: "ONE_HOUR",
    Timeframe.D1: "ONE_DAY",
}


class _Time(msgspec.Struct):
    epochMillis: int  # noqa: N815 - the venue's own word


class _Product(msgspec.Struct):
    """`price_increment` is the tick, `quote_increment` the smallest amount of the quote asset."""

    product_id: str
    base_currency_id: str = ""
    quote_currency_id: str = ""
    product_type: str = ""
    price: str = ""
    price_percentage_change_24h: str = ""
    volume_24h: str = ""
    base_increment: str = ""
    quote_increment: str = ""
    price_increment: str = ""
    base_min_size: str = ""
    quote_min_size: str = ""
    is_disabled: bool = False
    cancel_only: bool = False
    trading_disabled: bool = False
    view_only: bool = False
    status: str = ""
    best_bid_price: str = ""
    best_ask_price: str = ""


class _Products(msgspec.Struct):
    products: list[msgspec.Raw]


class _Candle(msgspec.Struct):
    start: int
    low: float
    high: float
    open: float
    close: float
    volume: float


class _Candles(msgspec.Struct):
    candles: list[_Candle]


class _Trades(msgspec.Struct):
    trades: list[Trade]


_TIME = msgspec.json.Decoder(_Time, strict=False)
_PRODUCTS = msgspec.json.Decoder(_Products)
_PRODUCT = msgspec.json.Decoder(_Product)
_CANDLES = msgspec.json.Decoder(_Candles, strict=False)
_TRADES = msgspec.json.Decoder(_Trades, strict=False)


class CoinbaseAdvancedRest:
    """Public REST of Advanced Trade; the list of products holds the tickers too."""

    venue = "coinbase"
    supply = BarSupply(_WORDS, page=350)

    def ask_time(self) -> Ask:
        """See `RestDialect`."""
        return Ask(f"{PATH}/time")

    def hear_time(self, answer: str | bytes) -> Nanos:
        """See `RestDialect`."""
        with reading(TITLE):
            return Nanos(_TIME.decode(answer).epochMillis * MILLI)

    def ask_listing(self) -> Ask:
        """See `RestDialect`."""
        return Ask(f"{PATH}/market/products", {"product_type": "SPOT"})

    def hear_listing(self, answer: str | bytes) -> Listing:
        """See `RestDialect`."""
        lister = Lister(self.venue, fee_schedule(self.venue))
        with reading(TITLE):
            for each in each_of(_PRODUCT, _PRODUCTS.decode(answer).products):
                if each is None:
                    lister.unreadable()
                elif each.product_type == "SPOT":
                    lister.add(_row(each))
                else:
                    lister.leave_out("It is a future.")
        return lister.listing()

    def ask_tickers(self) -> Ask:
        """See `RestDialect`."""
        return self.ask_listing()

    def hear_tickers(self, answer: str | bytes) -> Sequence[TickerHeard]:
        """See `RestDialect`; high and low are not told."""
        with reading(TITLE):
            return [
                TickerHeard(
                    each.product_id,
                    price(each.best_bid_price),
                    price(each.best_ask_price),
                    price(each.price),
                    opened(each.price, each.price_percentage_change_24h),
                    volume=each.volume_24h,
                )
                for each in each_of(_PRODUCT, _PRODUCTS.decode(answer).products)
                if each is not None and each.product_type == "SPOT"
            ]

    def ask_bars(self, native: str, timeframe: Timeframe, start: Nanos, end: Nanos) -> Ask:
        """See `RestDialect`."""
        query: dict[str, str | int] = {
            "granularity": self.supply.word(timeframe),
            "start": str(start // NANOS_PER_SECOND),
            "end": str(last_start(start, end, timeframe) // NANOS_PER_SECOND),
            "limit": self.supply.page,
        }
        return Ask(f"{PATH}/market/products/{native}/candles", query)

    def hear_bars(
        self, answer: str | bytes, pair: TradingPair, timeframe: Timeframe, *, start: Nanos, end: Nanos, now: Nanos
    ) -> BarArrays:
        """See `RestDialect`; intervals without trades have no bar."""
        with reading(TITLE):
            candles = [
                (each.start * NANOS_PER_SECOND, each.open, each.high, each.low, each.close, each.volume)
                for each in _CANDLES.decode(answer).candles
            ]
            return columns(candles, pair, timeframe, start=start, end=end, now=now)

    def ask_trades(self, native: str) -> Ask:
        """See `RestDialect`."""
        return Ask(f"{PATH}/market/products/{native}/ticker", {"limit": 1000})

    def hear_trades(self, answer: str | bytes, native: str) -> TradesHeard:
        """See `RestDialect`."""
        with reading(TITLE):
            return past(_TRADES.decode(answer).trades, native)

    def ask_book(self, native: str) -> Ask | None:
        """See `RestDialect`: pictures come in the stream."""
        return None

    def hear_book(self, answer: str | bytes, native: str) -> BookHeard:
        """See `RestDialect`: nothing is asked for."""
        raise InvalidInput("Books of Coinbase come in its stream.")


def _row(each: _Product) -> Row:
    closed = each.trading_disabled or each.cancel_only or each.is_disabled or each.view_only
    return Row(
        each.product_id,
        each.base_currency_id,
        each.quote_currency_id,
        each.price_increment or each.quote_increment or "0",
        each.base_increment or "0",
        each.base_min_size,
        each.quote_min_size,
        trading=each.status == "online" and not closed,
    )
