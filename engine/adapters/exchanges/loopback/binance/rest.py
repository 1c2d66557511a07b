"""Binance's public requests, spot (`/api/v3`) and perpetuals (`/fapi/v1`)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from engine.adapters.exchanges.loopback.binance import tickers, words
from engine.adapters.exchanges.loopback.binance.instrument import exchange_info
from engine.adapters.exchanges.loopback.binance.words import INTERVALS, MILLI, name_of
from engine.adapters.exchanges.loopback.market import Shown
from engine.adapters.exchanges.loopback.venue import Answer, Request, View
from engine.adapters.exchanges.loopback.written import encoded
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side

WEIGHT_PER_MINUTE = {False: 6_000, True: 2_400}
"""What one address may ask for in a minute, on spot and for perpetuals."""


_STREAMS = "Please use WebSocket Streams"


class Refused(Exception):  # noqa: N818 - an answer in the venue's words
    """A request that is refused."""

    def __init__(self, code: int, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.code, self.text, self.status = code, text, status


def _missing(name: str) -> Refused:
    return Refused(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


class BinanceRest:
    """Answers from a view of the market; counts weights by our own minutes."""

    def __init__(self, view: View, *, is_perpetual: bool = False) -> None:
        self._view, self._is_perpetual = view, is_perpetual
        self._symbols = {name_of(symbol): symbol for symbol in view.market.pairs}
        self._prefix = "/fapi/v1/" if is_perpetual else "/api/v3/"
        self._routes: dict[str, Callable[[Request], object]] = {
            "ping": lambda _: {},
            "time": lambda _: {"serverTime": view.now() // MILLI},
            "exchangeInfo": self._info,
            "depth": self._depth,
            "klines": self._klines,
            "trades": self._trades,
            "aggTrades": self._aggregates,
            "ticker/24hr": self._day,
            "ticker/price": self._price,
            "ticker/bookTicker": self._best,
        }
        self._minute, self._used = 0, 0

    def answer(self, request: Request) -> Answer:
        """Return the answer, with the weight that was used up."""
        route = self._routes.get(request.path.removeprefix(self._prefix))
        if not request.path.startswith(self._prefix) or route is None:
            return Answer(
                encoded({"code": -5000, "msg": f"Path {request.path}, Method {request.method} is invalid"}), 404
            )
        if not self._take(self._weight(request)):
            return self.refused(429, 60 - int(time.time()) % 60)
        headers = {"X-MBX-USED-WEIGHT-1M": str(self._used), "X-MBX-USED-WEIGHT": str(self._used)}
        try:
            return Answer(encoded(route(request)), 200, headers)
        except Refused as refused:
            return Answer(encoded({"code": refused.code, "msg": refused.text}), refused.status, headers)

    def refused(self, status: int, retry_s: int) -> Answer:
        """Return the words of a limit (429) or a ban (418)."""
        until, most = int(time.time() + retry_s) * 1_000, WEIGHT_PER_MINUTE[self._is_perpetual]
        text = (
            f"Way too much request weight used; IP banned until {until}. {_STREAMS} for live updates to avoid bans."
            if status == 418
            else f"Too much request weight used; current limit is {most} request weight per 1 MINUTE. {_STREAMS} for "
            "live updates to avoid polling the API."
        )
        return Answer(encoded({"code": -1003, "msg": text}), status, {"Retry-After": str(retry_s)})

    def _take(self, weight: int) -> bool:
        minute = int(time.time()) // 60
        if minute != self._minute:
            self._minute, self._used = minute, 0
        self._used += weight
        return self._used <= WEIGHT_PER_MINUTE[self._is_perpetual]

    def _weight(self, request: Request) -> int:
        word = request.path.removeprefix(self._prefix)
        if word == "depth":
            limit = _limit(request, 100, 5_000, quiet=True)
            return 5 if limit <= 100 else 25 if limit <= 500 else 50 if limit <= 1_000 else 250
        if word == "ticker/24hr" and "symbol" not in request.query:
            return 80
        return {"ping": 1, "time": 1, "exchangeInfo": 20, "trades": 25, "aggTrades": 4}.get(word, 2)

    def _shown(self, request: Request) -> Shown:
        name = request.query.get("symbol", "")
        if not name:
            raise _missing("symbol")
        return self._view.market.pairs[self._named(name)]

    def _named(self, name: str) -> str:
        if name not in self._symbols:
            raise Refused(-1121, "Invalid symbol.")
        return self._symbols[name]

    def _several(self, request: Request) -> tuple[list[str], bool]:
        """Return the pairs asked for, and whether it was a single one."""
        if name := request.query.get("symbol"):
            return [self._named(name)], True
        if several := request.query.get("symbols"):
            return [self._named(each.strip(' "')) for each in several.strip("[]").split(",")], False
        return list(self._symbols.values()), False

    # Answers

    def _info(self, request: Request) -> object:
        symbols, _ = self._several(request)
        listings = [self._view.market.pairs[symbol].listing for symbol in symbols]
        return exchange_info(listings, self._view.now(), is_perpetual=self._is_perpetual)

    def _depth(self, request: Request) -> object:
        shown, limit = self._shown(request), _limit(request, 100, 5_000)
        picture = self._view.pictured(shown)
        sides = {"bids": picture.bids[:limit], "asks": picture.asks[:limit]}
        times = {"E": self._view.now() // MILLI, "T": picture.at // MILLI} if self._is_perpetual else {}
        return {"lastUpdateId": picture.last} | times | sides

    def _klines(self, request: Request) -> object:
        shown, limit = self._shown(request), _limit(request, 500, 1_000)
        interval = request.query.get("interval", "")
        if not interval:
            raise _missing("interval")
        if interval not in INTERVALS:
            raise Refused(-1120, "Invalid interval.")
        start, end = _instant(request, "startTime"), _instant(request, "endTime")
        seconds, market = INTERVALS[interval], self._view.market
        if start is not None:  # the first `limit` from there
            length = seconds * NANOS_PER_SECOND
            reach = Nanos(-(-start // length) * length + limit * length)
            end = reach if end is None else min(Nanos(end + 1), reach)
        elif end is not None:
            end = Nanos(end + 1)
        bars = market.bars(shown.listing.symbol, seconds, end=end, count=limit)
        return [words.kline_row(bar, seconds) for bar in bars if start is None or bar.start >= start]

    def _trades(self, request: Request) -> object:
        shown, limit = self._shown(request), _limit(request, 500, 1_000)
        return [words.trade_row(each) for each in list(shown.prints)[-limit:]]

    def _aggregates(self, request: Request) -> object:
        shown, limit = self._shown(request), _limit(request, 500, 1_000)
        start, end = _instant(request, "startTime") or 0, _instant(request, "endTime")
        since = _integer(request, "fromId")
        rows = [
            words.aggregate_row(each, last)
            for each, last in words.aggregates(shown.prints)
            if start <= each.at and (end is None or each.at <= end) and (since is None or each.trade_id >= since)
        ]
        return rows[:limit] if since is not None or start else rows[-limit:]

    def _day(self, request: Request) -> object:
        symbols, is_single = self._several(request)
        rows = [tickers.row(self._view.market, symbol, self._view.now()) for symbol in symbols]
        return rows[0] if is_single else rows

    def _price(self, request: Request) -> object:
        symbols, is_single = self._several(request)
        rows = [
            {"symbol": name_of(symbol), "price": tickers.day_of(self._view.market, symbol).close} for symbol in symbols
        ]
        return rows[0] if is_single else rows

    def _best(self, request: Request) -> object:
        symbols, is_single = self._several(request)
        rows: list[Any] = []
        for symbol in symbols:
            shown = self._view.market.pairs[symbol]
            bid, ask = (shown.best(side) or ("0.00000000", "0.00000000") for side in (Side.BUY, Side.SELL))
            row = {
                "symbol": name_of(symbol),
                "bidPrice": bid[0],
                "bidQty": bid[1],
                "askPrice": ask[0],
                "askQty": ask[1],
            }
            rows.append(row | ({"time": shown.at // MILLI} if self._is_perpetual else {}))
        return rows[0] if is_single else rows


def _integer(request: Request, name: str) -> int | None:
    text = request.query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise Refused(-1100, f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'.")
    return int(text)


def _instant(request: Request, name: str) -> Nanos | None:
    millis = _integer(request, name)
    return None if millis is None else Nanos(millis * MILLI)


def _limit(request: Request, usual: int, most: int, *, quiet: bool = False) -> int:
    """Return how much is asked for; `quiet` does not refuse."""
    try:
        limit = _integer(request, "limit")
    except Refused:
        if quiet:
            return usual
        raise
    if limit is None:
        return usual
    if limit < 1 and not quiet:
        raise Refused(-1130, "Data sent for parameter 'limit' is not valid.")
    return min(limit, most)
