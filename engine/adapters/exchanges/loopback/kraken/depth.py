"""A book cut to a depth, as Kraken tells it: what falls out of the depth is not said, what comes into it is.

Source: docs.kraken.com, guide "Book checksum (WebSocket v2)".
"""

from __future__ import annotations

import heapq
import zlib
from collections.abc import Mapping, Sequence

from engine.adapters.exchanges.book.wirebook import WireBook
from engine.adapters.exchanges.loopback.market import Picture
from engine.adapters.exchanges.wire.heard import BookHeard, WireLevel
from engine.adapters.exchanges.wire.scaled import Scaled

CHECKED = 10
"""Levels per side that a checksum covers."""
GONE = "0.00000000"

_KEYS = Scaled()


class Depth:
    """One pair as a client knows it that was told everything."""

    def __init__(self, depth: int) -> None:
        self._bids, self._asks = _Side(depth, -1), _Side(depth, 1)

    def picture(self, picture: Picture) -> tuple[Sequence[WireLevel], Sequence[WireLevel], int]:
        """Start anew from a picture; return its levels and their checksum."""
        return self._bids.begin(picture.bids), self._asks.begin(picture.asks), self.checksum()

    def changes(self, what: BookHeard, book: WireBook) -> tuple[list[WireLevel], list[WireLevel], int]:
        """Return what a client has to be told of a diff that is in the book now, and the checksum then."""
        return self._bids.follow(what.bids, book.bids), self._asks.follow(what.asks, book.asks), self.checksum()

    def checksum(self) -> int:
        """Return the CRC-32 of the digits of the best asks, then of the best bids."""
        return zlib.crc32((self._asks.digits() + self._bids.digits()).encode())


class _Side:
    """The best levels of one side; keys times `sign` are best when smallest."""

    def __init__(self, depth: int, sign: int) -> None:
        self._depth, self._sign = depth, sign
        self._levels: dict[int, WireLevel] = {}

    def begin(self, levels: Sequence[WireLevel]) -> Sequence[WireLevel]:
        """Take a picture over, best first; return what of it is shown."""
        shown = levels[: self._depth]
        self._levels = {self._sign * _KEYS[level[0]]: level for level in shown}
        return shown

    def follow(self, changes: Sequence[WireLevel], book: Mapping[int, WireLevel]) -> list[WireLevel]:
        """Follow a change of the whole side; return what a client has to be told."""
        mine, sign = self._levels, self._sign
        edge = max(mine) if len(mine) == self._depth else None  # beyond it nothing is known here
        before: dict[int, WireLevel | None] = {}
        for price, _ in changes:
            key = sign * _KEYS[price]
            if edge is None or key <= edge:
                before.setdefault(key, mine.get(key))
                level = book.get(sign * key)
                if level is not None:
                    mine[key] = level
                else:
                    mine.pop(key, None)
        if edge is not None and len(mine) < self._depth:
            self._fill(edge, book, before)
        for key in heapq.nlargest(max(0, len(mine) - self._depth), mine):
            before.setdefault(key, mine[key])
            del mine[key]
        gone = [
            (level[0], GONE) for key, level in before.items() if level and key not in mine and sign * key not in book
        ]
        return [*gone, *(mine[key] for key, level in before.items() if key in mine and mine[key] != level)]

    def _fill(self, edge: int, book: Mapping[int, WireLevel], before: dict[int, WireLevel | None]) -> None:
        """Let the best of what is beyond come in."""
        beyond = (self._sign * key for key in book if self._sign * key > edge)
        for key in heapq.nsmallest(self._depth - len(self._levels), beyond):
            before.setdefault(key, None)
            self._levels[key] = book[self._sign * key]

    def digits(self) -> str:
        """Return prices and quantities of the best levels without dots and leading zeros."""
        best = heapq.nsmallest(CHECKED, self._levels)
        return "".join(text.replace(".", "").lstrip("0") for key in best for text in self._levels[key])
