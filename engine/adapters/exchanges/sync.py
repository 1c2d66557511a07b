"""One pair's book under its venue's rule: from snapshot and diffs to a book that is whole, or known not to be.

    CONNECTING --first diff or snapshot--> SNAPSHOT --snapshot joined--> SYNCED --update missing--> GAP
    GAP --a new snapshot is asked for--> RESYNCING --snapshot joined--> SYNCED

A book that is not synced is kept as it was and never changed, until a snapshot replaces it.
"""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import Protocol

from engine.adapters.exchanges.heard import BookHeard
from engine.adapters.exchanges.wirebook import WireBook
from engine.domain.market import FeedState
from engine.errors import InvalidInput

HELD = 20_000
"""Diffs held while a snapshot is awaited; of more the oldest go, and the snapshot must be newer than they are."""


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
    """It waits for a snapshot."""
    OLD = "old"
    """It changed nothing."""
    APPLIED = "applied"
    """The levels in it changed."""
    REPLACED = "replaced"
    """A snapshot is the book now, with every diff applied that was held back."""
    GAP = "gap"
    """Updates are missing, or the book is not what the venue has (checksum, crossed): a new snapshot is needed."""


class BookSync:
    """Keeps one pair's `book`; `hear` everything about it, in order of arrival."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self.book = WireBook(rule.depth)
        self.state = FeedState.CONNECTING
        self.last: BookHeard | None = None
        """The newest update in the book: a diff, or the snapshot it began with."""
        self.diffs = self.gaps = self.resyncs = self.checksums_ok = self.checksums_bad = 0
        """Diffs applied; gaps found; books taken anew after one; checksums that were right, and wrong."""
        self._held: deque[BookHeard] = deque(maxlen=HELD)
        self._newest: BookHeard | None = None
        """The newest diff heard, applied or not."""

    def hear(self, heard: BookHeard) -> Outcome:
        """Take in a snapshot or diff.

        Raises:
            InvalidInput: a price in it is none; the book needs a new snapshot.
        """
        try:
            return self._snapshot(heard) if heard.is_snapshot else self._diff(heard)
        except InvalidInput:
            self._break()
            raise

    def lost(self) -> None:
        """Say that the connection ended: what comes next does not follow, the book is kept to look at."""
        self._held.clear()
        self._newest = None
        self.state = FeedState.GAP if self.last is not None else FeedState.CONNECTING

    def asked(self) -> None:
        """Say that a new snapshot was asked for."""
        if self.state is FeedState.GAP:
            self.state = FeedState.RESYNCING

    # Diffs

    def _diff(self, heard: BookHeard) -> Outcome:
        newest, self._newest = self._newest, heard
        if self.state is FeedState.SYNCED:
            return self._next(heard)
        if self._rule.asks_snapshot:
            if self.state is FeedState.CONNECTING:
                self.state = FeedState.SNAPSHOT
            if newest is not None and self._rule.follows(newest, heard) is Follow.GAP:
                self.gaps += self.last is not None  # before the first snapshot nothing was there to be missed
                self._held.clear()
            self._held.append(heard)
        return Outcome.HELD

    def _next(self, heard: BookHeard) -> Outcome:
        assert self.last is not None, "a synced book has a beginning"  # noqa: S101 - a promise between two methods
        join = self._rule.joins if self.last.is_snapshot else self._rule.follows
        follow = join(self.last, heard)
        if follow is Follow.OLD:
            return Outcome.OLD
        if follow is Follow.GAP:
            return self._break(heard)
        self.book.apply(heard.bids, heard.asks)
        self.last = heard
        self.diffs += 1
        if not self._is_right(heard) or self.book.is_crossed:
            return self._break()
        return Outcome.APPLIED

    def _is_right(self, heard: BookHeard) -> bool:
        """Whether the book has the checksum that came with a diff, if one did."""
        if heard.checksum is None:
            return True
        if heard.checksum == self._rule.checksum(self.book):
            self.checksums_ok += 1
            return True
        self.checksums_bad += 1
        return False

    def _break(self, first: BookHeard | None = None) -> Outcome:
        """Stop trusting the book; a diff that came too early is the first that waits for the new snapshot."""
        self.gaps += 1
        self.state = FeedState.GAP
        self._held.clear()
        if first is not None and self._rule.asks_snapshot:
            self._held.append(first)
        return Outcome.GAP

    # Snapshots

    def _snapshot(self, heard: BookHeard) -> Outcome:
        """Take a picture over, if the diffs held back join it; one that is too old changes nothing."""
        waiting = [diff for diff in self._held if self._rule.joins(heard, diff) is not Follow.OLD]
        if waiting and self._rule.joins(heard, waiting[0]) is Follow.GAP:
            return Outcome.HELD
        was_there = self.last is not None
        self.book.replace(heard.bids, heard.asks)
        self._held.clear()
        self.last = heard
        self.state = FeedState.SYNCED
        for diff in waiting:
            if self._next(diff) is Outcome.GAP:
                return Outcome.GAP
        if self.book.is_crossed:
            return self._break()
        self.resyncs += was_there
        return Outcome.REPLACED
