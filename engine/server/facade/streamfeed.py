"""The streams that somebody listens to, fed from the bus and a beat; while nobody listens nothing runs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from engine.bus import Bus, Subscription
from engine.domain.market import BookDiff
from engine.domain.pair import TradingPair
from engine.ports.feed import TradesPrinted
from engine.server.facade.fault import Fault
from engine.server.facade.instrument import Instruments
from engine.server.facade.intervals import INTERVALS
from engine.server.facade.streaming import (
    FAST,
    SECOND,
    AggregateStream,
    AllTickersStream,
    CandleStream,
    DepthStream,
    PairStream,
    QuoteStream,
    Stream,
    TickerStream,
    TopStream,
    TradeStream,
    full_day,
    mini_day,
)
from engine.server.market import MarketView
from engine.server.ws.channel import Channel
from engine.services.task import TaskOwner

BEAT_S = 0.1
_DEPTH = re.compile(r"depth(5|10|20)?(@100ms|@1000ms)?\Z")
_CANDLE = re.compile(r"kline_(\w+)\Z")
_DAYS = {"ticker": full_day, "miniTicker": mini_day}


class StreamFeed:
    """All market streams of a process, by name."""

    def __init__(self, bus: Bus, market: MarketView) -> None:
        self._bus, self._market = bus, market
        self._streams: dict[str, Stream] = {}
        self._by_symbol: dict[str, list[PairStream]] = {}
        self._subscriptions: tuple[Subscription, ...] = ()
        self._tasks = TaskOwner("facade streams")

    def find(self, name: str, *, wrapped: bool) -> Channel:
        """Return the channel of a stream.

        Raises:
            Fault: there is no such stream.
        """
        stream = self._streams.get(name)
        if stream is None:
            stream = self._streams[name] = self._make(name)
            if isinstance(stream, PairStream):
                self._by_symbol.setdefault(stream.pair.symbol, []).append(stream)
            if not self._subscriptions:
                self._begin()
        return stream.channel(wrapped=wrapped)

    def _make(self, name: str) -> Stream:
        market = self._market

        def on_empty() -> None:
            self._forget(name)

        for word, event in _DAYS.items():
            if name in (f"!{word}@arr", f"!{word}@arr@1000ms"):  # python-binance names the pace too
                return AllTickersStream(name, market, on_empty, event)
        symbol, _, kind = name.partition("@")
        pair = Instruments(market.pairs()).find(symbol.upper())
        stream = None if pair is None else _pair_stream(name, kind, pair, market, on_empty)
        if stream is None:
            raise Fault(2, f"Invalid request: there is no stream {name[:60]!r} here.")
        return stream

    def _begin(self) -> None:
        self._subscriptions = (
            self._bus.subscribe(TradesPrinted, self._on_trades),
            self._bus.subscribe(BookDiff, self._on_diff),
        )
        self._tasks.start(self._beat())

    def _forget(self, name: str) -> None:
        stream = self._streams.pop(name, None)
        if isinstance(stream, PairStream):
            self._by_symbol[stream.pair.symbol].remove(stream)
        if not self._streams:
            for subscription in self._subscriptions:
                subscription.close()
            self._subscriptions = ()
            self._tasks.close()

    def _on_trades(self, event: TradesPrinted) -> None:
        for stream in tuple(self._by_symbol.get(event.symbol, ())):
            stream.on_trades(event.ticks)

    def _on_diff(self, diff: BookDiff) -> None:
        for stream in tuple(self._by_symbol.get(diff.symbol, ())):
            stream.on_diff(diff)

    async def _beat(self) -> None:
        beat = 0
        while True:
            await asyncio.sleep(BEAT_S)
            beat += 1
            for stream in tuple(self._streams.values()):
                if stream.pace and beat % stream.pace == 0:
                    await stream.on_beat()


def _pair_stream(
    name: str, kind: str, pair: TradingPair, market: MarketView, on_empty: Callable[[], None]
) -> PairStream | None:
    plain: dict[str, type[PairStream]] = {"trade": TradeStream, "aggTrade": AggregateStream, "bookTicker": QuoteStream}
    if kind in plain:
        return plain[kind](name, market, on_empty, pair)
    if kind in _DAYS:
        return TickerStream(name, market, on_empty, pair, _DAYS[kind])
    if (found := _CANDLE.match(kind)) and found[1] in INTERVALS:
        return CandleStream(name, market, on_empty, pair, INTERVALS[found[1]])
    if found := _DEPTH.match(kind):
        pace = FAST if found[2] == "@100ms" else SECOND
        if found[1]:
            return TopStream(name, market, on_empty, pair, pace, int(found[1]))
        return DepthStream(name, market, on_empty, pair, pace)
    return None
