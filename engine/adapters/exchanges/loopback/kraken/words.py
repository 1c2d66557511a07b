"""Kraken's objects. Source: docs.kraken.com/api, WebSocket v2 and Spot REST."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from engine.adapters.exchanges.kraken.name import old_name
from engine.adapters.exchanges.loopback.bars import OpenBar, quote_text, volume_text
from engine.adapters.exchanges.loopback.instant import nine, rfc3339
from engine.adapters.exchanges.loopback.listing import Listing
from engine.adapters.exchanges.loopback.market import Market
from engine.adapters.exchanges.loopback.written import number
from engine.adapters.exchanges.wire.heard import PrintHeard, WireLevel
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side

SIDES = {Side.BUY: "buy", Side.SELL: "sell"}
INTERVALS = (1, 5, 15, 30, 60, 240, 1_440, 10_080, 21_600)
"""Minutes of bars that are offered."""
_NO_LEVEL = ("0.0", "0.0")
_EIGHT = Decimal("0.00000001")


def wsname(symbol: str) -> str:
    """Return `BTC/USDT` for `BTC/USDT:USDT` too: the pair as interface 2 writes it."""
    return symbol.partition(":")[0]


def levels(side: Iterable[WireLevel]) -> list[dict[str, msgspec.Raw]]:
    """Return levels as objects."""
    return [{"price": number(price), "qty": number(qty)} for price, qty in side]


def book(
    symbol: str, kind: str, bids: Sequence[WireLevel], asks: Sequence[WireLevel], checksum: int, at: Nanos
) -> dict[str, Any]:
    """Return a message of the book channel."""
    one = {"symbol": wsname(symbol), "bids": levels(bids), "asks": levels(asks), "checksum": checksum}
    return {"channel": "book", "type": kind, "data": [one | {"timestamp": rfc3339(at)}]}


def trades(symbol: str, kind: str, prints: Iterable[PrintHeard]) -> dict[str, Any]:
    """Return a message of the trade channel."""
    data = [
        {
            "symbol": wsname(symbol), "side": SIDES[each.side], "price": number(each.price), "qty": number(each.qty),
            "ord_type": "market", "trade_id": each.trade_id, "timestamp": rfc3339(each.at),
        }
        for each in prints
    ]  # fmt: skip
    return {"channel": "trade", "type": kind, "data": data}


def ticker(market: Market, symbol: str, kind: str, now: Nanos) -> dict[str, Any]:
    """Return a message of the ticker channel."""
    shown, day = market.pairs[symbol], market.day(symbol) or OpenBar(now, "0.0")
    bid, ask = (shown.best(side) or _NO_LEVEL for side in (Side.BUY, Side.SELL))
    change = Decimal(day.close) - Decimal(day.open)
    percent = change / Decimal(day.open) * 100 if Decimal(day.open) else Decimal(0)
    data = {
        "symbol": wsname(symbol), "bid": number(bid[0]), "bid_qty": number(bid[1]), "ask": number(ask[0]),
        "ask_qty": number(ask[1]), "last": number(day.close), "volume": number(volume_text(day.volume)),
        "vwap": number(average(day)), "low": number(day.low), "high": number(day.high),
        "change": number(f"{change:f}"), "change_pct": number(f"{percent:.2f}"), "timestamp": rfc3339(now),
    }  # fmt: skip
    return {"channel": "ticker", "type": kind, "data": [data]}


def average(bar: OpenBar) -> str:
    """Return the average price of what was traded in a bar."""
    if not bar.volume:
        return bar.close
    return f"{(Decimal(quote_text(bar.quote)) / Decimal(volume_text(bar.volume))).quantize(_EIGHT):f}"


def ohlc(symbol: str, minutes: int, kind: str, bars: Iterable[OpenBar]) -> dict[str, Any]:
    """Return a message of the ohlc channel."""
    data = [
        {
            "symbol": wsname(symbol), "open": number(bar.open), "high": number(bar.high), "low": number(bar.low),
            "close": number(bar.close), "trades": bar.trades, "volume": number(volume_text(bar.volume)),
            "vwap": number(average(bar)), "interval_begin": nine(Nanos(bar.start)), "interval": minutes,
            "timestamp": rfc3339(Nanos(bar.start + minutes * 60 * NANOS_PER_SECOND)),
        }
        for bar in bars
    ]  # fmt: skip
    return {"channel": "ohlc", "type": kind, "data": data}


def instruments(listings: Iterable[Listing]) -> dict[str, Any]:
    """Return the snapshot of the instrument channel."""
    rows = list(listings)
    assets = sorted({each.base for each in rows} | {each.quote for each in rows})
    return {
        "channel": "instrument",
        "type": "snapshot",
        "data": {
            "assets": [{"id": asset, "status": "enabled", "precision": 10, "precision_display": 5} for asset in assets],
            "pairs": [_instrument(each) for each in rows],
        },
    }


def _instrument(listing: Listing) -> dict[str, Any]:
    return {
        "symbol": wsname(listing.symbol), "base": listing.base, "quote": listing.quote, "status": "online",
        "qty_precision": places(listing.lot), "qty_increment": number(listing.lot), "qty_min": number(listing.lot),
        "price_precision": places(listing.tick), "price_increment": number(listing.tick), "cost_precision": 5,
        "cost_min": number(listing.min_notional), "marginable": False, "has_index": False,
    }  # fmt: skip


def places(step: str) -> int:
    """Return the decimals of a step."""
    return len(step.partition(".")[2])


def rest_asset(code: str) -> str:
    """Return an asset as REST names it: `XXBT` for BTC, `ZUSD` for USD."""
    old = old_name(f"{code}/X").partition("/")[0]
    if code in _COINS:
        return f"X{old}"
    return f"Z{code}" if code in _MONEY else code


_COINS = frozenset({"BTC", "DOGE", "ETH", "LTC", "XRP", "XLM", "XMR", "ETC", "ZEC", "REP", "MLN"})
_MONEY = frozenset({"USD", "EUR", "GBP", "CAD", "JPY", "AUD"})
