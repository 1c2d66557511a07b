"""One pair's book under its venue's rule: from snapshot and diffs to a book that is whole, or known not to be.

    CONNECTING --first diff or snapshot--> SNAPSHOT --snapshot joined--> SYNCED --update missing--> GAP
    GAP --a new snapshot is asked for--> RESYNCING --snapshot joined--> SYNCED

A book that is not synced is kept as it was and never changed, until a snapshot replaces it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import Protocol

from engine.adapters.exchanges.book.leap import Leaps
from engine.adapters.exchanges.book.wirebook import WireBook
from engine.adapters.exchanges.wire.heard import BookHeard
from engine.domain.market import FeedState
from engine.errors import Garbled

MOST_OLD = 300
"""After so many diffs in a row that are older than the book it is asked how far behind they are: if they would not
reach it within ten times as many, the venue counts anew, or said an absurd number once."""

HELD = 500_000
"""Levels in the diffs held while a snapshot is awaited; of more the oldest go, and the snapshot must be newer."""


class Follow(Enum):
    """How a diff stands to what is there before it."""

    OLD = "old"
    """All of it is in the book."""
    NEXT = "next"
    GAP = "gap"
    """Something before it is missing."""


class Rule(Protocol):
    """How a venue's updates chain."""

    depth: int | None
    """Levels per side that the venue keeps."""
    asks_snapshot: bool
    """Whether snapshots are asked for by request, diffs waiting for them; else they come in the stream."""
    is_chained: bool
    """Whether the numbers of a diff show that one before it is missing."""

    def joins(self, snapshot: BookHeard, diff: BookHeard) -> Follow:
        """Return how the first diff that may follow a snapshot stands to it."""
        ...

    def follows(self, before: BookHeard, diff: BookHeard) -> Follow:
        """Return how a diff stands to the one applied before it."""
        ...

    def checksum(self, book: WireBook) -> int | None:
        """Return the checksum of a book; None where the venue sends none."""
        ...


class Outcome(Enum):
    """What a frame did to the book."""

    HELD = "held"
    """A diff waits for a snapshot; a snapshot is too old to join what waits, and a newer one is needed."""
    OLD = "old"
    """It changed nothing."""
    APPLIED = "applied"
    """The levels in it changed."""
    REPLACED = "replaced"
    """A snapshot is the book now, with every diff applied that was held back."""
    GAP = "gap"
    """Updates are missing, or the book is not what the venue has (checksum, crossed): a new snapshot is needed."""


class BookSync:
    """Keeps one pair's `book`; `hear` everything about it, in order of arrival.

    Args:
        rule: of the venue, its own for each pair.
        on_applied: called after each diff that is in the book now, the book being right; also for those that waited.
        leaps: judges where the touch goes: a book that leaps needs a new snapshot that bears it out. None trusts all.
    """

    def __init__(self, rule: Rule, on_applied: Callable[[], None] | None = None, *, leaps: Leaps | None = None) -> None:
        self._rule = rule
        self._on_applied = on_applied
        self._leaps = leaps
        self.book = WireBook(rule.depth)
        self.state = FeedState.CONNECTING
        self.last: BookHeard | None = None
        """The newest update in the book: a diff, or the snapshot it began with."""
        self.diffs = self.gaps = self.resyncs = self.checksums_ok = self.checksums_bad = 0
        """Diffs after which the book was right; breaks found once there was a book; books taken anew after one;
        checksums of diffs that were right, and wrong."""
        self._held: deque[BookHeard] = deque()
        self._levels_held = 0
        self._newest: BookHeard | None = None
        """The newest diff heard, applied or not."""
        self._floor = 0
        """The number that a snapshot must have reached: what came before it is in no diff that is held."""
        self._in_doubt = False
        """Whether a frame that may have held a diff could not be read, and no diff came since."""
        self._old = 0
        """Diffs in a row that were older than the book…"""
        self._old_from = 0
        """…and the number of the first of them."""

    def hear(self, heard: BookHeard) -> Outcome:
        """Take in a snapshot or diff.

        Raises:
            Garbled: a level in it is none; nothing of it was used, and the book needs a new snapshot if a diff is lost.
        """
        try:
            return self._snapshot(heard) if heard.is_snapshot else self._diff(heard)
        except Garbled:
            if not heard.is_snapshot or not self._rule.asks_snapshot:
                self.spoilt()
            raise

    def spoilt(self) -> None:
        """Say that a frame which may have held a diff could not be read.

        Where diffs are chained, the next one shows whether it did; elsewhere the book is not trusted any more.
        """
        self._in_doubt = True
        if self._rule.is_chained:
            return
        if self.state is FeedState.SYNCED:
            self._break()
        else:
            self.gaps += self.last is not None
            self._drop_held()

    def doubted(self) -> None:
        """Say that the book may be wrong, whatever its numbers say."""
        if self.state is FeedState.SYNCED:
            self._break()

    def ended(self) -> None:
        """Say that nothing more comes: if the last frame may have held a diff, it was lost."""
        if self._in_doubt and self._rule.is_chained and self.last is not None:
            self._break()
        self._in_doubt = False

    def lost(self) -> None:
        """Say that the connection ended: what comes next does not follow, the book is kept to look at."""
        self._drop_held()
        self._newest, self._floor, self._in_doubt = None, 0, False
        self.state = FeedState.GAP if self.last is not None else FeedState.CONNECTING

    def asked(self) -> None:
        """Say that a new snapshot was asked for."""
        if self.state is FeedState.GAP:
            self.state = FeedState.RESYNCING

    # Diffs

    def _diff(self, heard: BookHeard) -> Outcome:
        outcome = self._next(heard) if self.state is FeedState.SYNCED else self._wait(heard)
        if outcome is not Outcome.OLD:
            self._newest = heard
        self._in_doubt = False
        return outcome

    def _wait(self, heard: BookHeard) -> Outcome:
        """Keep a diff for the snapshot that is asked for; a break among those that wait is a gap."""
        if not self._rule.asks_snapshot:
            return Outcome.HELD
        if self.state is FeedState.CONNECTING:
            self.state = FeedState.SNAPSHOT
        self.book.check(heard.bids)
        self.book.check(heard.asks)
        if self._in_doubt and not self._rule.is_chained:
            self._floor = max(self._floor, heard.last)
        elif self._newest is not None:
            follow = self._rule.follows(self._newest, heard)
            if follow is Follow.OLD:
                return Outcome.OLD
            if follow is Follow.GAP:
                self.gaps += self.last is not None  # before the first snapshot nothing was there to be missed
                self._drop_held()
                self._floor = max(self._floor, self._newest.last)
        self._hold(heard)
        return Outcome.HELD

    def _next(self, heard: BookHeard) -> Outcome:
        last = self.last
        assert last is not None, "a synced book has a beginning"  # noqa: S101 - a promise between two methods
        follow = self._rule.joins(last, heard) if last.is_snapshot else self._rule.follows(last, heard)
        if follow is Follow.OLD:
            return self._older(heard, last)
        self._old = 0
        if follow is Follow.GAP:
            return self._break(heard)
        self.book.apply(heard.bids, heard.asks)
        self.last = heard
        if (heard.checksum is not None and not self._is_right(heard)) or not self._can_be(pictured=False):
            return self._break()
        self.diffs += 1
        if self._on_applied is not None:
            self._on_applied()
        return Outcome.APPLIED

    def _older(self, heard: BookHeard, last: BookHeard) -> Outcome:
        """Pass over a diff that the book has already, unless nothing would change the book any more."""
        if not self._old:
            self._old_from = heard.last
        self._old += 1
        if self._old < MOST_OLD:
            return Outcome.OLD
        reach, self._old = 10 * (heard.last - self._old_from), 0
        if heard.last + reach >= last.last:
            return Outcome.OLD
        self._break()
        self._floor, self._newest = 0, None
        return Outcome.GAP

    def _is_right(self, heard: BookHeard) -> bool:
        """Whether the book has the checksum that came with a diff."""
        if heard.checksum == self._rule.checksum(self.book):
            self.checksums_ok += 1
            return True
        self.checksums_bad += 1
        return False

    def _can_be(self, *, pictured: bool) -> bool:
        """Whether the book is not crossed, and not suddenly elsewhere."""
        bid, ask = touch = self.book.touch
        if bid >= ask > 0:
            return False
        return self._leaps is None or not self._leaps.is_wild(touch, pictured=pictured)

    def _break(self, first: BookHeard | None = None) -> Outcome:
        """Stop trusting the book; a diff that came too early is the first that waits for the new snapshot."""
        if first is not None:
            self.book.check(first.bids)
            self.book.check(first.asks)
        self.gaps += 1
        self.state = FeedState.GAP
        self._drop_held()
        self._floor = max(self._floor, *(each.last for each in (self.last, self._newest) if each is not None))
        if first is not None and self._rule.asks_snapshot:
            self._hold(first)
        return Outcome.GAP

    def _hold(self, diff: BookHeard) -> None:
        self._held.append(diff)
        self._levels_held += 1 + len(diff.bids) + len(diff.asks)
        while self._levels_held > HELD:
            oldest = self._held.popleft()
            self._levels_held -= 1 + len(oldest.bids) + len(oldest.asks)
            self._floor = max(self._floor, oldest.last)

    def _drop_held(self) -> None:
        self._held.clear()
        self._levels_held = 0

    # Snapshots

    def _snapshot(self, heard: BookHeard) -> Outcome:
        """Take a picture over, if the diffs held back join it; one that is too old changes nothing."""
        if self._rule.asks_snapshot:
            if self.state is FeedState.SYNCED:
                return Outcome.OLD  # nothing is missing, and it may be older than the book
            if heard.last < self._floor or (self._in_doubt and not self._rule.is_chained):
                return Outcome.HELD
        waiting = [diff for diff in self._held if self._rule.joins(heard, diff) is not Follow.OLD]
        if waiting and self._rule.joins(heard, waiting[0]) is Follow.GAP:
            return Outcome.HELD
        if heard.depth is not None:
            self.book.depth = heard.depth
        if heard.picture is None:
            self.book.replace(heard.bids, heard.asks)
        else:
            self.book.take(heard.picture.book)
        self._drop_held()
        if not self._rule.asks_snapshot:
            self._in_doubt = False
        self.last = heard
        if not self._has_own_checksum(heard) or not self._can_be(pictured=True):
            return self._break()
        self.resyncs += self.state in {FeedState.GAP, FeedState.RESYNCING}
        self.state, self._floor = FeedState.SYNCED, 0
        for diff in waiting:
            if self._next(diff) is Outcome.GAP:
                return Outcome.GAP
        return Outcome.REPLACED

    def _has_own_checksum(self, snapshot: BookHeard) -> bool:
        """Whether a picture has the checksum that came with it, if one did; it is not counted."""
        return snapshot.checksum is None or snapshot.checksum == self._rule.checksum(self.book)
