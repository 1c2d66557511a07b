"""Binance's lists: `GET /exchangeInfo` and `GET /ticker/24hr`, spot and USDⓈ-M.

Source: binance-spot-api-docs rest-api.md and filters.md (2026-07-21); USDⓈ-M futures, market data endpoints.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from engine.adapters.exchanges.dialect.fees import fee_schedule
from engine.adapters.exchanges.dialect.listing import Lister, Listing, Row
from engine.adapters.exchanges.wire.figure import price
from engine.adapters.exchanges.wire.heard import TickerHeard
from engine.adapters.exchanges.wire.unreadable import each_of
from engine.domain.instrument import InstrumentKind
from engine.domain.number import Nanos

MILLI = 1_000_000


class _Filter(msgspec.Struct):
    filterType: str  # noqa: N815 - the venue's own words
    tickSize: str = ""  # noqa: N815
    stepSize: str = ""  # noqa: N815
    minQty: str = ""  # noqa: N815
    minNotional: str = ""  # noqa: N815
    notional: str = ""


class _Symbol(msgspec.Struct):
    symbol: str
    baseAsset: str  # noqa: N815
    quoteAsset: str  # noqa: N815
    status: str = ""
    isSpotTradingAllowed: bool = True  # noqa: N815
    contractType: str = ""  # noqa: N815
    marginAsset: str = ""  # noqa: N815
    filters: list[_Filter] = []


class _Info(msgspec.Struct):
    symbols: list[msgspec.Raw]


class _Ticker(msgspec.Struct):
    symbol: str
    lastPrice: str = ""  # noqa: N815
    bidPrice: str = ""  # noqa: N815
    bidQty: str = ""  # noqa: N815
    askPrice: str = ""  # noqa: N815
    askQty: str = ""  # noqa: N815
    openPrice: str = ""  # noqa: N815
    highPrice: str = ""  # noqa: N815
    lowPrice: str = ""  # noqa: N815
    volume: str = ""
    closeTime: int = 0  # noqa: N815


_INFO = msgspec.json.Decoder(_Info)
_SYMBOL = msgspec.json.Decoder(_Symbol)
_ROWS = msgspec.json.Decoder(list[msgspec.Raw])
_TICKER = msgspec.json.Decoder(_Ticker)


def listing(answer: str | bytes, venue: str, *, is_perpetual: bool) -> Listing:
    """Return what is listed; of futures only those without an end that are settled in their quote asset."""
    lister = Lister(venue, fee_schedule(venue))
    for each in each_of(_SYMBOL, _INFO.decode(answer).symbols):
        if each is None:
            lister.unreadable()
        elif is_perpetual and "PERPETUAL" not in each.contractType:
            lister.leave_out("It is a future that ends.")
        elif is_perpetual and each.marginAsset != each.quoteAsset:
            lister.leave_out("It is not settled in its quote asset.")
        else:
            lister.add(_row(each, InstrumentKind.PERPETUAL if is_perpetual else InstrumentKind.SPOT))
    return lister.listing()


def _row(each: _Symbol, kind: InstrumentKind) -> Row:
    tick = lot = min_qty = min_notional = ""
    for rule in each.filters:
        if rule.filterType == "PRICE_FILTER":
            tick = rule.tickSize
        elif rule.filterType == "LOT_SIZE":
            lot, min_qty = rule.stepSize, rule.minQty
        elif rule.filterType in {"MIN_NOTIONAL", "NOTIONAL"}:
            min_notional = rule.minNotional or rule.notional
    trading = each.status == "TRADING" and each.isSpotTradingAllowed
    return Row(
        each.symbol, each.baseAsset, each.quoteAsset, tick or "0", lot or "0", min_qty, min_notional, trading, kind
    )


def tickers(answer: str | bytes) -> Sequence[TickerHeard]:
    """Return the tickers; futures come without best bid and ask, and a price of zero is none."""
    return [
        TickerHeard(
            each.symbol,
            price(each.bidPrice),
            price(each.askPrice),
            price(each.lastPrice),
            price(each.openPrice),
            price(each.highPrice),
            price(each.lowPrice),
            each.volume,
            each.bidQty,
            each.askQty,
            Nanos(each.closeTime * MILLI),
        )
        for each in each_of(_TICKER, _ROWS.decode(answer))
        if each is not None
    ]
