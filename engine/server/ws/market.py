"""Public channels: books, prints, tickers, bars, state. What happens is encoded once, and only if anybody listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from engine.bus import Bus
from engine.domain.market import Bar, BookDiff, Timeframe
from engine.domain.number import Nanos
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.ports.feed import FeedStateChanged, TradesPrinted
from engine.server.market import MarketView, shape
from engine.server.refusal import not_found
from engine.server.ws.channel import ONLY, Channel
from engine.services.bars import BarClosed
from engine.services.task import TaskOwner
from engine.wire.stream import MarketState, Message

TOP = 20
"""Levels of the channel `book20`."""

TOP_S = 0.2
"""The shortest pause between its messages."""

FORMING_S = 0.5
"""The shortest pause between tickers of a pair, and between looks of a forming bar."""

BOOK_DEPTH = 1000
"""Levels a side of a snapshot."""

ALL_TICKERS = "ticker:*"

_ENCODER = msgspec.json.Encoder()


class MarketChannels:
    """The public channels of one market, made when somebody asks for them."""

    def __init__(self, bus: Bus, view: MarketView) -> None:
        self._view = view
        self._channels: dict[str, Channel] = {}
        self._seqs: dict[str, int] = {}
        """The last diff that the channel of a book told, by symbol."""
        self._moved: set[str] = set()
        """Pairs whose book changed since `book20` was sent."""
        self._traded: set[str] = set()
        """Pairs of which something changed since tickers and bars were sent."""
        self._state_text = ""
        self._tasks = TaskOwner("market channels")
        self._makers: dict[str, Callable[[str, TradingPair], Channel]] = {
            "book": self._book_channel,
            "book20": self._top_channel,
            "trades": self._plain_channel,
            "ticker": self._ticker_channel,
        }
        self._subscriptions = (
            bus.subscribe(BookDiff, self._on_diff),
            bus.subscribe(TradesPrinted, self._on_trades),
            bus.subscribe(BarClosed, self._on_bar_closed),
            bus.subscribe(FeedStateChanged, self._on_state),
        )

    def start(self) -> None:
        """Send what is sent at a pace."""
        self._tasks.start(_every(TOP_S, self.send_tops))
        self._tasks.start(_every(FORMING_S, self.send_forming))

    async def close(self) -> None:
        """Send nothing more."""
        for subscription in self._subscriptions:
            subscription.close()
        await self._tasks.join()

    @property
    def open(self) -> int:
        """How many channels somebody listens to."""
        return len(self._channels)

    def find(self, name: str) -> Channel:
        """Return a channel by its name.

        Raises:
            Refusal: there is no such channel.
            InvalidInput: its pair or timeframe is not known.
        """
        found = self._channels.get(name)
        if found is None:
            found = self._channels[name] = self._made(name)
        return found

    def _made(self, name: str) -> Channel:
        kind, _, rest = name.partition(":")
        if name == "status":
            return Channel(name, fresh=self._status, on_empty=self._gone)
        if name == ALL_TICKERS:
            return self._all_tickers()
        if kind == "bars":
            return self._bars_channel(name, *_split(rest))
        maker = self._makers.get(kind)
        if maker is None:
            raise not_found(f"There is no channel {name[:60]!r}.", "unknown_channel")
        return maker(name, self._view.pair(rest[:40]))

    def _gone(self, channel: Channel) -> None:
        self._channels.pop(channel.name, None)

    # Books

    def _book_channel(self, name: str, pair: TradingPair) -> Channel:
        return Channel(name, fresh=lambda: self._snapshot(name, pair, BOOK_DEPTH), on_empty=self._gone)

    def _top_channel(self, name: str, pair: TradingPair) -> Channel:
        return Channel(name, fresh=lambda: self._snapshot(name, pair, TOP), on_empty=self._gone)

    def _snapshot(self, name: str, pair: TradingPair, depth: int) -> bytes:
        book = self._view.snapshot(pair.symbol, depth)
        return encoded(name, "snapshot", book.at, shape.book_of(book, pair), seq=book.seq)

    def _on_diff(self, diff: BookDiff) -> None:
        symbol = diff.symbol
        self._moved.add(symbol)
        self._traded.add(symbol)
        name = f"book:{symbol}"
        channel, before = self._channels.get(name), self._seqs.get(symbol)
        self._seqs[symbol] = diff.seq
        if channel is None:
            return
        pair = self._view.pair(symbol)
        if before is None or diff.first_seq == before + 1:
            payload = encoded(name, "diff", diff.at, shape.change_of(diff, pair), seq=diff.seq)
        else:  # the market was seen anew
            payload = self._snapshot(name, pair, BOOK_DEPTH)
        channel.replace(payload)

    # Prints

    def _plain_channel(self, name: str, _pair: TradingPair) -> Channel:
        return Channel(name, on_empty=self._gone)

    def _on_trades(self, event: TradesPrinted) -> None:
        self._traded.add(event.symbol)
        name = f"trades:{event.symbol}"
        channel = self._channels.get(name)
        if channel is not None:
            pair, ticks = self._view.pair(event.symbol), event.ticks
            trades = tuple(shape.trade_of(tick, pair) for tick in ticks)
            channel.publish(encoded(name, "trades", ticks[-1].at, trades, seq=ticks[-1].trade_id))

    # Tickers

    def _ticker_channel(self, name: str, pair: TradingPair) -> Channel:
        channel = Channel(name, on_empty=self._gone)
        channel.replace(self._ticker(name, pair.symbol))
        return channel

    def _all_tickers(self) -> Channel:
        channel = Channel(ALL_TICKERS, on_empty=self._gone)
        for pair in self._view.pairs():
            channel.replace(self._ticker(ALL_TICKERS, pair.symbol), pair.symbol)
        return channel

    def _ticker(self, name: str, symbol: str) -> bytes:
        return encoded(name, "ticker", self._view.now, self._view.ticker(symbol))

    # Bars

    def _bars_channel(self, name: str, symbol: str, timeframe: Timeframe) -> Channel:
        channel = Channel(name, on_empty=self._gone)
        self._view.pair(symbol)
        self._send_bar(channel, self._view.forming(symbol, timeframe))
        return channel

    def _send_bar(self, channel: Channel, bar: Bar | None) -> None:
        if bar is not None:
            data = shape.bar_of(bar, self._view.pair(bar.symbol))
            channel.replace(encoded(channel.name, "bar", self._view.now, data))

    def _on_bar_closed(self, event: BarClosed) -> None:
        bar = event.bar
        name = f"bars:{bar.symbol}:{event.timeframe}"
        channel = self._channels.get(name)
        if channel is not None:
            data = shape.bar_of(bar, self._view.pair(bar.symbol))
            channel.publish(encoded(name, "bar_closed", Nanos(bar.start + event.timeframe.nanos), data))

    # The market's state

    def _status(self) -> bytes:
        now = self._view.now
        return encoded("status", "status", now, MarketState(self._view.state, self._state_text, now // 1_000_000))

    def _on_state(self, event: FeedStateChanged) -> None:
        self._state_text = event.text
        channel = self._channels.get("status")
        if channel is not None:
            channel.replace(self._status())

    # What is sent at a pace

    def send_tops(self) -> None:
        """Send the tops of the books that changed."""
        moved, self._moved = self._moved, set()
        for symbol in moved:
            channel = self._channels.get(f"book20:{symbol}")
            if channel is not None:
                channel.replace(self._snapshot(channel.name, self._view.pair(symbol), TOP))

    def send_forming(self) -> None:
        """Send tickers and forming bars of the pairs of which something changed."""
        traded, self._traded = self._traded, set()
        for symbol in traded:
            for name, key in ((f"ticker:{symbol}", ONLY), (ALL_TICKERS, symbol)):
                channel = self._channels.get(name)
                if channel is not None:
                    channel.replace(self._ticker(name, symbol), key)
            for timeframe in Timeframe:
                channel = self._channels.get(f"bars:{symbol}:{timeframe}")
                if channel is not None:
                    self._send_bar(channel, self._view.forming(symbol, timeframe))


def encoded(ch: str, kind: str, at: Nanos, data: object, *, seq: int | None = None, prev: int | None = None) -> bytes:
    """Return a message as it travels."""
    return _ENCODER.encode(Message(ch=ch, type=kind, ts=at // 1_000_000, data=data, seq=seq, prev=prev))


def _split(text: str) -> tuple[str, Timeframe]:
    symbol, mark, timeframe = text.rpartition(":")
    if not mark:
        raise InvalidInput("Name a pair and a timeframe, as in bars:BTC/USDT:1m.")
    return symbol[:40], Timeframe.parse(timeframe[:10])


async def _every(period_s: float, send: Callable[[], None]) -> None:
    """Send at a pace; what could not be sent in its turn is left out, never made up for."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        due = max(due + period_s, loop.time() + period_s / 2)
        await asyncio.sleep(due - loop.time())
        send()
