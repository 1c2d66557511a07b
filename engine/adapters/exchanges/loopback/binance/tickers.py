"""Binance's figures of 24 hours, as rows of `ticker/24hr` and as events."""

from __future__ import annotations

from decimal import Decimal

from engine.adapters.exchanges.loopback.bars import OpenBar, quote_text, volume_text
from engine.adapters.exchanges.loopback.binance.words import MILLI, Event, name_of
from engine.adapters.exchanges.loopback.market import DAY, Market
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side

_EIGHT, _THREE = Decimal("0.00000001"), Decimal("0.001")
_NONE = ("0.00000000", "0.00000000")


def day_of(market: Market, symbol: str) -> OpenBar:
    """Return the last 24 hours; before the first print a bar of nothing."""
    return market.day(symbol) or OpenBar(market.now, "0.00000000")


def changes(day: OpenBar) -> tuple[str, str, str]:
    """Return the change of the price, the same in percent, and the average price."""
    opened, change = Decimal(day.open), Decimal(day.close) - Decimal(day.open)
    percent = (change / opened * 100) if opened else Decimal(0)
    average = Decimal(quote_text(day.quote)) / Decimal(volume_text(day.volume)) if day.volume else Decimal(0)
    return f"{change.quantize(_EIGHT):f}", f"{percent.quantize(_THREE):f}", f"{average.quantize(_EIGHT):f}"


def row(market: Market, symbol: str, now: Nanos) -> Event:
    """Return a row of `ticker/24hr`."""
    day, shown = day_of(market, symbol), market.pairs[symbol]
    change, percent, average = changes(day)
    bid, ask = (shown.best(side) or _NONE for side in (Side.BUY, Side.SELL))
    return {
        "symbol": name_of(symbol), "priceChange": change, "priceChangePercent": percent, "weightedAvgPrice": average,
        "prevClosePrice": day.open, "lastPrice": day.close, "lastQty": shown.prints[-1].qty if shown.prints else "0",
        "bidPrice": bid[0], "bidQty": bid[1], "askPrice": ask[0], "askQty": ask[1], "openPrice": day.open,
        "highPrice": day.high, "lowPrice": day.low, "volume": volume_text(day.volume),
        "quoteVolume": quote_text(day.quote), "openTime": (now - DAY * NANOS_PER_SECOND) // MILLI,
        "closeTime": now // MILLI, "firstId": day.first_id, "lastId": day.last_id, "count": day.trades,
    }  # fmt: skip


def event(market: Market, symbol: str, now: Nanos) -> Event:
    """Return the event of `@ticker`."""
    each = row(market, symbol, now)
    letters = {
        "p": "priceChange", "P": "priceChangePercent", "w": "weightedAvgPrice", "x": "prevClosePrice", "c": "lastPrice",
        "Q": "lastQty", "b": "bidPrice", "B": "bidQty", "a": "askPrice", "A": "askQty", "o": "openPrice",
        "h": "highPrice", "l": "lowPrice", "v": "volume", "q": "quoteVolume", "O": "openTime", "C": "closeTime",
        "F": "firstId", "L": "lastId", "n": "count",
    }  # fmt: skip
    head: Event = {"e": "24hrTicker", "E": now // MILLI, "s": each["symbol"]}
    return head | {letter: each[word] for letter, word in letters.items()}


def mini(market: Market, symbol: str, now: Nanos) -> Event:
    """Return the event of `@miniTicker`."""
    day = day_of(market, symbol)
    return {
        "e": "24hrMiniTicker", "E": now // MILLI, "s": name_of(symbol), "c": day.close, "o": day.open, "h": day.high,
        "l": day.low, "v": volume_text(day.volume), "q": quote_text(day.quote),
    }  # fmt: skip
