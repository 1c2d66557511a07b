"""Public requests of Coinbase Advanced Trade, `/api/v3/brokerage/market/…`, and its time."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from engine.adapters.exchanges.loopback.bars import volume_text
from engine.adapters.exchanges.loopback.coinbase.words import MAKER, day_of, percent, product_of, products
from engine.adapters.exchanges.loopback.instant import rfc3339
from engine.adapters.exchanges.loopback.market import Shown
from engine.adapters.exchanges.loopback.venue import Answer, Request, View
from engine.adapters.exchanges.loopback.written import encoded
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side

PREFIX = "/api/v3/brokerage"
GRANULARITIES = {
    "ONE_MINUTE": 60, "FIVE_MINUTE": 300, "FIFTEEN_MINUTE": 900, "THIRTY_MINUTE": 1_800, "ONE_HOUR": 3_600,
    "TWO_HOUR": 7_200, "FOUR_HOUR": 14_400, "SIX_HOUR": 21_600, "ONE_DAY": 86_400,
}  # fmt: skip
CANDLES, PRINTS = 350, 1_000

_PRODUCT = re.compile(r"/(?:market/)?products/([^/]+)(?:/(candles|ticker))?/?\Z")


class _Refused(Exception):  # noqa: N818 - an answer in the venue's words
    """A request that is refused."""

    def __init__(self, word: str, message: str, status: int) -> None:
        super().__init__(message)
        self.word, self.status = word, status


def _invalid(message: str) -> _Refused:
    return _Refused("INVALID_ARGUMENT", message, 400)


class AdvancedRest:
    """Answers from a view of the market."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._products = products(view.market)
        self._routes: dict[str | None, Callable[[Shown, Request], object]] = {
            None: lambda shown, _: self._product(shown), "candles": self._candles, "ticker": self._ticker,
        }  # fmt: skip

    def answer(self, request: Request) -> Answer:
        """Return the answer."""
        try:
            return Answer(encoded(self._answered(request)))
        except _Refused as refused:
            body = {"error": refused.word, "error_details": str(refused), "message": str(refused)}
            return Answer(encoded(body), refused.status)

    def refused(self, status: int, retry_s: int) -> Answer:
        """Return the words of a limit."""
        body = {"error": "RESOURCE_EXHAUSTED", "error_details": "", "message": "too many requests"}
        return Answer(encoded(body), status, {"Retry-After": str(retry_s)})

    def _answered(self, request: Request) -> object:
        path = request.path.removeprefix(PREFIX)
        if path == request.path:
            raise _Refused("NOT_FOUND", "no such path", 404)
        if path == "/time":
            now = self._view.now()
            times = {"epochSeconds": str(now // NANOS_PER_SECOND), "epochMillis": str(now // 1_000_000)}
            return {"iso": rfc3339(now)} | times
        if path in ("/market/products", "/products"):
            is_spot = request.query.get("product_type", "SPOT") == "SPOT"
            rows = [self._product(shown) for shown in self._view.market.pairs.values() if is_spot]
            return {"products": rows, "num_products": len(rows)}
        if path in ("/market/product_book", "/product_book"):
            return self._book(self._shown(request.query.get("product_id", "")), request)
        found = _PRODUCT.match(path)
        if found is None:
            raise _Refused("NOT_FOUND", "no such path", 404)
        return self._routes[found[2]](self._shown(found[1]), request)

    def _shown(self, product: str) -> Shown:
        symbol = self._products.get(product)
        if symbol is None:
            raise _Refused("NOT_FOUND", "product not found", 404)
        return self._view.market.pairs[symbol]

    def _product(self, shown: Shown) -> dict[str, Any]:
        listing, day = shown.listing, day_of(self._view.market, shown.listing.symbol)
        change = percent(day)
        return {
            "product_id": product_of(listing.symbol), "price": day.close, "price_percentage_change_24h": change,
            "volume_24h": volume_text(day.volume), "volume_percentage_change_24h": "0", "base_increment": listing.lot,
            "quote_increment": listing.tick, "quote_min_size": listing.min_notional, "quote_max_size": "150000000",
            "base_min_size": listing.lot, "base_max_size": "3400000", "base_name": listing.base,
            "quote_name": listing.quote, "watched": False, "is_disabled": False, "new": False, "status": "online",
            "cancel_only": False, "limit_only": False, "post_only": False, "trading_disabled": False,
            "auction_mode": False, "product_type": "SPOT", "quote_currency_id": listing.quote,
            "base_currency_id": listing.base, "mid_market_price": "", "base_display_symbol": listing.base,
            "quote_display_symbol": listing.quote, "view_only": False, "price_increment": listing.tick,
            "display_name": f"{listing.base}-{listing.quote}", "alias": "", "alias_to": [],
        }  # fmt: skip

    def _book(self, shown: Shown, request: Request) -> object:
        limit = request.query.get("limit", "")
        picture, count = self._view.pictured(shown), int(limit) if limit.isdecimal() and int(limit) else 1 << 30
        sides = {
            name: [{"price": price, "size": qty} for price, qty in side[:count]]
            for name, side in (("bids", picture.bids), ("asks", picture.asks))
        }
        at = rfc3339(picture.at)
        return {"pricebook": {"product_id": product_of(shown.listing.symbol)} | sides | {"time": at}}

    def _candles(self, shown: Shown, request: Request) -> object:
        seconds = GRANULARITIES.get(request.query.get("granularity", ""))
        if seconds is None:
            raise _invalid("granularity argument is invalid")
        start, end = (request.query.get(name, "") for name in ("start", "end"))
        if not start.isdecimal() or not end.isdecimal():
            raise _invalid("start and end arguments are required")
        if (int(end) - int(start)) // seconds > CANDLES:
            raise _invalid("number of candles requested should be less than 350")
        until = Nanos(int(end) * NANOS_PER_SECOND + 1)
        bars = self._view.market.bars(shown.listing.symbol, seconds, end=until, count=CANDLES)
        candles = [
            {
                "start": str(bar.start // NANOS_PER_SECOND), "low": bar.low, "high": bar.high, "open": bar.open,
                "close": bar.close, "volume": volume_text(bar.volume),
            }
            for bar in reversed(bars)
            if bar.start >= int(start) * NANOS_PER_SECOND
        ]  # fmt: skip
        return {"candles": candles}

    def _ticker(self, shown: Shown, request: Request) -> object:
        limit = request.query.get("limit", "100")
        if not limit.isdecimal() or not int(limit):
            raise _invalid("limit argument is invalid")
        bid, ask = (shown.best(side) or ("0", "0") for side in (Side.BUY, Side.SELL))
        trades = [
            {
                "trade_id": str(each.trade_id), "product_id": product_of(shown.listing.symbol), "price": each.price,
                "size": each.qty, "time": rfc3339(each.at), "side": MAKER[each.side].upper(), "exchange": "CBE",
            }
            for each in list(shown.prints)[-min(int(limit), PRINTS) :][::-1]
        ]  # fmt: skip
        return {"trades": trades, "best_bid": bid[0], "best_ask": ask[0]}
