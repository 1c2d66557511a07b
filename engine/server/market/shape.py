"""Market data as it travels: ticks and lots become decimals."""

from __future__ import annotations

from decimal import Decimal

from engine.domain.market import Bar, BookDiff, BookSnapshot, Level, Quote, Timeframe, TradeTick
from engine.domain.pair import TradingPair
from engine.ports.feed import BarArrays
from engine.server.market.day import Minute
from engine.wire import market as wire

MILLI = 1_000_000
"""Nanoseconds."""


def book_of(snapshot: BookSnapshot, pair: TradingPair) -> wire.Book:
    """Return a book."""
    bids, asks = levels_of(snapshot.bids, pair), levels_of(snapshot.asks, pair)
    return wire.Book(pair.symbol, snapshot.seq, snapshot.at // MILLI, bids, asks)


def change_of(diff: BookDiff, pair: TradingPair) -> wire.BookChange:
    """Return what changed of a book."""
    bids, asks = levels_of(diff.bids, pair), levels_of(diff.asks, pair)
    return wire.BookChange(pair.symbol, diff.first_seq, diff.seq, diff.at // MILLI, bids, asks)


def levels_of(levels: tuple[Level, ...], pair: TradingPair) -> tuple[wire.Level, ...]:
    """Return levels."""
    price, qty = pair.price_text, pair.qty_text
    return tuple((price(level[0]), qty(level[1])) for level in levels)


def trade_of(tick: TradeTick, pair: TradingPair) -> wire.Trade:
    """Return a print."""
    return wire.Trade(
        pair.symbol,
        tick.trade_id,
        pair.price_text(tick.price),
        pair.qty_text(tick.qty),
        str(tick.side),
        tick.at // MILLI,
    )


def bar_of(bar: Bar, pair: TradingPair) -> wire.Bar:
    """Return a bar."""
    price = pair.price_text
    return wire.Bar(
        bar.start // MILLI,
        price(bar.open),
        price(bar.high),
        price(bar.low),
        price(bar.close),
        pair.qty_text(bar.volume),
    )


def bars_of(bars: BarArrays, pair: TradingPair, timeframe: Timeframe) -> wire.Bars:
    """Return bars that are closed."""
    columns = (bars.open, bars.high, bars.low, bars.close)
    prices = [[pair.price_text(int(each)) for each in column] for column in columns]
    volumes = [pair.qty_text(int(each)) for each in bars.volume]
    starts = [int(each) // MILLI for each in bars.start]
    rows = zip(starts, *prices, volumes, strict=True)
    return wire.Bars(pair.symbol, str(timeframe), tuple(wire.Bar(*row) for row in rows))


def ticker_of(quote: Quote, day: Minute | None, pair: TradingPair, at: int) -> wire.Ticker:
    """Return a pair over its last 24 hours."""

    def price(ticks: int | None) -> str:
        return "" if ticks is None else pair.price_text(ticks)

    def qty(lots: int | None) -> str:
        return "" if lots is None else pair.qty_text(lots)

    change = "0" if day is None or not day.open else format(Decimal(day.close - day.open) * 100 / day.open, ".2f")
    return wire.Ticker(
        symbol=pair.symbol,
        last=price(None if day is None else day.close),
        bid=price(quote.bid),
        bid_qty=qty(quote.bid_qty),
        ask=price(quote.ask),
        ask_qty=qty(quote.ask_qty),
        open=price(None if day is None else day.open),
        high=price(None if day is None else day.high),
        low=price(None if day is None else day.low),
        volume=pair.qty_text(0 if day is None else day.volume),
        quote_volume=pair.quote.shown(0 if day is None else day.value * pair.notional_unit),
        change_percent=change,
        trades=0 if day is None else day.trades,
        at_ms=at // MILLI,
    )
