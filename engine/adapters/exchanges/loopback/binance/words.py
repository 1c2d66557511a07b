"""Binance's events and rows, made of what happened. Source: binance-spot-api-docs (2026-07-21)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.adapters.exchanges.loopback.bars import OpenBar, quote_text, volume_text
from engine.adapters.exchanges.loopback.market import Shown
from engine.adapters.exchanges.wire.heard import BookHeard, PrintHeard
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side

MILLI = 1_000_000
INTERVALS = {
    "1s": 1, "1m": 60, "3m": 180, "5m": 300, "15m": 900, "30m": 1_800, "1h": 3_600, "2h": 7_200, "4h": 14_400,
    "6h": 21_600, "8h": 28_800, "12h": 43_200, "1d": 86_400,
}  # fmt: skip
"""Seconds of each interval that is offered."""

Event = dict[str, Any]


def name_of(symbol: str) -> str:
    """Return `BTCUSDT` for `BTC/USDT` and `BTC/USDT:USDT`."""
    return symbol.partition(":")[0].replace("/", "")


def depth_update(name: str, what: BookHeard, *, is_perpetual: bool) -> Event:
    """Return a diff; spot chains by `U`, perpetuals by `pu`."""
    millis = what.at // MILLI
    event: Event = {"e": "depthUpdate", "E": millis}
    if is_perpetual:
        event["T"] = millis
    event |= {"s": name, "U": what.first, "u": what.last}
    if is_perpetual:
        event["pu"] = what.previous
    return event | {"b": what.bids, "a": what.asks}


def trade(name: str, each: PrintHeard, *, is_perpetual: bool) -> Event:
    """Return one print."""
    millis = each.at // MILLI
    event: Event = {"e": "trade", "E": millis}
    ids: Event = {"s": name, "t": each.trade_id, "p": each.price, "q": each.qty}
    is_maker = each.side is Side.SELL
    if is_perpetual:
        return event | {"T": millis} | ids | {"X": "MARKET", "m": is_maker}
    return event | ids | {"T": millis, "m": is_maker, "M": True}


def aggregates(prints: Sequence[PrintHeard]) -> list[tuple[PrintHeard, int]]:
    """Return prints of one moment, price and side as one, each with its last id; their ids are the first's."""
    rows: list[list[PrintHeard]] = []
    for each in prints:
        alike = (each.price, each.side, each.at // MILLI)
        if rows and (rows[-1][0].price, rows[-1][0].side, rows[-1][0].at // MILLI) == alike:
            rows[-1].append(each)
        else:
            rows.append([each])
    return [(row[0]._replace(qty=_sum(row)), row[-1].trade_id) for row in rows]


def _sum(row: Sequence[PrintHeard]) -> str:
    if len(row) == 1:
        return row[0].qty
    bar = OpenBar(0, row[0].price)
    for each in row:
        bar.add(each)
    return volume_text(bar.volume)


def aggregate_trade(name: str, each: PrintHeard, last_id: int) -> Event:
    """Return an aggregate as an event."""
    return {"e": "aggTrade", "E": each.at // MILLI, "s": name} | aggregate_row(each, last_id)


def aggregate_row(each: PrintHeard, last_id: int) -> Event:
    """Return an aggregate as a row of `aggTrades`."""
    return {
        "a": each.trade_id, "p": each.price, "q": each.qty, "f": each.trade_id, "l": last_id, "T": each.at // MILLI,
        "m": each.side is Side.SELL, "M": True,
    }  # fmt: skip


def trade_row(each: PrintHeard) -> Event:
    """Return a print as a row of `trades`."""
    bar = OpenBar(0, each.price)
    bar.add(each)
    return {
        "id": each.trade_id, "price": each.price, "qty": each.qty, "quoteQty": quote_text(bar.quote),
        "time": each.at // MILLI, "isBuyerMaker": each.side is Side.SELL, "isBestMatch": True,
    }  # fmt: skip


def kline_row(bar: OpenBar, seconds: int) -> list[object]:
    """Return a bar as a row of `klines`."""
    closes = (bar.start + seconds * NANOS_PER_SECOND) // MILLI - 1
    return [
        bar.start // MILLI, bar.open, bar.high, bar.low, bar.close, volume_text(bar.volume), closes,
        quote_text(bar.quote), bar.trades, volume_text(bar.taken), quote_text(bar.taken_quote), "0",
    ]  # fmt: skip


def kline(name: str, interval: str, bar: OpenBar, now: Nanos, *, is_closed: bool) -> Event:
    """Return a bar as an event."""
    closes = (bar.start + INTERVALS[interval] * NANOS_PER_SECOND) // MILLI - 1
    return {
        "e": "kline", "E": now // MILLI, "s": name,
        "k": {
            "t": bar.start // MILLI, "T": closes, "s": name, "i": interval, "f": bar.first_id, "L": bar.last_id,
            "o": bar.open, "c": bar.close, "h": bar.high, "l": bar.low, "v": volume_text(bar.volume), "n": bar.trades,
            "x": is_closed, "q": quote_text(bar.quote), "V": volume_text(bar.taken), "Q": quote_text(bar.taken_quote),
            "B": "0",
        },
    }  # fmt: skip


def best(name: str, shown: Shown, now: Nanos, *, is_perpetual: bool) -> Event:
    """Return the best prices as an event; spot's has no type."""
    bid, ask = (shown.best(side) or ("0.00000000", "0.00000000") for side in (Side.BUY, Side.SELL))
    event: Event = {"u": shown.last, "s": name, "b": bid[0], "B": bid[1], "a": ask[0], "A": ask[1]}
    if is_perpetual:
        return {"e": "bookTicker"} | event | {"T": shown.at // MILLI, "E": now // MILLI}
    return event
