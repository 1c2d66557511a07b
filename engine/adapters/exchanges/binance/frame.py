"""Every field of every event of Binance that is read here, raw or combined; which are there, `e` says.

Source: binance-spot-api-docs web-socket-streams.md and rest-api.md (2026-07-21). Prices and quantities are texts.
"""

from __future__ import annotations

from typing import Any

import msgspec

from engine.adapters.exchanges.heard import WireLevel
from engine.adapters.exchanges.unreadable import UNREADABLE
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


_DECODER = msgspec.json.Decoder(Frame | list[Event])


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
