"""Binance's market streams, each as an object that is told what happens and sends what it makes of it.

Events are encoded once for all who listen, raw and wrapped (`{"stream":…,"data":…}`). What must not be missed (prints,
diffs of the book, closed candles) is published; of the rest only the newest counts.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

import msgspec

from engine.domain.market import BookDiff, Level, Quote, TradeTick
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.server.facade.answers import MILLI
from engine.server.facade.day import day_of
from engine.server.facade.instrument import levels, name_of, price_text, qty_text, quote_text
from engine.server.facade.intervals import Candle, Interval, add, fold, of_bar
from engine.server.market import MarketView
from engine.server.ws.channel import Channel

_ENCODER = msgspec.json.Encoder()
FAST, SECOND = 1, 10
"""Paces, in beats of a tenth of a second."""


class Stream:
    """One stream; `pace` says every how many beats it is asked, 0 never."""

    pace = 0

    def __init__(self, name: str, market: MarketView, on_empty: Callable[[], None]) -> None:
        self.name, self.market = name, market
        self._on_empty = on_empty
        self._raw = Channel(name, on_empty=self._gone)
        self._wrapped = Channel(f"stream {name}", on_empty=self._gone)

    def channel(self, *, wrapped: bool) -> Channel:
        """Return where its messages go."""
        return self._wrapped if wrapped else self._raw

    @property
    def is_empty(self) -> bool:
        """Whether nobody listens."""
        return not self._raw.clients and not self._wrapped.clients

    def _gone(self, _channel: Channel) -> None:
        if self.is_empty:
            self._on_empty()

    def send(self, event: Any, *, newest: bool = False) -> None:  # noqa: ANN401 - what JSON can say
        """Send an event; `newest` if older ones do not count any more."""
        payload = _ENCODER.encode(event)
        for channel in (self._raw, self._wrapped):
            if channel.clients:
                told = payload if channel is self._raw else b'{"stream":"%s","data":%s}' % (self.name.encode(), payload)
                (channel.replace if newest else channel.publish)(told)

    def on_trades(self, ticks: tuple[TradeTick, ...]) -> None:
        """Prints were made."""

    def on_diff(self, diff: BookDiff) -> None:
        """The book changed."""

    async def on_beat(self) -> None:
        """Time passed."""


class PairStream(Stream):
    """A stream of one pair."""

    def __init__(self, name: str, market: MarketView, on_empty: Callable[[], None], pair: TradingPair) -> None:
        super().__init__(name, market, on_empty)
        self.pair = pair

    @property
    def now_ms(self) -> int:
        """The market's time."""
        return self.market.now // MILLI


class TradeStream(PairStream):
    """Every print."""

    def on_trades(self, ticks: tuple[TradeTick, ...]) -> None:
        """Send them."""
        for tick in ticks:
            self.send(self._event(tick))

    def _event(self, tick: TradeTick) -> dict[str, Any]:
        pair = self.pair
        return {
            "e": "trade", "E": self.now_ms, "s": name_of(pair), "t": tick.trade_id, "p": price_text(pair, tick.price),
            "q": qty_text(pair, tick.qty), "T": tick.at // MILLI, "m": tick.side is Side.SELL, "M": True,
        }  # fmt: skip


class AggregateStream(TradeStream):
    """Every print, as an aggregate of itself."""

    def _event(self, tick: TradeTick) -> dict[str, Any]:
        pair = self.pair
        return {
            "e": "aggTrade", "E": self.now_ms, "s": name_of(pair), "a": tick.trade_id,
            "p": price_text(pair, tick.price), "q": qty_text(pair, tick.qty), "f": tick.trade_id, "l": tick.trade_id,
            "T": tick.at // MILLI, "m": tick.side is Side.SELL, "M": True,
        }  # fmt: skip


class DepthStream(PairStream):
    """Changes of the book; the `U` of each is one more than the `u` before, `u` is `depth`'s `lastUpdateId`."""

    def __init__(
        self, name: str, market: MarketView, on_empty: Callable[[], None], pair: TradingPair, pace: int
    ) -> None:
        super().__init__(name, market, on_empty, pair)
        self.pace = pace
        self._first = self._last = 0
        self._bids: dict[Ticks, Lots] = {}
        self._asks: dict[Ticks, Lots] = {}

    def on_diff(self, diff: BookDiff) -> None:
        """Gather it; a break of the chain is sent as one, so that clients see it."""
        if self._first and diff.first_seq != self._last + 1:
            self._flush()
        self._first, self._last = self._first or diff.first_seq, diff.seq
        self._bids.update(diff.bids)
        self._asks.update(diff.asks)

    async def on_beat(self) -> None:
        """Send what was gathered."""
        if self._first:
            self._flush()

    def _flush(self) -> None:
        sides = [[Level(price, qty) for price, qty in side.items()] for side in (self._bids, self._asks)]
        event = {
            "e": "depthUpdate", "E": self.now_ms, "s": name_of(self.pair), "U": self._first, "u": self._last,
            "b": levels(self.pair, sides[0]), "a": levels(self.pair, sides[1]),
        }  # fmt: skip
        self._first = self._last = 0
        self._bids, self._asks = {}, {}
        self.send(event)


class TopStream(PairStream):
    """The best levels, whole."""

    def __init__(
        self, name: str, market: MarketView, on_empty: Callable[[], None], pair: TradingPair, pace: int, depth: int
    ) -> None:
        super().__init__(name, market, on_empty, pair)
        self.pace, self._depth, self._seq = pace, depth, -1

    async def on_beat(self) -> None:
        """Send them if the book changed."""
        book = self.market.snapshot(self.pair.symbol, self._depth)
        if book.seq == self._seq:
            return
        self._seq = book.seq
        bids, asks = levels(self.pair, book.bids), levels(self.pair, book.asks)
        self.send({"lastUpdateId": book.seq, "bids": bids, "asks": asks}, newest=True)


class QuoteStream(PairStream):
    """Best bid and ask whenever they change."""

    _quote: Quote | None = None

    def on_diff(self, diff: BookDiff) -> None:
        """Look at them."""
        quote, before, pair = self.market.quote(self.pair.symbol), self._quote, self.pair
        if before is not None and before[:5] == quote[:5]:
            return
        self._quote = quote
        event = {
            "u": diff.seq, "s": name_of(pair), "b": price_text(pair, quote.bid), "B": qty_text(pair, quote.bid_qty),
            "a": price_text(pair, quote.ask), "A": qty_text(pair, quote.ask_qty),
        }  # fmt: skip
        self.send(event, newest=True)


class TickerStream(PairStream):
    """The last 24 hours, once a second if they changed."""

    pace = SECOND

    def __init__(
        self, name: str, market: MarketView, on_empty: Callable[[], None], pair: TradingPair, event: DayEvent
    ) -> None:
        super().__init__(name, market, on_empty, pair)
        self._event = event
        self._traded = True

    def on_trades(self, ticks: tuple[TradeTick, ...]) -> None:
        """Note that there is something new."""
        self._traded = bool(ticks) or self._traded

    async def on_beat(self) -> None:
        """Send it."""
        if self._traded:
            self._traded = False
            self.send(self._event(self.market, self.pair), newest=True)


class AllTickersStream(Stream):
    """The last 24 hours of all pairs, once a second."""

    pace = SECOND

    def __init__(self, name: str, market: MarketView, on_empty: Callable[[], None], event: DayEvent) -> None:
        super().__init__(name, market, on_empty)
        self._event = event

    async def on_beat(self) -> None:
        """Send them."""
        self.send([self._event(self.market, pair) for pair in self.market.pairs()], newest=True)


class CandleStream(PairStream):
    """The forming candle as it changes, and every candle once more when it is closed."""

    pace = 5

    def __init__(
        self, name: str, market: MarketView, on_empty: Callable[[], None], pair: TradingPair, kind: Interval
    ) -> None:
        super().__init__(name, market, on_empty, pair)
        self._kind = kind
        self._source_start = -1
        """Where the source's forming bar began when `_base` was made."""
        self._base: list[Candle] = []
        """What closed bars make of the forming candle; nothing or one."""
        self._shown: Candle | None = None

    async def on_beat(self) -> None:
        """Send what changed."""
        forming = self.market.forming(self.pair.symbol, self._kind.source)
        if forming is None:
            return
        opening = self._kind.opening(forming.start)
        if forming.start != self._source_start:
            self._source_start = forming.start
            await self._close_until(Nanos(forming.start), opening)
        current = [copy(each) for each in self._base]
        add(current, self._kind, of_bar(forming))
        if current[-1] != self._shown:
            self._shown = current[-1]
            self._send(current[-1], closed=False)

    async def _close_until(self, now: Nanos, opening: int) -> None:
        """Read the closed bars anew; send the candle that is over with its last figures."""
        count = 2 * self._kind.bars + 1
        bars = await self.market.bars(self.pair.symbol, self._kind.source, end=now, count=count)
        candles = fold(bars, self._kind)
        if self._shown is not None and self._shown.start < opening:
            for each in candles:
                if self._shown.start <= each.start < opening:
                    self._send(each, closed=True)
        self._base = [each for each in candles if each.start == opening]

    def _send(self, candle: Candle, *, closed: bool) -> None:
        pair, kind = self.pair, self._kind
        event = {
            "e": "kline", "E": self.now_ms, "s": name_of(pair),
            "k": {
                "t": candle.start // MILLI, "T": kind.ending(candle.start) // MILLI - 1, "s": name_of(pair),
                "i": kind.name, "f": -1, "L": -1, "o": price_text(pair, candle.open),
                "c": price_text(pair, candle.close), "h": price_text(pair, candle.high),
                "l": price_text(pair, candle.low), "v": qty_text(pair, candle.lots), "n": candle.trades, "x": closed,
                "q": quote_text(pair, candle.tick_lots), "V": qty_text(pair, 0), "Q": price_text(pair, 0), "B": "0",
            },
        }  # fmt: skip
        self.send(event, newest=not closed)


DayEvent = Callable[[MarketView, TradingPair], dict[str, Any]]


def full_day(market: MarketView, pair: TradingPair) -> dict[str, Any]:
    """Return the event of a ticker."""
    told = day_of(market, pair)
    return {
        "e": "24hrTicker", "E": market.now // MILLI, "s": told["symbol"], "p": told["priceChange"],
        "P": told["priceChangePercent"], "w": told["weightedAvgPrice"], "x": told["prevClosePrice"],
        "c": told["lastPrice"], "Q": told["lastQty"], "b": told["bidPrice"], "B": told["bidQty"],
        "a": told["askPrice"], "A": told["askQty"], "o": told["openPrice"], "h": told["highPrice"],
        "l": told["lowPrice"], "v": told["volume"], "q": told["quoteVolume"], "O": told["openTime"],
        "C": told["closeTime"], "F": told["firstId"], "L": told["lastId"], "n": told["count"],
    }  # fmt: skip


def mini_day(market: MarketView, pair: TradingPair) -> dict[str, Any]:
    """Return the event of a small ticker."""
    told = day_of(market, pair, mini=True)
    return {
        "e": "24hrMiniTicker", "E": market.now // MILLI, "s": told["symbol"], "c": told["lastPrice"],
        "o": told["openPrice"], "h": told["highPrice"], "l": told["lowPrice"], "v": told["volume"],
        "q": told["quoteVolume"],
    }  # fmt: skip
