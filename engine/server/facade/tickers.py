"""Tickers: of the last 24 hours, the last price, the best quotes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.domain.market import Quote
from engine.domain.pair import TradingPair
from engine.server.facade.general import wanted
from engine.server.facade.instrument import name_of, plain, price_text, qty_text
from engine.server.facade.operation import Asked, Operation
from engine.server.facade.parameters import Parameters
from engine.server.market import MarketView

DAY_MS = 86_400_000
_NAMES = ("symbol", "symbols", "symbolStatus")


async def day(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with the last 24 hours."""
    mini = asked.told.text("type", "FULL") == "MINI"
    return _one_or_all(asked, lambda pair: day_of(asked.services.market, pair, mini=mini))


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


async def price(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with last prices."""
    market = asked.services.market
    return _one_or_all(
        asked, lambda pair: {"symbol": name_of(pair), "price": price_text(pair, market.last_price(pair.symbol))}
    )


async def book(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with best bids and asks."""
    return _one_or_all(asked, lambda pair: book_of(pair, asked.services.market.quote(pair.symbol)))


def book_of(pair: TradingPair, quote: Quote) -> dict[str, Any]:
    """Return best bid and ask."""
    return {
        "symbol": name_of(pair),
        "bidPrice": price_text(pair, quote.bid),
        "bidQty": qty_text(pair, quote.bid_qty),
        "askPrice": price_text(pair, quote.ask),
        "askQty": qty_text(pair, quote.ask_qty),
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


def _one_or_all(asked: Asked, answer: Any) -> Any:  # noqa: ANN401 - a function of a pair
    found = [answer(pair) for pair in wanted(asked.told, asked.front.instruments)]
    return found[0] if "symbol" in asked.told else found


def _weight(told: Parameters) -> int:
    return 1 if "symbol" in told else 8


OPERATIONS = (
    Operation("GET", "ticker/24hr", day, (*_NAMES, "type"), weight=_weight, word="ticker.24hr"),
    Operation("GET", "ticker/price", price, _NAMES, weight=_weight, word="ticker.price"),
    Operation("GET", "ticker/bookTicker", book, _NAMES, weight=_weight, word="ticker.book"),
)
