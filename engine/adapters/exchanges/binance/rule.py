"""How Binance's books are kept: diffs wait for a snapshot that is asked for, update numbers chain.

Source: "How to manage a local order book correctly", binance-spot-api-docs web-socket-streams.md (2026-07-21), and the
same section for USDⓈ-M futures.
"""

from __future__ import annotations

from engine.adapters.exchanges.book.sync import Follow
from engine.adapters.exchanges.book.wirebook import WireBook
from engine.adapters.exchanges.wire.heard import BookHeard


class SpotRule:
    """`U` of a diff is one more than `u` of the diff before it.

    A diff with `pu` is one of a perpetual, and taken as such: its `U` does not tell what came before it.
    """

    depth: int | None = None
    asks_snapshot = True
    is_chained = True

    def joins(self, snapshot: BookHeard, diff: BookHeard) -> Follow:
        """The first diff contains the update after the snapshot."""
        if diff.previous:
            return _joins_perpetual(snapshot, diff)
        return self.follows(snapshot, diff)

    def follows(self, before: BookHeard, diff: BookHeard) -> Follow:
        """An update that both have is no gap: levels are absolute."""
        if diff.last <= before.last:
            return Follow.OLD
        if diff.previous:
            return Follow.NEXT if diff.previous == before.last else Follow.GAP
        return Follow.NEXT if diff.first <= before.last + 1 else Follow.GAP

    def checksum(self, book: WireBook) -> int | None:
        """Return nothing: Binance sends none."""
        return None


class PerpetualRule(SpotRule):
    """`pu` of a diff is `u` of the diff before it; the numbers between belong to other pairs."""

    def joins(self, snapshot: BookHeard, diff: BookHeard) -> Follow:
        """The first diff has the snapshot's number within it."""
        return _joins_perpetual(snapshot, diff)

    def follows(self, before: BookHeard, diff: BookHeard) -> Follow:
        """Nothing but the very next one follows."""
        if diff.last <= before.last:
            return Follow.OLD
        return Follow.NEXT if diff.previous == before.last else Follow.GAP


def _joins_perpetual(snapshot: BookHeard, diff: BookHeard) -> Follow:
    if diff.last < snapshot.last:
        return Follow.OLD
    return Follow.NEXT if diff.first <= snapshot.last or diff.previous == snapshot.last else Follow.GAP
