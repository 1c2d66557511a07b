"""The rule of venues whose updates have no numbers: snapshots come in the stream, what follows one is the next."""

from __future__ import annotations

from engine.adapters.exchanges.book.sync import Follow
from engine.adapters.exchanges.book.wirebook import WireBook
from engine.adapters.exchanges.wire.heard import BookHeard


class UnnumberedRule:
    """Every update follows; what is missing shows only by a checksum, or by a number of the connection."""

    depth: int | None = None
    asks_snapshot = False
    is_chained = False

    def joins(self, snapshot: BookHeard, diff: BookHeard) -> Follow:
        """Everything after a snapshot joins it."""
        return Follow.NEXT

    def follows(self, before: BookHeard, diff: BookHeard) -> Follow:
        """Everything follows."""
        return Follow.NEXT

    def checksum(self, book: WireBook) -> int | None:
        """Return nothing: none is sent."""
        return None
