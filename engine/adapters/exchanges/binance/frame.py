"""Every field of every event of Binance that is read here, raw or combined; which are there, `e` says.

Source: binance-spot-api-docs web-socket-streams.md and rest-api.md (2026-07-21). Prices and quantities are texts.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from engine.adapters.exchanges.wire.heard import WireLevel
from engine.adapters.exchanges.wire.unreadable import UNREADABLE
from engine.errors import Garbled


class Event(msgspec.Struct, gc=False):
    """One event; letters that mean other things in other events are read as they come."""

    e: str = ""
    E: int = 0
    s: str = ""
    T: int = 0
    U: int = 0
    u: int = 0
    pu: int = 0
    b: list[WireLevel] | str | None = None
    a: list[WireLevel] | str | int | dict[str, Any] | None = None
    t: int = 0
    p: str = ""
    q: str = ""
    m: bool = False
    c: Any = ""
    o: Any = ""
    h: Any = ""
    l: Any = ""  # noqa: E741 - the venue's own letter
    v: Any = ""
    B: Any = ""
    A: Any = ""
    lastUpdateId: int = 0  # noqa: N815 - the venue's own word
    bids: list[WireLevel] | None = None
    asks: list[WireLevel] | None = None
    id: int | str | None = None
    code: int = 0
    msg: str = ""
    error: Any = None


class Frame(Event, gc=False):
    """An event as a frame of its own, or with the name of its stream around it."""

    stream: str = ""
    data: Event | list[Event] | None = None


class Depth(msgspec.Struct, gc=False):
    """A diff and nothing else."""

    e: Literal["depthUpdate"]
    E: int
    s: str
    U: int
    u: int
    b: list[WireLevel]
    a: list[WireLevel]
    pu: int = 0


class Trade(msgspec.Struct, gc=False):
    """A print and nothing else."""

    e: Literal["trade"]
    s: str
    t: int
    p: str
    q: str
    T: int
    m: bool


class _DepthAround(msgspec.Struct, gc=False):
    stream: str
    data: Depth


class _TradeAround(msgspec.Struct, gc=False):
    stream: str
    data: Trade


_DECODER = msgspec.json.Decoder(Frame | list[Event])
_DEPTH, _DEPTH_AROUND = msgspec.json.Decoder(Depth), msgspec.json.Decoder(_DepthAround)
_TRADE, _TRADE_AROUND = msgspec.json.Decoder(Trade), msgspec.json.Decoder(_TradeAround)
_WORDS: dict[type, tuple[Any, Any, Any]] = {
    str: ('"trade"', '"depthUpdate"', '{"stream"'),
    bytes: (b'"trade"', b'"depthUpdate"', b'{"stream"'),
}
_HEAD = 100
"""Letters in which the venue names stream and event."""


def read_often(frame: str | bytes) -> Depth | Trade | None:
    """Return what most frames are, faster than `read`; None for any other, also for one that cannot be read."""
    head: Any = frame[:_HEAD]
    trade, depth, stream = _WORDS[type(head)]
    try:
        if trade in head:
            return _TRADE_AROUND.decode(frame).data if head.startswith(stream) else _TRADE.decode(frame)
        if depth in head:
            return _DEPTH_AROUND.decode(frame).data if head.startswith(stream) else _DEPTH.decode(frame)
    except UNREADABLE:
        pass  # `read` says what is wrong with it
    return None


def read(frame: str | bytes, what: str) -> Frame | list[Event]:
    """Return what a frame holds; `what` it is, for the complaint.

    Raises:
        Garbled: it is cut off, or not of Binance's format.
    """
    try:
        found: Frame | list[Event] = _DECODER.decode(frame)
    except UNREADABLE as error:
        raise Garbled(f"{what} of Binance cannot be read: {error}.") from error
    return found
