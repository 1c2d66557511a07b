"""A book cut to a depth, as Kraken tells it: what falls out of the depth is not said, what comes into it is.

Source: docs.kraken.com, guide "Book checksum (WebSocket v2)".
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence

from engine.adapters.exchanges.heard import WireLevel
from engine.adapters.exchanges.loopback.market import Picture
from engine.adapters.exchanges.scaled import Scaled
from engine.adapters.exchanges.wirebook import WireBook
from engine.domain.order import Side

CHECKED = 10
"""Levels per side that a checksum covers."""
GONE = "0.00000000"

_KEYS = Scaled()


class Depth:
    """One pair as a client knows it that was told everything."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._bids: dict[str, str] = {}
        self._asks: dict[str, str] = {}
        """Quantities by price, best first."""

    def picture(self, picture: Picture) -> tuple[Sequence[WireLevel], Sequence[WireLevel], int]:
        """Start anew from a picture; return its levels and their checksum."""
        bids, asks = picture.bids[: self._depth], picture.asks[: self._depth]
        self._bids, self._asks = dict(bids), dict(asks)
        return bids, asks, self.checksum()

    def changes(self, book: WireBook) -> tuple[list[WireLevel], list[WireLevel], int]:
        """Return what a client has to be told to have the book as it is now, and the checksum then."""
        new_bids, new_asks = dict(book.top(Side.BUY, self._depth)), dict(book.top(Side.SELL, self._depth))
        bids, asks = _told(self._bids, new_bids, book.bids), _told(self._asks, new_asks, book.asks)
        self._bids, self._asks = new_bids, new_asks
        return bids, asks, self.checksum()

    def checksum(self) -> int:
        """Return the CRC-32 of the digits of the best asks, then of the best bids."""
        return zlib.crc32((_digits(self._asks) + _digits(self._bids)).encode())


def _told(old: dict[str, str], new: dict[str, str], there: Mapping[int, WireLevel]) -> list[WireLevel]:
    gone = [(price, GONE) for price in old if price not in new and _KEYS[price] not in there]
    return [*gone, *((price, qty) for price, qty in new.items() if old.get(price) != qty)]


def _digits(side: dict[str, str]) -> str:
    best: Iterable[tuple[str, str]] = list(side.items())[:CHECKED]
    return "".join(text.replace(".", "").lstrip("0") for level in best for text in level)
