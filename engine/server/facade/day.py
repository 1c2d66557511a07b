"""The last 24 hours of a pair as Binance's tickers tell them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.domain.pair import TradingPair
from engine.server.facade.instrument import name_of, plain, qty_text
from engine.server.market import MarketView

DAY_MS = 86_400_000


def day_of(market: MarketView, pair: TradingPair, *, mini: bool = False) -> dict[str, Any]:
    """Return the last 24 hours of a pair; what is not known yet is zero."""
    told = market.ticker(pair.symbol)
    prints = market.prints(pair.symbol, 1)
    last = prints[-1] if prints else None
    first_id = max(0, last.trade_id - told.trades + 1) if last else -1
    short = {
        "symbol": name_of(pair),
        "openPrice": _text(told.open),
        "highPrice": _text(told.high),
        "lowPrice": _text(told.low),
        "lastPrice": _text(told.last),
        "volume": plain(told.volume),
        "quoteVolume": plain(told.quote_volume),
        "openTime": told.at_ms - DAY_MS,
        "closeTime": told.at_ms,
        "firstId": first_id,
        "lastId": last.trade_id if last else -1,
        "count": told.trades,
    }
    if mini:
        return short
    return short | {
        "priceChange": change_text(told.open, told.last),
        "priceChangePercent": told.change_percent,
        "weightedAvgPrice": weighted_text(told.volume, told.quote_volume),
        "prevClosePrice": _text(told.open),
        "lastQty": qty_text(pair, last.qty if last else 0),
        "bidPrice": _text(told.bid),
        "bidQty": _text(told.bid_qty),
        "askPrice": _text(told.ask),
        "askQty": _text(told.ask_qty),
    }


def change_text(first: str, last: str) -> str:
    """Return how far a price moved."""
    return format(Decimal(_text(last)) - Decimal(_text(first)), "f")


def weighted_text(volume: str, quote_volume: str) -> str:
    """Return the average price of what was traded, rounded to eight decimals."""
    lots = Decimal(volume)
    return format((Decimal(quote_volume) / lots if lots else Decimal(0)).quantize(Decimal(1).scaleb(-8)), "f")


def _text(told: str) -> str:
    return plain(told or "0")
