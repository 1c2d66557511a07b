"""A book as its venue writes it: levels keep the texts of the wire, sorted by exact keys."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

from engine.adapters.exchanges.heard import WireLevel
from engine.adapters.exchanges.scaled import Scaled
from engine.domain.order import Side


class WireBook:
    """Both sides of one pair; keys are prices in units of `scaled.DECIMALS`.

    Args:
        depth: levels per side that the venue keeps; what falls beyond is dropped, as no update will tell (Kraken). None
            keeps all.
    """

    __slots__ = ("_best_ask", "_best_bid", "_keys", "asks", "bids", "depth")

    def __init__(self, depth: int | None = None) -> None:
        self.depth = depth
        self.bids: dict[int, WireLevel] = {}
        self.asks: dict[int, WireLevel] = {}
        self._keys = Scaled()
        self._best_bid: int | None = None
        self._best_ask: int | None = None

    def replace(self, bids: Iterable[WireLevel], asks: Iterable[WireLevel]) -> None:
        """Take a picture over; errors as `apply`."""
        keys = self._keys
        self.bids = {keys[level[0]]: level for level in bids if level[1].strip("0.")}
        self.asks = {keys[level[0]]: level for level in asks if level[1].strip("0.")}
        self._best_bid, self._best_ask = max(self.bids, default=None), min(self.asks, default=None)

    def apply(self, bids: Sequence[WireLevel], asks: Sequence[WireLevel]) -> None:
        """Change levels, then keep to the depth.

        Raises:
            InvalidInput: a text is no price; nothing is promised about the book then.
        """
        if bids:
            self._best_bid = _put(self.bids, bids, self._keys, self._best_bid, is_bid=True)
        if asks:
            self._best_ask = _put(self.asks, asks, self._keys, self._best_ask, is_bid=False)
        if self.depth is not None:
            _cut(self.bids, self.depth, is_bid=True)
            _cut(self.asks, self.depth, is_bid=False)

    @property
    def is_crossed(self) -> bool:
        """Whether the best bid is not below the best ask: such a book must not be shown."""
        return self._best_bid is not None and self._best_ask is not None and self._best_bid >= self._best_ask

    def top(self, side: Side, count: int) -> list[WireLevel]:
        """Return up to `count` levels, best first, as the wire wrote them."""
        if side is Side.BUY:
            return [self.bids[key] for key in heapq.nlargest(count, self.bids)]
        return [self.asks[key] for key in heapq.nsmallest(count, self.asks)]


def _put(
    levels: dict[int, WireLevel], changes: Sequence[WireLevel], keys: Scaled, best: int | None, *, is_bid: bool
) -> int | None:
    """Change levels and return the best price of all, looked for only if the best level itself went."""
    gone = False
    for level in changes:
        key = keys[level[0]]
        if level[1].strip("0."):
            levels[key] = level
            if best is None or (key >= best if is_bid else key <= best):
                best, gone = key, False
        elif levels.pop(key, None) is not None and key == best:
            gone = True
    if not gone:
        return best
    return max(levels, default=None) if is_bid else min(levels, default=None)


def _cut(levels: dict[int, WireLevel], depth: int, *, is_bid: bool) -> None:
    surplus = len(levels) - depth
    if surplus > 0:
        for key in heapq.nsmallest(surplus, levels) if is_bid else heapq.nlargest(surplus, levels):
            del levels[key]
