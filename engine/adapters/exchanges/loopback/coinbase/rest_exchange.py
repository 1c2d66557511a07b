"""Public requests of Coinbase Exchange: products, books, candles, trades, stats, tickers, the time."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from engine.adapters.exchanges.loopback.bars import volume_text
from engine.adapters.exchanges.loopback.coinbase.words import MAKER, day_of, product_of, products
from engine.adapters.exchanges.loopback.instant import rfc3339
from engine.adapters.exchanges.loopback.listing import Listing
from engine.adapters.exchanges.loopback.market import Shown
from engine.adapters.exchanges.loopback.venue import Answer, Request, View
from engine.adapters.exchanges.loopback.written import encoded, number
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side

GRANULARITIES = (60, 300, 900, 3_600, 21_600, 86_400)
CANDLES, PRINTS = 300, 1_000
LEVELS = {"1": 1, "2": 1 << 30, "3": 1 << 30}
"""How many of each side a `level` has; 3 lists orders, which nobody knows here, so it shows levels."""

_PRODUCT = re.compile(r"/products/([^/]+)(?:/(book|candles|trades|stats|ticker))?/?\Z")


class _Refused(Exception):  # noqa: N818 - an answer in the venue's words
    """A request that is refused."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class ExchangeRest:
    """Answers from a view of the market."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._products = products(view.market)
        self._routes: dict[str | None, Callable[[Shown, Request], object]] = {
            None: lambda shown, _: product(shown.listing), "book": self._book, "candles": self._candles,
            "trades": self._trades, "stats": self._stats, "ticker": self._ticker,
        }  # fmt: skip

    def answer(self, request: Request) -> Answer:
        """Return the answer."""
        try:
            return Answer(encoded(self._answered(request)))
        except _Refused as refused:
            return Answer(encoded({"message": str(refused)}), refused.status)

    def refused(self, status: int, retry_s: int) -> Answer:
        """Return the words of a limit."""
        return Answer(encoded({"message": "Public rate limit exceeded"}), status, {"Retry-After": str(retry_s)})

    def _answered(self, request: Request) -> object:
        path, market = request.path, self._view.market
        if path == "/time":
            now = self._view.now()
            return {"iso": rfc3339(now), "epoch": round(now / NANOS_PER_SECOND, 3)}
        if path == "/products":
            return [product(shown.listing) for shown in market.pairs.values()]
        if path == "/currencies":
            codes = {code for shown in market.pairs.values() for code in (shown.listing.base, shown.listing.quote)}
            return [_currency(code) for code in sorted(codes)]
        found = _PRODUCT.match(path)
        if found is None or found[1] not in self._products:
            raise _Refused("NotFound", 404)
        return self._routes[found[2]](market.pairs[self._products[found[1]]], request)

    def _book(self, shown: Shown, request: Request) -> object:
        level = request.query.get("level", "1")
        if level not in LEVELS:
            raise _Refused("Invalid level")
        picture = self._view.pictured(shown)
        sides = {
            name: [[price, qty, 1] for price, qty in side[: LEVELS[level]]]
            for name, side in (("bids", picture.bids), ("asks", picture.asks))
        }
        return sides | {"sequence": picture.last, "auction_mode": False, "auction": None, "time": rfc3339(picture.at)}

    def _candles(self, shown: Shown, request: Request) -> object:
        granularity = request.query.get("granularity", "60")
        if not granularity.isdecimal() or int(granularity) not in GRANULARITIES:
            raise _Refused("Unsupported granularity")
        seconds = int(granularity)
        start, end = _instant(request, "start"), _instant(request, "end")
        if start is not None and end is not None and (end - start) // NANOS_PER_SECOND // seconds > CANDLES:
            raise _Refused(
                f"granularity too small for the requested time range. Count of aggregations requested exceeds {CANDLES}"
            )
        until = None if end is None else Nanos(end + 1)
        bars = self._view.market.bars(shown.listing.symbol, seconds, end=until, count=CANDLES)
        return [
            [
                bar.start // NANOS_PER_SECOND,
                *map(number, (bar.low, bar.high, bar.open, bar.close, volume_text(bar.volume))),
            ]
            for bar in reversed(bars)
            if start is None or bar.start >= start
        ]

    def _trades(self, shown: Shown, request: Request) -> object:
        limit = request.query.get("limit", str(PRINTS))
        if not limit.isdecimal() or not 0 < int(limit) <= PRINTS:
            raise _Refused("Invalid limit")
        after = request.query.get("after", "")
        prints = [each for each in shown.prints if not after.isdecimal() or each.trade_id < int(after)]
        return [
            {
                "trade_id": each.trade_id, "side": MAKER[each.side], "size": each.qty, "price": each.price,
                "time": rfc3339(each.at),
            }
            for each in prints[-int(limit) :][::-1]
        ]  # fmt: skip

    def _stats(self, shown: Shown, _request: Request) -> object:
        day = day_of(self._view.market, shown.listing.symbol)
        volume = volume_text(day.volume)
        figures = {"open": day.open, "high": day.high, "low": day.low, "last": day.close, "volume": volume}
        return figures | {"volume_30day": volume}

    def _ticker(self, shown: Shown, _request: Request) -> object:
        if not shown.prints:
            raise _Refused("NotFound", 404)
        last, day = shown.prints[-1], day_of(self._view.market, shown.listing.symbol)
        bid, ask = (shown.best(side) or ("0", "0") for side in (Side.BUY, Side.SELL))
        return {
            "ask": ask[0], "bid": bid[0], "volume": volume_text(day.volume), "trade_id": last.trade_id,
            "price": last.price, "size": last.qty, "time": rfc3339(last.at),
        }  # fmt: skip


def product(listing: Listing) -> dict[str, Any]:
    """Return a pair as Coinbase Exchange lists it."""
    return {
        "id": product_of(listing.symbol), "base_currency": listing.base, "quote_currency": listing.quote,
        "quote_increment": listing.tick, "base_increment": listing.lot,
        "display_name": f"{listing.base}-{listing.quote}", "min_market_funds": listing.min_notional,
        "margin_enabled": False, "post_only": False, "limit_only": False, "cancel_only": False, "status": "online",
        "status_message": "", "trading_disabled": False, "fx_stablecoin": False, "auction_mode": False,
    }  # fmt: skip


def _currency(code: str) -> dict[str, Any]:
    return {
        "id": code, "name": code, "min_size": "0.00000001", "status": "online", "message": "",
        "max_precision": "0.00000001", "convertible_to": [], "details": {"type": "crypto"},
    }  # fmt: skip


def _instant(request: Request, name: str) -> Nanos | None:
    """Return an instant that is written in seconds or as a date."""
    text = request.query.get(name)
    if not text:
        return None
    if text.isdecimal():
        return Nanos(int(text) * NANOS_PER_SECOND)
    try:
        return Nanos(round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()) * NANOS_PER_SECOND)
    except ValueError:
        raise _Refused(f"Invalid {name}") from None
