"""Kraken's side of a socket, interface 2: subscriptions with answers, books with checksums, heartbeats, pings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from engine.adapters.exchanges.kraken.rule import DEPTHS
from engine.adapters.exchanges.loopback.frame import Frame, Kind, Outgoing
from engine.adapters.exchanges.loopback.instant import rfc3339
from engine.adapters.exchanges.loopback.kraken import words
from engine.adapters.exchanges.loopback.kraken.depth import Depth
from engine.adapters.exchanges.loopback.told import Told
from engine.adapters.exchanges.loopback.venue import View
from engine.adapters.exchanges.loopback.written import encoded
from engine.adapters.exchanges.wire.heard import BookHeard, TradesHeard

CHANNELS = ("book", "trade", "ticker", "ohlc", "instrument", "status", "heartbeat")
PAST_TRADES = 50
RECORDED_DEPTH = 1_000
"""Of captured books; at this depth they are sent as they were."""


class _Refused(Exception):  # noqa: N818 - an answer in the venue's words
    """A subscription that is refused."""


class _Key(NamedTuple):
    """A subscription; one pair of one channel."""

    channel: str
    symbol: str
    argument: int = 0
    """Depth of a book, minutes of bars."""


class KrakenSession:
    """One connection; `recorded` if the source's texts are of this very interface."""

    def __init__(self, view: View, *, recorded: bool) -> None:
        self._view, self._recorded = view, recorded
        self._symbols = {words.wsname(symbol): symbol for symbol in view.market.pairs}
        self._subscribed: dict[_Key, Depth | None] = {}
        self._changed: set[str] = set()
        self._beats = 0

    def open(self) -> Iterable[Outgoing]:
        """Say that the venue is there."""
        data = {"api_version": "v2", "connection_id": id(self), "system": "online", "version": "2.0.10"}
        yield Frame(Kind.BEAT, encoded({"channel": "status", "type": "update", "data": [data]}))

    # Messages

    def hear(self, text: str) -> Iterable[Outgoing]:
        """Answer a message."""
        try:
            read = msgspec.json.decode(text)
        except msgspec.DecodeError:
            read = None
        if not isinstance(read, dict):
            yield self._answer({"error": "Malformed request", "success": False})
            return
        request = {"req_id": read["req_id"]} if isinstance(read.get("req_id"), int) else {}
        method = read.get("method")
        if method == "ping":
            yield self._answer({"method": "pong"} | request)
        elif method in ("subscribe", "unsubscribe") and isinstance(params := read.get("params"), dict):
            yield from self._ask(method, params, request)
        else:
            yield self._answer({"error": "Method not found", "method": str(method), "success": False} | request)

    def _ask(self, method: str, params: dict[str, Any], request: dict[str, Any]) -> Iterator[Outgoing]:
        channel = params.get("channel")
        if channel not in CHANNELS:
            yield self._answer({"error": "Channel field is invalid", "method": method, "success": False} | request)
            return
        symbols = params.get("symbol", [""] if channel in ("instrument", "status", "heartbeat") else [])
        if not isinstance(symbols, list) or not all(isinstance(each, str) for each in symbols) or not symbols:
            yield self._answer({"error": "Symbol(s) not found", "method": method, "success": False} | request)
            return
        for name in symbols:
            try:
                key = self._key(channel, name, params)
                follow = self._take(method, key, params)
            except _Refused as refused:
                head = {"error": str(refused), "method": method, "success": False, "symbol": name}
                yield self._answer(head | request)
                continue
            result: dict[str, Any] = {"channel": channel} | ({"symbol": name} if name else {})
            if channel == "book":
                result["depth"] = key.argument
            if channel == "ohlc":
                result["interval"] = key.argument
            if method == "subscribe":
                result["snapshot"] = params.get("snapshot", True) is not False
            yield self._answer({"method": method, "result": result, "success": True} | request)
            yield from follow

    def _key(self, channel: str, name: str, params: dict[str, Any]) -> _Key:
        if name and name not in self._symbols:
            raise _Refused(f"Currency pair not supported {name[:40]}")
        argument = 0
        if channel == "book":
            argument = params.get("depth", 10)
            if argument not in DEPTHS:
                raise _Refused("Subscription depth not supported")
        if channel == "ohlc":
            argument = params.get("interval", 1)
            if argument not in words.INTERVALS:
                raise _Refused("Subscription ohlc interval not supported")
        return _Key(channel, self._symbols.get(name, ""), argument)

    def _take(self, method: str, key: _Key, params: dict[str, Any]) -> Iterable[Outgoing]:
        """Change the subscriptions; return what is sent after the answer."""
        if method == "unsubscribe":
            if key not in self._subscribed:
                raise _Refused("Subscription Not Found")
            del self._subscribed[key]
            return ()
        if any(have[:2] == key[:2] and (key.channel == "book" or have == key) for have in self._subscribed):
            raise _Refused(
                "Already subscribed to one or more symbols on this channel" if key.symbol else "Already subscribed"
            )
        self._subscribed[key] = Depth(key.argument) if key.channel == "book" else None
        return self._first(key, is_wanted=params.get("snapshot", True) is not False)

    def _first(self, key: _Key, *, is_wanted: bool) -> Iterator[Outgoing]:
        """Return the snapshot of a subscription; of a book there is none before the market has one."""
        market, now = self._view.market, self._view.now()
        if key.channel == "book":
            if market.pairs[key.symbol].last:
                yield self._picture(key)
        elif not is_wanted:
            return
        elif key.channel == "trade":
            prints = list(market.pairs[key.symbol].prints)[-PAST_TRADES:]
            yield Frame(Kind.TRADES, encoded(words.trades(key.symbol, "snapshot", prints)))
        elif key.channel == "ticker":
            yield Frame(Kind.TICKER, encoded(words.ticker(market, key.symbol, "snapshot", now)))
        elif key.channel == "ohlc":
            bars = market.bars(key.symbol, key.argument * 60)
            yield Frame(Kind.TICKER, encoded(words.ohlc(key.symbol, key.argument, "snapshot", bars)))
        elif key.channel == "instrument":
            listings = [shown.listing for shown in market.pairs.values()]
            yield Frame(Kind.ANSWER, encoded(words.instruments(listings)))

    def _picture(self, key: _Key) -> Frame:
        depth = self._subscribed[key]
        assert depth is not None, "books have a depth"  # noqa: S101 - see `_take`
        picture = self._view.pictured(self._view.market.pairs[key.symbol])
        bids, asks, checksum = depth.picture(picture)
        at = picture.at or self._view.now()
        return Frame(Kind.BOOK, encoded(words.book(key.symbol, "snapshot", bids, asks, checksum, at)))

    def _answer(self, what: dict[str, Any]) -> Frame:
        now = rfc3339(self._view.now())
        return Frame(Kind.ANSWER, encoded(what | {"time_in": now, "time_out": now}))

    # What happens

    def tell(self, told: Told) -> Iterable[Outgoing]:
        """Send what happened to those who subscribed to it."""
        what = told.what
        self._changed.add(what.native)
        for key, depth in tuple(self._subscribed.items()):
            if key.symbol != what.native:
                continue
            if key.channel == "book" and isinstance(what, BookHeard) and depth is not None:
                yield from self._book(key, depth, what, told.recorded)
            elif key.channel == "trade" and isinstance(what, TradesHeard):
                recorded = told.recorded if self._recorded else ""
                yield Frame(Kind.TRADES, recorded or encoded(words.trades(key.symbol, "update", what.prints)))

    def _book(self, key: _Key, depth: Depth, what: BookHeard, recorded: str) -> Iterator[Frame]:
        if what.is_snapshot:
            yield self._picture(key)
        elif recorded and self._recorded and key.argument == RECORDED_DEPTH:
            yield Frame(Kind.BOOK, recorded)
        else:
            bids, asks, checksum = depth.changes(what, self._view.market.pairs[key.symbol].book)
            if bids or asks:
                yield Frame(Kind.BOOK, encoded(words.book(key.symbol, "update", bids, asks, checksum, what.at)))

    def beat(self, open_s: float) -> Iterable[Outgoing]:
        """Send a heartbeat each second, tickers and bars that changed."""
        self._beats += 1
        changed, market, now = self._changed, self._view.market, self._view.now()
        is_second = self._beats % 10 == 0
        for key in tuple(self._subscribed):
            if key.symbol not in changed:
                continue
            if key.channel == "ticker":
                yield Frame(Kind.TICKER, encoded(words.ticker(market, key.symbol, "update", now)))
            elif key.channel == "ohlc" and is_second:
                bars = market.bars(key.symbol, key.argument * 60, count=1)
                yield Frame(Kind.TICKER, encoded(words.ohlc(key.symbol, key.argument, "update", bars)))
        if is_second:
            self._changed = set()
            if self._subscribed:
                yield Frame(Kind.BEAT, '{"channel":"heartbeat"}')

    def farewell(self) -> Iterable[Outgoing]:
        """Say that the venue goes into maintenance."""
        data = {"api_version": "v2", "connection_id": id(self), "system": "maintenance", "version": "2.0.10"}
        yield Frame(Kind.BEAT, encoded({"channel": "status", "type": "update", "data": [data]}))
