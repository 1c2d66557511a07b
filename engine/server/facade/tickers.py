"""Tickers: of the last 24 hours, the last price, the best quotes."""

from __future__ import annotations

from typing import Any

from engine.domain.market import Quote
from engine.domain.pair import TradingPair
from engine.server.facade.day import day_of
from engine.server.facade.general import wanted
from engine.server.facade.instrument import name_of, price_text, qty_text
from engine.server.facade.operation import Asked, Operation
from engine.server.facade.parameters import Parameters

_NAMES = ("symbol", "symbols", "symbolStatus")


async def day(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with the last 24 hours."""
    mini = asked.told.text("type", "FULL") == "MINI"
    return _one_or_all(asked, lambda pair: day_of(asked.services.market, pair, mini=mini))


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
