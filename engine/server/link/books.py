"""The books of another process, kept here from snapshots and diffs."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.domain.market import BookDiff, BookSnapshot
from engine.domain.order import Side
from engine.market.l2 import L2Book

MOST_WAITING = 5_000
"""Diffs kept for a book whose snapshot is under way."""


class ReplicaBooks:
    """One book for each pair; `ask` is called with a symbol whose snapshot is needed."""

    def __init__(self, ask: Callable[[str], object]) -> None:
        self._ask = ask
        self._books: dict[str, L2Book] = {}
        self._waiting: dict[str, list[BookDiff]] = {}

    def begin(self, symbols: Iterable[str]) -> None:
        """Start over: no book is known."""
        self._books = {symbol: L2Book(symbol) for symbol in symbols}
        self._waiting = {symbol: [] for symbol in self._books}

    def take(self, snapshot: BookSnapshot) -> None:
        """Take a snapshot, and the diffs after it that came while it was under way."""
        book = self._books.get(snapshot.symbol)
        if book is None:
            return
        book.apply_snapshot(snapshot)
        waiting = self._waiting.pop(snapshot.symbol, [])
        if not all(book.apply_diff(diff) for diff in waiting):
            self._waiting[snapshot.symbol] = []
            self._ask(snapshot.symbol)

    def apply(self, diff: BookDiff) -> bool:
        """Take a diff; return whether the book is as new as it, so that it may be published."""
        book, waiting = self._books.get(diff.symbol), self._waiting.get(diff.symbol)
        if book is None:
            return False
        if waiting is not None:
            if len(waiting) < MOST_WAITING:
                waiting.append(diff)
            return False
        if diff.seq <= book.seq:
            return False
        if book.apply_diff(diff):
            return True
        self._waiting[diff.symbol] = [diff]
        self._ask(diff.symbol)
        return False

    def snapshot(self, symbol: str, depth: int) -> BookSnapshot:
        """Return the book of a known symbol, empty while its snapshot is under way."""
        book = self._books[symbol]
        bids, asks = book.top(Side.BUY, depth), book.top(Side.SELL, depth)
        return BookSnapshot(symbol, tuple(bids), tuple(asks), book.seq, book.at)
