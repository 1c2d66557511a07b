"""Kraken's public requests, `/0/public/…`: every answer is an object of errors and a result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from engine.adapters.exchanges.kraken.name import old_name, rest_name
from engine.adapters.exchanges.loopback.bars import volume_text
from engine.adapters.exchanges.loopback.instant import rfc3339
from engine.adapters.exchanges.loopback.kraken.words import INTERVALS, average, places, rest_asset, wsname
from engine.adapters.exchanges.loopback.listing import Listing
from engine.adapters.exchanges.loopback.market import Shown
from engine.adapters.exchanges.loopback.venue import Answer, Request, View
from engine.adapters.exchanges.loopback.written import encoded
from engine.domain.number import NANOS_PER_SECOND
from engine.domain.order import Side

PREFIX = "/0/public/"
BARS, PRINTS, LEVELS = 720, 1_000, 500


class _Refused(Exception):  # noqa: N818 - an answer in the venue's words
    """A request that is refused."""


class KrakenRest:
    """Answers from a view of the market."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._names: dict[str, str] = {}
        for symbol in view.market.pairs:
            name = wsname(symbol)
            for word in (key_of(name), rest_name(name), old_name(name), name, name.replace("/", "")):
                self._names[word] = symbol
        self._routes: dict[str, Callable[[Request], object]] = {
            "Time": self._time, "SystemStatus": self._status, "Assets": self._assets, "AssetPairs": self._pairs,
            "OHLC": self._bars, "Trades": self._trades, "Depth": self._depth, "Ticker": self._ticker,
        }  # fmt: skip

    def answer(self, request: Request) -> Answer:
        """Return the answer; errors come with status 200, as there."""
        route = self._routes.get(request.path.removeprefix(PREFIX))
        if not request.path.startswith(PREFIX) or route is None:
            return Answer(encoded({"error": ["EGeneral:Unknown method"]}))
        try:
            return Answer(encoded({"error": [], "result": route(request)}))
        except _Refused as refused:
            return Answer(encoded({"error": [str(refused)]}))

    def refused(self, status: int, retry_s: int) -> Answer:
        """Return the words of a limit."""
        return Answer(encoded({"error": ["EGeneral:Too many requests"]}), status, {"Retry-After": str(retry_s)})

    def _shown(self, request: Request) -> Shown:
        name = request.query.get("pair", "")
        if not name:
            raise _Refused("EGeneral:Invalid arguments")
        return self._view.market.pairs[self._symbol(name)]

    def _symbol(self, name: str) -> str:
        if name not in self._names:
            raise _Refused("EQuery:Unknown asset pair")
        return self._names[name]

    def _chosen(self, request: Request) -> list[str]:
        names = request.query.get("pair", "")
        return [self._symbol(name) for name in names.split(",")] if names else list(self._view.market.pairs)

    # Answers

    def _time(self, _request: Request) -> object:
        seconds = self._view.now() // NANOS_PER_SECOND
        written = datetime.fromtimestamp(seconds, UTC).strftime("%a, %d %b %y %H:%M:%S +0000")
        return {"unixtime": seconds, "rfc1123": written}

    def _status(self, _request: Request) -> object:
        return {"status": "online", "timestamp": rfc3339(self._view.now())}

    def _assets(self, _request: Request) -> object:
        listings = [shown.listing for shown in self._view.market.pairs.values()]
        codes = sorted({each.base for each in listings} | {each.quote for each in listings})
        return {
            rest_asset(code): {
                "aclass": "currency", "altname": old_name(f"{code}/X").partition("/")[0], "decimals": 10,
                "display_decimals": 5, "status": "enabled",
            }
            for code in codes
        }  # fmt: skip

    def _pairs(self, request: Request) -> object:
        listings = [self._view.market.pairs[symbol].listing for symbol in self._chosen(request)]
        return {key_of(wsname(each.symbol)): _pair(each) for each in listings}

    def _depth(self, request: Request) -> object:
        shown, count = self._shown(request), _integer(request, "count", 100)
        picture = self._view.pictured(shown)
        at = self._view.now() // NANOS_PER_SECOND
        count = min(max(1, count), LEVELS)
        sides = {
            name: [[price, qty, at] for price, qty in side[:count]]
            for name, side in (("asks", picture.asks), ("bids", picture.bids))
        }
        return {key_of(wsname(shown.listing.symbol)): sides}

    def _trades(self, request: Request) -> object:
        shown, count = self._shown(request), min(max(1, _integer(request, "count", PRINTS)), PRINTS)
        since = _integer(request, "since", 0)
        since = since * NANOS_PER_SECOND if since < 10**12 else since
        rows = [
            [
                each.price, each.qty, each.at / NANOS_PER_SECOND, "b" if each.side is Side.BUY else "s", "m", "",
                each.trade_id,
            ]
            for each in shown.prints
            if each.at > since
        ]  # fmt: skip
        rows = rows[:count] if since else rows[-count:]
        last = max((each.at for each in shown.prints), default=self._view.now())
        return {key_of(wsname(shown.listing.symbol)): rows, "last": str(last)}

    def _bars(self, request: Request) -> object:
        shown, minutes = self._shown(request), _integer(request, "interval", 1)
        if minutes not in INTERVALS:
            raise _Refused("EGeneral:Invalid arguments")
        since = _integer(request, "since", 0) * NANOS_PER_SECOND
        bars = self._view.market.bars(shown.listing.symbol, minutes * 60, count=BARS)
        rows = [
            [
                bar.start // NANOS_PER_SECOND, bar.open, bar.high, bar.low, bar.close, average(bar),
                volume_text(bar.volume), bar.trades,
            ]
            for bar in bars
            if bar.start > since
        ]  # fmt: skip
        last = bars[-2].start if len(bars) > 1 else 0
        return {key_of(wsname(shown.listing.symbol)): rows, "last": last // NANOS_PER_SECOND}

    def _ticker(self, request: Request) -> object:
        return {key_of(wsname(symbol)): self._figures(symbol) for symbol in self._chosen(request)}

    def _figures(self, symbol: str) -> dict[str, Any]:
        market = self._view.market
        shown, day = market.pairs[symbol], market.day(symbol)
        bid, ask = (shown.best(side) or ("0", "0") for side in (Side.BUY, Side.SELL))
        figures: dict[str, Any] = {"a": [ask[0], "1", ask[1]], "b": [bid[0], "1", bid[1]]}
        if day is None:
            return figures
        last = shown.prints[-1].qty if shown.prints else "0"
        volume, mean = volume_text(day.volume), average(day)
        return figures | {
            "c": [day.close, last], "v": [volume, volume], "p": [mean, mean], "t": [day.trades, day.trades],
            "l": [day.low, day.low], "h": [day.high, day.high], "o": day.open,
        }  # fmt: skip


def key_of(name: str) -> str:
    """Return how answers name a pair: `XXBTZUSD` for BTC/USD, `XBTUSDT` for BTC/USDT."""
    base, _, quote = name.partition("/")
    old = rest_asset(base), rest_asset(quote)
    return "".join(old) if old[0] != base and old[1] != quote else rest_name(name)


def _pair(listing: Listing) -> dict[str, Any]:
    name = wsname(listing.symbol)
    return {
        "altname": rest_name(name), "wsname": old_name(name), "aclass_base": "currency",
        "base": rest_asset(listing.base), "aclass_quote": "currency", "quote": rest_asset(listing.quote), "lot": "unit",
        "cost_decimals": 8, "pair_decimals": places(listing.tick), "lot_decimals": places(listing.lot),
        "lot_multiplier": 1, "leverage_buy": [], "leverage_sell": [], "fees": [[0, 0.4]], "fees_maker": [[0, 0.25]],
        "fee_volume_currency": "ZUSD", "margin_call": 80, "margin_stop": 40, "ordermin": listing.lot,
        "costmin": listing.min_notional, "tick_size": listing.tick, "status": "online",
    }  # fmt: skip


def _integer(request: Request, name: str, usual: int) -> int:
    text = request.query.get(name)
    if text is None:
        return usual
    try:
        return int(text.partition(".")[0])
    except ValueError:
        raise _Refused("EGeneral:Invalid arguments") from None
