"""Binance's side of a socket: `/ws`, `/ws/<stream>`, `/stream?streams=…`, and what each stream is sent.

Subscriptions to a stream that does not exist are answered like any other and bring nothing, as there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from engine.adapters.exchanges.loopback.binance import tickers, words
from engine.adapters.exchanges.loopback.binance.names import Stream, stream_of
from engine.adapters.exchanges.loopback.binance.orders import Malformed, Order, order_of
from engine.adapters.exchanges.loopback.binance.words import INTERVALS, name_of
from engine.adapters.exchanges.loopback.frame import Frame, Kind, Outgoing
from engine.adapters.exchanges.loopback.told import Told
from engine.adapters.exchanges.loopback.venue import View
from engine.adapters.exchanges.loopback.written import encoded
from engine.adapters.exchanges.wire.heard import BookHeard, TradesHeard, WireLevel

STREAMS = 1_024
"""Streams that one connection may listen to."""
_KINDS = {"depth": Kind.BOOK, "top": Kind.BOOK, "trade": Kind.TRADES, "aggTrade": Kind.TRADES}


class BinanceSession:
    """One connection; `is_combined` wraps events with the name of their stream."""

    def __init__(
        self, view: View, symbols: Mapping[str, str], first: Sequence[str], *, is_combined: bool, recorded: bool,
        is_perpetual: bool = False,
    ) -> None:  # fmt: skip
        self._view, self._symbols = view, symbols
        self._is_perpetual, self.is_combined = is_perpetual, is_combined
        self._recorded = recorded
        """Whether texts of the source are this venue's own."""
        self._names: dict[str, Stream | None] = {}
        self._by_symbol: dict[str, list[Stream]] = {}
        self._changed: set[str] = set()
        self._merged: dict[str, BookHeard] = {}
        """Diffs gathered for streams of a slower pace, by stream."""
        self._closed: dict[str, int] = {}
        """When the last candle began that was sent as closed, by stream."""
        self._beats = 0
        for name in first:
            self._subscribe(name)

    def open(self) -> Iterable[Outgoing]:
        """Say nothing."""
        return ()

    # Messages

    def hear(self, text: str) -> Iterable[Outgoing]:
        """Answer a message."""
        try:
            order = order_of(text)
            return [_answer({"result": self._carry_out(order), "id": order.id})]
        except Malformed as error:
            return [_answer({"error": {"code": error.code, "msg": error.text}, "id": error.request})]

    def _carry_out(self, order: Order) -> object:
        if order.method == "LIST_SUBSCRIPTIONS":
            return list(self._names)
        if order.method == "GET_PROPERTY":
            if order.params != ["combined"]:
                raise Malformed(0, "Unknown property", order.id)
            return self.is_combined
        if order.method == "SET_PROPERTY":
            if len(order.params) != 2 or order.params[0] != "combined":
                raise Malformed(0, "Unknown property", order.id)
            if not isinstance(order.params[1], bool):
                raise Malformed(1, "Invalid value type: expected Boolean", order.id)
            self.is_combined = order.params[1]
            return None
        if not all(isinstance(each, str) for each in order.params):
            raise Malformed(2, "Invalid request: invalid type, expected a string", order.id)
        if order.method == "SUBSCRIBE" and len({*self._names, *order.params}) > STREAMS:
            raise Malformed(2, "Invalid request: too many parameters", order.id)
        for name in order.params:
            (self._subscribe if order.method == "SUBSCRIBE" else self._unsubscribe)(name)
        return None

    def _subscribe(self, name: str) -> None:
        if name in self._names:
            return
        stream = self._names[name] = stream_of(name, self._symbols)
        if stream is not None:
            self._by_symbol.setdefault(stream.symbol, []).append(stream)
            self._changed.add(stream.symbol)

    def _unsubscribe(self, name: str) -> None:
        stream = self._names.pop(name, None)
        if stream is not None:
            self._by_symbol[stream.symbol].remove(stream)
            self._merged.pop(name, None)

    # What happens

    def tell(self, told: Told) -> Iterable[Outgoing]:
        """Send what happened to the streams that it belongs to."""
        what, symbol = told.what, told.what.native
        self._changed.add(symbol)
        for stream in self._by_symbol.get(symbol, ()):
            if isinstance(what, BookHeard):
                yield from self._book(stream, what, told.recorded)
            elif isinstance(what, TradesHeard):
                yield from self._trades(stream, what, told.recorded)
            elif self._recorded and stream.kind == what.stream:
                yield self._frame(stream, told.recorded)

    def _book(self, stream: Stream, what: BookHeard, recorded: str) -> Iterator[Frame]:
        name = name_of(stream.symbol)
        if stream.kind == "bookTicker" and not self._is_recorded(stream):
            best = words.best(
                name, self._view.market.pairs[stream.symbol], self._view.now(), is_perpetual=self._is_perpetual
            )
            yield self._frame(stream, encoded(best))
        if stream.kind != "depth" or what.is_snapshot:
            return
        if stream.argument not in ("@100ms", "@0ms"):
            self._merge(stream, what)
        elif recorded and self._recorded:
            yield self._frame(stream, recorded)
        else:
            chained = what if self._is_perpetual else what._replace(first=what.previous + 1)
            yield self._frame(stream, encoded(words.depth_update(name, chained, is_perpetual=self._is_perpetual)))

    def _is_recorded(self, stream: Stream) -> bool:
        return self._recorded and stream.symbol in self._view.market.with_best

    def _merge(self, stream: Stream, what: BookHeard) -> None:
        before = self._merged.get(stream.name)
        if before is None:
            self._merged[stream.name] = what._replace(first=what.previous + 1)
            return
        bids, asks = (_newest([*old, *new]) for old, new in ((before.bids, what.bids), (before.asks, what.asks)))
        self._merged[stream.name] = before._replace(bids=bids, asks=asks, last=what.last, at=what.at)

    def _trades(self, stream: Stream, what: TradesHeard, recorded: str) -> Iterator[Frame]:
        name = name_of(stream.symbol)
        if stream.kind == "trade" and recorded and self._recorded:
            yield self._frame(stream, recorded)
        elif stream.kind == "trade":
            for each in what.prints:
                yield self._frame(stream, encoded(words.trade(name, each, is_perpetual=self._is_perpetual)))
        elif stream.kind == "aggTrade":
            for each, last in words.aggregates(what.prints):
                yield self._frame(stream, encoded(words.aggregate_trade(name, each, last)))

    # Time

    def beat(self, open_s: float) -> Iterable[Outgoing]:
        """Send what goes by the clock: top levels ten times a second, tickers and candles once, if they changed."""
        self._beats += 1
        is_second = self._beats % 10 == 0
        changed = self._changed
        for name, stream in tuple(self._names.items()):
            if stream is None or (stream.symbol and stream.symbol not in changed):
                continue
            if stream.kind == "top":
                yield self._frame(stream, self._top(stream))
            elif is_second or (stream.argument in ("@250ms", "@500ms") and self._beats % 5 == 0):
                yield from self._slow(name, stream)
        if is_second:
            self._changed = set()

    def _slow(self, name: str, stream: Stream) -> Iterator[Frame]:
        market, now = self._view.market, self._view.now()
        if stream.kind == "depth" and name in self._merged:
            what = self._merged.pop(name)
            update = words.depth_update(name_of(stream.symbol), what, is_perpetual=self._is_perpetual)
            yield self._frame(stream, encoded(update))
        elif stream.kind == "kline":
            yield from self._candles(stream)
        elif stream.kind == "ticker":
            yield self._frame(stream, encoded(tickers.event(market, stream.symbol, now)))
        elif stream.kind == "miniTicker":
            yield self._frame(stream, encoded(tickers.mini(market, stream.symbol, now)))
        elif stream.kind.startswith("!"):
            yield from self._everyone(stream)

    def _everyone(self, stream: Stream) -> Iterator[Frame]:
        market, now = self._view.market, self._view.now()
        if stream.kind == "!bookTicker":
            for symbol, shown in market.pairs.items():
                best = words.best(name_of(symbol), shown, now, is_perpetual=self._is_perpetual)
                yield self._frame(stream, encoded(best))
            return
        one = tickers.event if stream.kind == "!ticker@arr" else tickers.mini
        traded = [symbol for symbol in market.pairs if symbol in self._changed]
        if traded:
            yield self._frame(stream, encoded([one(market, symbol, now) for symbol in traded]))

    def _candles(self, stream: Stream) -> Iterator[Frame]:
        bars = self._view.market.bars(stream.symbol, INTERVALS[stream.argument], count=2)
        name, now = name_of(stream.symbol), self._view.now()
        for bar in bars:
            is_open = bar is bars[-1]
            if is_open or self._closing(stream, bar.start):
                yield self._frame(stream, encoded(words.kline(name, stream.argument, bar, now, is_closed=not is_open)))

    def _closing(self, stream: Stream, start: int) -> bool:
        """Whether a closed candle was not sent as closed yet; the first one seen was before us."""
        before = self._closed.get(stream.name)
        self._closed[stream.name] = start
        return before is not None and before < start

    def _top(self, stream: Stream) -> str:
        shown, count = self._view.market.pairs[stream.symbol], int(stream.argument)
        bids, asks = shown.top(count)
        if not self._is_perpetual:
            return encoded({"lastUpdateId": shown.last, "bids": bids, "asks": asks})
        what = BookHeard(stream.symbol, False, bids, asks, shown.last, shown.last, shown.previous, None, shown.at)
        return encoded(words.depth_update(name_of(stream.symbol), what, is_perpetual=True))

    def farewell(self) -> Iterable[Outgoing]:
        """Say that the venue is about to go down."""
        yield _answer({"e": "serverShutdown", "E": self._view.now() // words.MILLI})

    def _frame(self, stream: Stream, text: str) -> Frame:
        kind = _KINDS.get(stream.kind, Kind.TICKER)
        return Frame(kind, f'{{"stream":"{stream.name}","data":{text}}}' if self.is_combined else text)


def _answer(event: object) -> Frame:
    return Frame(Kind.ANSWER, encoded(event))


def _newest(levels: Sequence[WireLevel]) -> list[WireLevel]:
    return list({level[0]: level for level in levels}.values())
