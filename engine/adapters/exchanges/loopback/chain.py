"""One pair's book from a venue's updates to a chain of our own, in which every removal is said.

What a venue leaves to be understood (levels that fell out of its depth) is written out, so that the same book can be
told by a venue that keeps all levels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.adapters.exchanges.book.sync import BookSync, Outcome, Rule
from engine.adapters.exchanges.wire.heard import BookHeard, WireLevel
from engine.domain.order import Side

_ALL = 1 << 30
GONE = "0"

Levels = Mapping[int, WireLevel]


class Chain:
    """One pair; `symbol` is ours."""

    def __init__(self, symbol: str, rule: Rule) -> None:
        self._symbol, self._is_cut = symbol, rule.depth is not None
        self._sync = BookSync(rule)
        self._last = 0

    def hear(self, heard: BookHeard) -> BookHeard | None:
        """Return what to tell of an update; None while there is no whole book, or if it changes nothing.

        Raises:
            Garbled: a level in it is none.
        """
        book = self._sync.book
        before = (dict(book.bids), dict(book.asks)) if self._is_cut else ({}, {})
        outcome, previous = self._sync.hear(heard), self._last
        newest = self._sync.last
        if newest is None or outcome not in (Outcome.APPLIED, Outcome.REPLACED):
            return None
        self._last = newest.last or previous + 1
        if outcome is Outcome.REPLACED:
            sides = book.top(Side.BUY, _ALL), book.top(Side.SELL, _ALL)
            return BookHeard(self._symbol, True, *sides, last=self._last, at=newest.at or heard.at)
        bids = [*heard.bids, *_gone(before[0], book.bids, heard.bids)] if self._is_cut else heard.bids
        asks = [*heard.asks, *_gone(before[1], book.asks, heard.asks)] if self._is_cut else heard.asks
        first = heard.first or self._last
        return BookHeard(self._symbol, False, bids, asks, first, self._last, previous, heard.checksum, heard.at)


def _gone(before: Levels, after: Levels, said: Sequence[WireLevel]) -> list[WireLevel]:
    """Return removals of levels that went without a word, and of such that came and went in one."""
    told = {level[0] for level in said}
    gone = [(before[key][0], GONE) for key in before.keys() - after.keys() if before[key][0] not in told]
    there = {level[0] for level in after.values()} if len(after) else set()
    beyond = [(price, GONE) for price, qty in said if price not in there and qty.strip("0.")]
    return [*gone, *beyond]
