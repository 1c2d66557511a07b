"""Kraken's WebSocket interface 1: arrays with the channel and the pair last, all numbers as texts.

Source: docs.kraken.com/websockets (1.9.2). Kraken retires it; captures of it are many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count

import msgspec

from engine.adapters.exchanges.book.sync import Rule
from engine.adapters.exchanges.dialect.stream import Channel
from engine.adapters.exchanges.kraken.name import old_name
from engine.adapters.exchanges.kraken.rule import DEPTHS, KrakenRule
from engine.adapters.exchanges.wire.heard import (
    Answered,
    Beat,
    BookHeard,
    Heard,
    PrintHeard,
    TickerHeard,
    TradesHeard,
    WireLevel,
)
from engine.adapters.exchanges.wire.instant import decimal_seconds
from engine.adapters.exchanges.wire.unreadable import UNREADABLE
from engine.domain.order import Side
from engine.errors import Garbled

_CHANNELS = {Channel.BOOK: "book", Channel.TRADES: "trade", Channel.TICKER: "ticker"}

_DEPTHS = {str(depth) for depth in DEPTHS}

_SIDES = {"b": Side.BUY, "s": Side.SELL}

_Row = tuple[str, ...]


class _Book(msgspec.Struct, rename={"snapshot_asks": "as", "snapshot_bids": "bs"}):
    """One of the objects of a frame: `as` and `bs` in a snapshot, `a` or `b` in an update, `c` in the last."""

    snapshot_asks: list[_Row] | None = None
    snapshot_bids: list[_Row] | None = None
    a: list[_Row] = []
    b: list[_Row] = []
    c: str = ""


class _Ticker(msgspec.Struct):
    """Best levels are `[price, whole lots, quantity]`, the others `[today, 24 hours]`."""

    a: tuple[str, float, str]
    b: tuple[str, float, str]
    c: tuple[str, str]
    v: tuple[str, str]
    l: tuple[str, str]  # noqa: E741 - the venue's own letter
    h: tuple[str, str]
    o: tuple[str, str]


class _Event(msgspec.Struct):
    """What is no array: answers and signs of life."""

    event: str = ""
    status: str = ""
    pair: str = ""
    reqid: int | None = None
    errorMessage: str = ""  # noqa: N815 - the venue's own word


_PARTS = msgspec.json.Decoder(list[msgspec.Raw])
_EVENT = msgspec.json.Decoder(_Event)
_BOOK = msgspec.json.Decoder(_Book)
_TRADES = msgspec.json.Decoder(list[tuple[str, str, str, str, str, str]])
_TICKER = msgspec.json.Decoder(_Ticker)
_TEXT = msgspec.json.Decoder(str)


class KrakenV1Dialect:
    """Interface 1; `depth` is how many levels per side are subscribed to, or were in a capture."""

    venue = "kraken"

    def __init__(self, depth: int = 1000) -> None:
        self._depth = depth
        self._ids = count(1)

    def hear(self, frame: str | bytes) -> Sequence[Heard]:
        """Return what a frame says; see `Dialect.hear`."""
        try:
            if frame[:1] in ("{", b"{"):
                return _event(_EVENT.decode(frame))
            parts = _PARTS.decode(frame)
            if len(parts) < 4:
                raise Garbled("A frame of Kraken ends too early.")
            return self._heard(parts[1:-2], _TEXT.decode(parts[-2]), _TEXT.decode(parts[-1]))
        except UNREADABLE as error:
            raise Garbled(f"A frame of Kraken cannot be read: {error}.") from error

    def _heard(self, bodies: Sequence[msgspec.Raw], channel: str, native: str) -> Sequence[Heard]:
        name, _, depth = channel.partition("-")
        if name == "book":
            levels = int(depth) if depth in _DEPTHS else None
            return (_book(native, [_BOOK.decode(body) for body in bodies], levels),)
        if name == "trade":
            return (TradesHeard(native, [_print(row) for row in _TRADES.decode(bodies[0])]),)
        if name == "ticker":
            return (_ticker(native, _TICKER.decode(bodies[0])),)
        return ()

    def subscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        """Return the message that subscribes; see `Dialect.subscribe`."""
        return self._ask("subscribe", channel, natives)

    def unsubscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        """Return the message that takes it back; see `Dialect.unsubscribe`."""
        return self._ask("unsubscribe", channel, natives)

    def _ask(self, event: str, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        subscription: dict[str, str | int] = {"name": _CHANNELS[channel]}
        if channel is Channel.BOOK:
            subscription["depth"] = self._depth
        message = {"event": event, "reqid": next(self._ids), "pair": list(natives), "subscription": subscription}
        return (msgspec.json.encode(message).decode(),)

    def ping(self) -> str | None:
        """Return a ping; the answer is a `Beat`."""
        return msgspec.json.encode({"event": "ping", "reqid": next(self._ids)}).decode()

    def rule(self) -> Rule:
        """Return the rule of a new book, as deep as is subscribed to; its channel may say otherwise."""
        return KrakenRule(self._depth)

    def native(self, symbol: str) -> str:
        """Return `XBT/USD` for `BTC/USD`."""
        return old_name(symbol)


def _book(native: str, objects: Sequence[_Book], depth: int | None) -> BookHeard:
    """Put the objects of one frame together; its checksum is of the book after all of them."""
    is_snapshot = any(each.snapshot_asks is not None or each.snapshot_bids is not None for each in objects)
    asks = [row for each in objects for row in (each.snapshot_asks or each.a)]
    bids = [row for each in objects for row in (each.snapshot_bids or each.b)]
    checksum = next((int(each.c) for each in reversed(objects) if each.c), None)
    at = decimal_seconds(_newest(bids, asks))
    return BookHeard(native, is_snapshot, _levels(bids), _levels(asks), checksum=checksum, at=at, depth=depth)


def _levels(rows: Iterable[_Row]) -> list[WireLevel]:
    return [(row[0], row[1]) for row in rows]


def _newest(*sides: Iterable[_Row]) -> str:
    """Return the newest instant; levels that are sent again (`r`) as others fell away carry an old one."""
    return max((row[2] for rows in sides for row in rows), key=lambda text: (text.find("."), text), default="0")


def _print(row: tuple[str, str, str, str, str, str]) -> PrintHeard:
    price, qty, at, side, _, _ = row
    if side not in _SIDES:
        raise Garbled(f"{side[:40]!r} is no side of a trade of Kraken.")
    return PrintHeard(price, qty, _SIDES[side], decimal_seconds(at), 0)


def _ticker(native: str, read: _Ticker) -> TickerHeard:
    """Return the figures of the last 24 hours."""
    (bid, _, bid_qty), (ask, _, ask_qty) = read.b, read.a
    return TickerHeard(native, bid, ask, read.c[0], read.o[1], read.h[1], read.l[1], read.v[1], bid_qty, ask_qty)


def _event(read: _Event) -> Sequence[Heard]:
    if read.event in {"heartbeat", "pong", "systemStatus"}:
        return (Beat(),)
    if read.event == "subscriptionStatus":
        return (Answered(read.reqid, read.errorMessage, read.pair),)
    if read.event == "error":
        return (Answered(read.reqid, read.errorMessage or "Kraken says that a message was wrong."),)
    return ()
