"""The feed of Coinbase Advanced Trade: every message in an envelope that is numbered by the connection.

A number that is missing may have been any pair's. Pairs in USDC share the books of those in USD and are answered under
that name. `side` of a trade is the maker's; prints here have the taker's.
Source: docs.cdp.coinbase.com/advanced-trade, WebSocket channels and overview.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

import msgspec

from engine.adapters.exchanges.book.sync import Rule
from engine.adapters.exchanges.book.unnumbered import UnnumberedRule
from engine.adapters.exchanges.coinbase.exchange import TAKER
from engine.adapters.exchanges.dialect.stream import Channel
from engine.adapters.exchanges.wire.heard import (
    UNKNOWN,
    Answered,
    Beat,
    BookHeard,
    Heard,
    Numbered,
    PrintHeard,
    TickerHeard,
    TradesHeard,
    WireLevel,
)
from engine.adapters.exchanges.wire.instant import rfc3339
from engine.adapters.exchanges.wire.scaled import LONGEST, is_modest, is_number
from engine.adapters.exchanges.wire.unreadable import UNREADABLE
from engine.domain.number import EXACT, Nanos
from engine.errors import Garbled

_CHANNELS = {Channel.BOOK: "level2", Channel.TRADES: "market_trades", Channel.TICKER: "ticker"}

HEARTBEATS = "heartbeats"
"""A channel without pairs; without it the venue closes connections that are quiet for 60 to 90 seconds."""


class _Update(msgspec.Struct):
    side: str
    price_level: str
    new_quantity: str


class _Trade(msgspec.Struct):
    product_id: str
    price: str
    size: str
    side: str
    time: str
    trade_id: str = ""


class _Ticker(msgspec.Struct):
    product_id: str
    price: str = ""
    volume_24_h: str = ""
    low_24_h: str = ""
    high_24_h: str = ""
    price_percent_chg_24_h: str = ""
    best_bid: str = ""
    best_ask: str = ""
    best_bid_quantity: str = ""
    best_ask_quantity: str = ""


class _Event(msgspec.Struct):
    type: str = ""
    product_id: str = ""
    updates: list[_Update] = []
    trades: list[_Trade] = []
    tickers: list[_Ticker] = []


class _Frame(msgspec.Struct):
    channel: str = ""
    timestamp: str = ""
    sequence_num: int | None = None
    events: list[_Event] = []
    type: str = ""
    message: str = ""


_DECODER = msgspec.json.Decoder(_Frame)


class CoinbaseAdvancedDialect:
    """The public feed of Advanced Trade; remembers which pairs were asked for in USDC."""

    venue = "coinbase"

    def __init__(self) -> None:
        self._asked: dict[Channel, set[str]] = {channel: set() for channel in Channel}

    def hear(self, frame: str | bytes) -> Sequence[Heard]:
        """Return what a frame says; see `Dialect.hear`."""
        try:
            return list(self._heard(_DECODER.decode(frame)))
        except UNREADABLE as error:
            raise Garbled(f"A frame of Coinbase cannot be read: {error}.") from error

    def _heard(self, read: _Frame) -> Iterator[Heard]:
        at = rfc3339(read.timestamp) if read.timestamp else UNKNOWN
        if read.sequence_num is not None:
            yield Numbered(read.sequence_num)
        if read.channel == "l2_data":
            for event in read.events:
                for native in self._natives(Channel.BOOK, event.product_id):
                    yield _book(native, event, at)
        elif read.channel == "market_trades":
            for event in read.events:
                yield from self._trades(event)
        elif read.channel in {"ticker", "ticker_batch"}:
            for ticker in (ticker for event in read.events for ticker in event.tickers):
                for native in self._natives(Channel.TICKER, ticker.product_id):
                    yield _ticker(native, ticker, at)
        elif read.channel == HEARTBEATS:
            yield Beat(at)
        elif read.channel == "subscriptions":
            yield Answered(None)
        elif read.type == "error":
            yield Answered(None, read.message or "Coinbase says that a message was wrong.")

    def _natives(self, channel: Channel, answered: str) -> Sequence[str]:
        """Return under which names a pair was asked for; its own where nobody asked (a capture)."""
        base, _, quote = answered.rpartition("-")
        if quote != "USD":
            return (answered,)
        asked = self._asked[channel]
        return [name for name in (answered, f"{base}-USDC") if name in asked] or (answered,)

    def _trades(self, event: _Event) -> Iterator[Heard]:
        """Return an event's prints by pair, oldest first: snapshots of it have the newest first."""
        by_pair: dict[str, list[PrintHeard]] = {}
        for trade in event.trades:
            by_pair.setdefault(trade.product_id, []).append(_print(trade))
        for answered, prints in by_pair.items():
            prints.sort(key=lambda each: (each.at, each.trade_id))
            for native in self._natives(Channel.TRADES, answered):
                yield TradesHeard(native, prints, event.type == "snapshot")

    def subscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        """Return the messages that subscribe, to heartbeats with the first of them; see `Dialect.subscribe`."""
        is_first = not any(self._asked.values())
        self._asked[channel].update(natives)
        messages = (_ask("subscribe", _CHANNELS[channel], natives),)
        return (_ask("subscribe", HEARTBEATS, ()), *messages) if is_first else messages

    def unsubscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        """Return the messages that take it back; see `Dialect.unsubscribe`."""
        self._asked[channel].difference_update(natives)
        return (_ask("unsubscribe", _CHANNELS[channel], natives),)

    def ping(self) -> str | None:
        """Return nothing: heartbeats come every second."""
        return None

    def rule(self) -> Rule:
        """Return the rule of a new book; a number missing in the connection breaks all of its books."""
        return UnnumberedRule()

    def native(self, symbol: str) -> str:
        """Return `BTC-USD` for `BTC/USD`."""
        return symbol.replace("/", "-").upper()


def _ask(word: str, channel: str, natives: Sequence[str]) -> str:
    message: dict[str, str | list[str]] = {"type": word, "channel": channel}
    if natives:
        message["product_ids"] = list(natives)
    return msgspec.json.encode(message).decode()


def _book(native: str, event: _Event, at: Nanos) -> BookHeard:
    bids: list[WireLevel] = []
    asks: list[WireLevel] = []
    for update in event.updates:
        if update.side == "bid":
            bids.append((update.price_level, update.new_quantity))
        elif update.side in {"offer", "ask"}:
            asks.append((update.price_level, update.new_quantity))
        else:
            raise Garbled(f"{update.side[:40]!r} is no side of a book of Coinbase.")
    return BookHeard(native, event.type == "snapshot", bids, asks, at=at)


def _print(trade: _Trade) -> PrintHeard:
    if trade.side not in TAKER:
        raise Garbled(f"{trade.side[:40]!r} is no side of a trade of Coinbase.")
    number = int(trade.trade_id) if trade.trade_id.isascii() and trade.trade_id.isdecimal() else 0
    return PrintHeard(trade.price, trade.size, TAKER[trade.side], rfc3339(trade.time), number)


def _ticker(native: str, read: _Ticker, at: Nanos) -> TickerHeard:
    return TickerHeard(
        native,
        read.best_bid,
        read.best_ask,
        read.price,
        opened(read.price, read.price_percent_chg_24_h),
        read.high_24_h,
        read.low_24_h,
        read.volume_24_h,
        read.best_bid_quantity,
        read.best_ask_quantity,
        at,
    )


def opened(last: str, percent: str) -> str:
    """Return the price of 24 hours ago from the last one and the change in percent, as near as `last` is written.

    Raises:
        ArithmeticError: one of them is no number.
    """
    if not last or not percent or not is_number(last) or len(percent) > LONGEST or not is_modest(Decimal(percent)):
        return ""
    price, grown = Decimal(last), EXACT.add(Decimal(percent), 100)
    if grown <= 0:
        return ""
    return format((price * 100 / grown).quantize(price), "f")
