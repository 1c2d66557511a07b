"""Public market data."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from engine.domain.market import FeedState, Timeframe
from engine.domain.number import Nanos
from engine.domain.pair import TradingPair
from engine.server.core.told import MILLI
from engine.server.http.route import Access, Call, Route
from engine.server.market.shape import bars_of
from engine.server.refusal import not_found
from engine.wire.market import Bars, Book, Market, Markets, Ticker, Tickers, Trades
from engine.wire.text import Millis


class Depth(Struct):
    """How much of a book."""

    depth: Annotated[int, Meta(ge=1, le=1_000)] = 100


class WhichTrades(Struct):
    """Which prints: the last ones, or the last before a trade id."""

    limit: Annotated[int, Meta(ge=1, le=1_000)] = 500
    before_id: Annotated[int, Meta(ge=0, le=2**53)] | None = None


class WhichBars(Struct):
    """Which bars: the last ones that are closed, or the last before an instant."""

    timeframe: Timeframe = Timeframe.M1
    end_ms: Millis | None = None
    count: Annotated[int, Meta(ge=1, le=1_500)] = 500


def market_of(pair: TradingPair, status: str) -> Market:
    """Return a pair as it travels."""
    return Market(
        symbol=pair.symbol,
        base=pair.base.code,
        quote=pair.quote.code,
        base_decimals=pair.base.decimals,
        quote_decimals=pair.quote.decimals,
        tick=format(pair.tick, "f"),
        lot=format(pair.lot, "f"),
        min_notional=pair.quote.text(pair.min_notional),
        maker_fee=format(pair.maker_fee.decimal, "f"),
        taker_fee=format(pair.taker_fee.decimal, "f"),
        status=status,
    )


async def markets(call: Call) -> Markets:
    """Answer with all pairs."""
    core = call.services.core
    return Markets(tuple(market_of(pair, _status(core.state_of(pair.symbol))) for pair in core.pairs()))


def _status(state: FeedState) -> str:
    return "trading" if state is FeedState.SYNCED else "closed"


def _pair(call: Call) -> TradingPair:
    """Return the pair of the path.

    Raises:
        Refusal: there is none of that name.
    """
    symbol = f"{call.params['base']}/{call.params['quote']}"
    for pair in call.services.market.pairs():
        if pair.symbol == symbol:
            return pair
    raise not_found("There is no such market here; GET /v1/markets lists them.", "unknown_symbol")


async def book(call: Call) -> Book:
    """Answer with a book."""
    return call.services.market.book(_pair(call).symbol, call.query.depth)


async def trades(call: Call) -> Trades:
    """Answer with prints."""
    return call.services.market.trades(_pair(call).symbol, call.query.limit, call.query.before_id)


async def ticker(call: Call) -> Ticker:
    """Answer with the last 24 hours of a pair."""
    return call.services.market.ticker(_pair(call).symbol)


async def tickers(call: Call) -> Tickers:
    """Answer with the last 24 hours of all pairs."""
    return call.services.market.tickers()


async def bars(call: Call) -> Bars:
    """Answer with closed bars."""
    asked: WhichBars = call.query
    pair = _pair(call)
    end = None if asked.end_ms is None else Nanos(min(asked.end_ms * MILLI, call.services.market.now))
    found = await call.services.market.bars(pair.symbol, asked.timeframe, end=end, count=asked.count)
    return bars_of(found, pair, asked.timeframe)


_ONE = "/v1/markets/{base}-{quote}"

ROUTES = (
    Route("GET", "/v1/markets", markets, "All pairs and their grids", "markets", Markets, access=Access.PUBLIC),
    Route(
        "GET", f"{_ONE}/book", book, "The displayed book", "markets", Book, query=Depth, access=Access.PUBLIC,
        refuses=(404,),
    ),
    Route(
        "GET", f"{_ONE}/trades", trades, "The last prints, oldest first", "markets", Trades, query=WhichTrades,
        access=Access.PUBLIC, refuses=(404,),
    ),
    Route(
        "GET", f"{_ONE}/ticker", ticker, "A pair over 24 hours", "markets", Ticker, access=Access.PUBLIC, refuses=(404,)
    ),
    Route(
        "GET", f"{_ONE}/bars", bars, "Closed bars, oldest first", "markets", Bars, query=WhichBars,
        access=Access.PUBLIC, refuses=(404,),
    ),
    Route("GET", "/v1/tickers", tickers, "All pairs over 24 hours", "markets", Tickers, access=Access.PUBLIC),
)  # fmt: skip
