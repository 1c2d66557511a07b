"""Public market data: books, prints, candles, tickers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.domain.market import Timeframe, TradeTick
from engine.domain.number import Nanos
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.server.facade.answers import MILLI
from engine.server.facade.fault import Fault
from engine.server.facade.instrument import average_text, levels, price_text, qty_text, quote_text
from engine.server.facade.intervals import DAY, Candle, Interval, add, fold, interval, of_bar, row, until
from engine.server.facade.operation import Asked, Operation
from engine.server.facade.parameters import LAST_MS, Parameters
from engine.server.facade.tickers import OPERATIONS as TICKERS
from engine.server.market import MarketView

MOST_LEVELS, MOST_PRINTS, MOST_CANDLES = 5_000, 1_000, 1_000


async def depth(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with the book; its id is that of the stream's last update."""
    pair = asked.pair()
    book = asked.services.market.snapshot(pair.symbol, asked.told.limit(100, MOST_LEVELS))
    return {"lastUpdateId": book.seq, "bids": levels(pair, book.bids), "asks": levels(pair, book.asks)}


async def trades(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with the last prints, oldest first."""
    pair = asked.pair()
    return [trade(pair, tick) for tick in asked.services.market.prints(pair.symbol, asked.told.limit(500, MOST_PRINTS))]


async def historical_trades(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with prints from an id on, of those that are kept."""
    pair, limit = asked.pair(), asked.told.limit(500, MOST_PRINTS)
    since = asked.told.integer("fromId")
    kept = asked.services.market.prints(pair.symbol, MOST_PRINTS)
    chosen = kept[-limit:] if since is None else [tick for tick in kept if tick.trade_id >= since][:limit]
    return [trade(pair, tick) for tick in chosen]


def trade(pair: TradingPair, tick: TradeTick) -> dict[str, Any]:
    """Return a print."""
    return {
        "id": tick.trade_id,
        "price": price_text(pair, tick.price),
        "qty": qty_text(pair, tick.qty),
        "quoteQty": quote_text(pair, tick.price * tick.qty),
        "time": tick.at // MILLI,
        "isBuyerMaker": tick.side is Side.SELL,
        "isBestMatch": True,
    }


async def aggregate_trades(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with prints, each for itself: ours are one per price and order that was met."""
    pair, told = asked.pair(), asked.told
    limit, since = told.limit(500, MOST_PRINTS), told.integer("fromId")
    start, end = told.instant("startTime", 0) or 0, told.instant("endTime", LAST_MS) or 0
    if since is not None and ("startTime" in told or "endTime" in told):
        raise Fault(-1128, "Combination of optional parameters invalid.")
    kept = [
        tick
        for tick in asked.services.market.prints(pair.symbol, MOST_PRINTS)
        if start <= tick.at // MILLI <= end and (since is None or tick.trade_id >= since)
    ]
    from_the_front = since is not None or "startTime" in told
    return [aggregate(pair, tick) for tick in (kept[:limit] if from_the_front else kept[-limit:])]


def aggregate(pair: TradingPair, tick: TradeTick) -> dict[str, Any]:
    """Return a print as an aggregate of itself."""
    return {
        "a": tick.trade_id,
        "p": price_text(pair, tick.price),
        "q": qty_text(pair, tick.qty),
        "f": tick.trade_id,
        "l": tick.trade_id,
        "T": tick.at // MILLI,
        "m": tick.side is Side.SELL,
        "M": True,
    }


async def klines(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with candles, oldest first; the last one is still forming."""
    pair, told = asked.pair(), asked.told
    kind = interval(told.text("interval"))
    limit = told.limit(500, MOST_CANDLES)
    start, end = told.instant("startTime"), told.instant("endTime")
    found = await candles(asked, pair, kind, start, end, limit)
    return [row(each, pair, kind) for each in found]


async def candles(
    asked: Asked, pair: TradingPair, kind: Interval, start_ms: int | None, end_ms: int | None, limit: int
) -> Sequence[Candle]:
    """Return up to `limit` candles that begin between two instants; the first of them if a start is given."""
    now = int(asked.services.market.now)
    last = min(now, now if end_ms is None else end_ms * MILLI)
    if start_ms is None:
        return (await _between(asked, pair, kind, 0, last, limit))[-limit:]
    first = kind.at_or_after(start_ms * MILLI)
    found = await _between(asked, pair, kind, first, min(last, until(kind, first, limit) - 1), limit)
    if not found and first < last:  # nothing is known of so long ago: the first that are known
        first = kind.at_or_after(max(first, await beginning(asked.services.market, pair)))
        found = await _between(asked, pair, kind, first, min(last, until(kind, first, limit) - 1), limit)
    return found[:limit]


async def _between(
    asked: Asked, pair: TradingPair, kind: Interval, first: int, last: int, limit: int
) -> Sequence[Candle]:
    """Return the candles that begin between two instants, if they are more than `limit` perhaps the last ones only."""
    market = asked.services.market
    end = kind.ending(kind.opening(last))
    count = (limit + 1) * kind.bars
    bars = await market.bars(pair.symbol, kind.source, end=Nanos(min(end, int(market.now))), count=count)
    found = fold(bars, kind)
    forming = market.forming(pair.symbol, kind.source)
    if forming is not None and forming.start < end and (not len(bars) or forming.start > bars.start[-1]):
        add(found, kind, of_bar(forming))
    return [each for each in found if first <= each.start <= last]


async def beginning(market: MarketView, pair: TradingPair) -> int:
    """Return the first instant of which bars are known, found by halving: whole histories are slow to make."""
    empty, full = 0, market.now // DAY
    while full - empty > 1:
        middle = (empty + full) // 2
        bars = await market.bars(pair.symbol, Timeframe.D1, end=Nanos(middle * DAY), count=1)
        empty, full = (empty, middle) if len(bars) else (middle, full)
    return empty * DAY


async def average_price(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with the average price of the last five minutes' prints, else the last price."""
    pair, market = asked.pair(), asked.services.market
    since = market.now - 5 * 60 * 1000 * MILLI
    kept = [tick for tick in market.prints(pair.symbol, MOST_PRINTS) if tick.at > since]
    lots, worth = sum(tick.qty for tick in kept), sum(tick.price * tick.qty for tick in kept)
    last = market.last_price(pair.symbol)
    price = average_text(pair, worth, lots) if lots else price_text(pair, last)
    return {"mins": 5, "price": price, "closeTime": kept[-1].at // MILLI if kept else market.now // MILLI}


def _depth_weight(told: Parameters) -> int:
    limit = told.integer("limit", 100) or 1
    return 1 if limit <= 100 else 3 if limit <= 500 else 5 if limit <= 1_000 else 20


_CANDLES = ("symbol", "interval", "startTime", "endTime", "timeZone", "limit")
_UTC = {"0", "+0", "-0", "0:00", "+0:00", "+00:00", "00:00", "-00:00"}


async def utc_klines(asked: Asked) -> Any:  # noqa: ANN401
    """Answer with candles; they are cut at UTC only."""
    if asked.told.text("timeZone", "0") not in _UTC:
        raise Fault(-1130, "Data sent for parameter 'timeZone' is not valid: candles are cut at UTC here.")
    return await klines(asked)


OPERATIONS = (
    Operation("GET", "depth", depth, ("symbol", "limit", "symbolStatus"), weight=_depth_weight, word="depth"),
    Operation("GET", "trades", trades, ("symbol", "limit"), weight=2, word="trades.recent"),
    Operation(
        "GET", "historicalTrades", historical_trades, ("symbol", "limit", "fromId", "apiKey"), weight=2,
        word="trades.historical",
    ),
    Operation(
        "GET", "aggTrades", aggregate_trades, ("symbol", "fromId", "startTime", "endTime", "limit"), weight=2,
        word="trades.aggregate",
    ),
    Operation("GET", "klines", utc_klines, _CANDLES, word="klines"),
    Operation("GET", "uiKlines", utc_klines, _CANDLES, word="uiKlines"),
    Operation("GET", "avgPrice", average_price, ("symbol",), word="avgPrice"),
    *TICKERS,
)  # fmt: skip
