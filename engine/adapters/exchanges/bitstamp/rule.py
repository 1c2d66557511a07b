"""How Bitstamp's books are kept: diffs wait for a snapshot that is asked for, and only their times order them.

Source: bitstamp.net/websocket/v2, channel `diff_order_book`, and `GET /api/v2/order_book/{pair}`.
"""

from __future__ import annotations

from engine.adapters.exchanges.book.sync import Follow
from engine.adapters.exchanges.book.wirebook import WireBook
from engine.adapters.exchanges.wire.heard import BookHeard


class BitstampRule:
    """`last` is `microtimestamp`: nothing tells that a diff is missing, but one that comes too late shows."""

    depth: int | None = None
    asks_snapshot = True
    is_chained = False

    def joins(self, snapshot: BookHeard, diff: BookHeard) -> Follow:
        """A diff that is not newer than the snapshot is in it."""
        return Follow.OLD if diff.last <= snapshot.last else Follow.NEXT

    def follows(self, before: BookHeard, diff: BookHeard) -> Follow:
        """The same instant is the same diff once more; an earlier one was overtaken, so the book is not whole."""
        if diff.last == before.last:
            return Follow.OLD
        return Follow.NEXT if diff.last > before.last else Follow.GAP

    def checksum(self, book: WireBook) -> int | None:
        """Return nothing: Bitstamp sends none."""
        return None
