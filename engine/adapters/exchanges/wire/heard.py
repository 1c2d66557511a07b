"""What venues say, in one set of words: made by a `Dialect` out of frames, before anything is put on a grid.

Prices and quantities stay the texts that the wire had: checksums are made of them, and `crs feed replay` prints them.
These are `NamedTuple`s because they are made on the tick path.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Union

from engine.domain.number import Nanos
from engine.domain.order import Side

if TYPE_CHECKING:
    from engine.adapters.exchanges.book.picture import Picture

WireLevel = tuple[str, str]
"""Price and quantity; a quantity of zero removes the level."""

UNKNOWN = Nanos(0)
"""An instant that the venue does not tell."""


class BookHeard(NamedTuple):
    """A picture of a book, or what changed in it."""

    native: str
    is_snapshot: bool
    bids: Sequence[WireLevel]
    asks: Sequence[WireLevel]
    first: int = 0
    """Number of the first update in it (Binance `U`); 0 where the venue does not number them…"""
    last: int = 0
    """…of the last (Binance `u`, `lastUpdateId`; Bitstamp `microtimestamp`)…"""
    previous: int = 0
    """…and of the last before it (Binance perpetuals `pu`)."""
    checksum: int | None = None
    """Of the book after it (Kraken, OKX)."""
    at: Nanos = UNKNOWN
    depth: int | None = None
    """Levels per side that the venue keeps of the book, where it says so with a snapshot; else as its rule says."""
    picture: Picture | None = None
    """What comes of a large snapshot, where that was made ready already."""


class PrintHeard(NamedTuple):
    """One public print; `side` is the taker's."""

    price: str
    qty: str
    side: Side
    at: Nanos
    trade_id: int
    """0 where the venue does not number them."""


class TradesHeard(NamedTuple):
    """Public prints of one pair, oldest first."""

    native: str
    prints: Sequence[PrintHeard]
    is_past: bool = False
    """Prints before the subscription, which some venues send once (Coinbase `last_match`, Kraken's snapshot)."""
    is_merged: bool = False
    """What one order took at one price, told as one print (Binance `aggTrade`), though it met several."""


class TickerHeard(NamedTuple):
    """Figures of one instrument; empty texts where the venue does not tell."""

    native: str
    bid: str = ""
    ask: str = ""
    last: str = ""
    open: str = ""
    high: str = ""
    low: str = ""
    volume: str = ""
    bid_qty: str = ""
    ask_qty: str = ""
    at: Nanos = UNKNOWN


class Numbered(NamedTuple):
    """The frame's number in its connection (Coinbase Advanced `sequence_num`); comes before what else it holds."""

    number: int


class Beat(NamedTuple):
    """A sign of life (heartbeat, pong, status)."""

    at: Nanos = UNKNOWN


class Answered(NamedTuple):
    """What became of a message of ours; `error` is the venue's own sentence, empty if it was taken."""

    request: int | None
    error: str = ""
    native: str = ""
    """The pair it was about, where the venue says so."""


class GoingAway(NamedTuple):
    """The venue is about to close the connection: make another one now."""

    text: str


Heard = Union[BookHeard, TradesHeard, TickerHeard, Numbered, Beat, Answered, GoingAway]
