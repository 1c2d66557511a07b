"""A book as its venue writes it: levels keep the texts of the wire, sorted by exact keys."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from engine.adapters.exchanges.wire.heard import WireLevel
from engine.adapters.exchanges.wire.scaled import Prices, left
from engine.domain.order import Side
from engine.errors import Garbled

MOST = 100_000
"""Levels per side that are kept of a book without a depth; the largest that a venue sends have a third of it."""

_Changes = tuple[list[int], list[float], Sequence[WireLevel]]
"""In order: the keys of the prices, something that is true if anything is left there, the levels."""

_NONE: _Changes = ([], [], ())


class WireBook:
    """Both sides of one pair; keys are prices in units of `scaled.DECIMALS`.

    Args:
        depth: levels per side that the venue keeps; what falls beyond is dropped, as no update will tell (Kraken). None
            keeps all, up to `MOST`.
    """

    __slots__ = ("_asks_heap", "_bids_heap", "_key", "asks", "bids", "depth")

    def __init__(self, depth: int | None = None) -> None:
        self.depth = depth
        self.bids: dict[int, WireLevel] = {}
        self.asks: dict[int, WireLevel] = {}
        self._key = Prices().__getitem__
        self._bids_heap: list[int] = []
        """The negated keys of all bids and of some that are gone; least first, so the best bid."""
        self._asks_heap: list[int] = []
        """The keys of all asks, and of some that are gone."""

    def check(self, levels: Sequence[WireLevel]) -> _Changes:
        """Return levels as changes.

        Raises:
            Garbled: a level is no pair of texts, a price is not above zero, a quantity is none.
        """
        if not levels:
            return _NONE
        if len(levels) > 2 * MOST:
            raise Garbled(f"A frame holds {len(levels):,} levels; no book has as many.")
        try:
            prices, amounts = zip(*levels, strict=True)
            return list(map(self._key, prices)), left(amounts), levels
        except (TypeError, ValueError, AttributeError) as error:
            raise Garbled("A level of a book is no pair of price and quantity.") from error

    def replace(self, bids: Sequence[WireLevel], asks: Sequence[WireLevel]) -> None:
        """Take a picture over; errors as `check`, and then the book is as it was."""
        changes = self.check([*bids, *asks])
        self.bids, self.asks, self._bids_heap, self._asks_heap = {}, {}, [], []
        self._change(changes, len(bids))

    def take(self, book: WireBook) -> None:
        """Take over what is in another book, which is not used any more."""
        self.bids, self.asks = book.bids, book.asks
        self._bids_heap, self._asks_heap = book._bids_heap, book._asks_heap
        self._tidy()

    def apply(self, bids: Sequence[WireLevel], asks: Sequence[WireLevel]) -> None:
        """Change levels, then keep to the depth; errors as `check`, and then the book is as it was."""
        self._change(self.check([*bids, *asks] if bids and asks else bids or asks), len(bids))

    def _change(self, changes: _Changes, bids: int) -> None:
        """Change both sides; so many levels are bids, the first ones."""
        push = heapq.heappush
        keys, amounts, all_levels = changes
        levels, heap, remove = self.bids, self._bids_heap, self.bids.pop
        for key, is_left, level in zip(keys[:bids], amounts, all_levels, strict=False):
            if is_left:
                if key not in levels:
                    push(heap, -key)
                levels[key] = level
            else:
                remove(key, None)
        levels, heap, remove = self.asks, self._asks_heap, self.asks.pop
        for key, is_left, level in zip(keys[bids:], amounts[bids:], all_levels[bids:], strict=True):
            if is_left:
                if key not in levels:
                    push(heap, key)
                levels[key] = level
            else:
                remove(key, None)
        self._tidy()

    def _tidy(self) -> None:
        """Keep to the depth, and the heaps small."""
        most = MOST if self.depth is None else self.depth
        if (surplus := len(self.bids) - most) > 0:
            for key in heapq.nsmallest(surplus, self.bids):
                del self.bids[key]
        if (surplus := len(self.asks) - most) > 0:
            for key in heapq.nlargest(surplus, self.asks):
                del self.asks[key]
        if len(self._bids_heap) > 2 * len(self.bids) + 1_000:
            self._bids_heap = sorted(-key for key in self.bids)
        if len(self._asks_heap) > 2 * len(self.asks) + 1_000:
            self._asks_heap = sorted(self.asks)

    @property
    def touch(self) -> tuple[int, int]:
        """The keys of the best bid and ask, 0 where there is none."""
        bids, asks, bids_heap, asks_heap = self.bids, self.asks, self._bids_heap, self._asks_heap
        while bids_heap and -bids_heap[0] not in bids:
            heapq.heappop(bids_heap)
        while asks_heap and asks_heap[0] not in asks:
            heapq.heappop(asks_heap)
        return -bids_heap[0] if bids_heap else 0, asks_heap[0] if asks_heap else 0

    @property
    def is_crossed(self) -> bool:
        """Whether the best bid is not below the best ask: such a book must not be shown."""
        bid, ask = self.touch
        return bid >= ask > 0

    def top(self, side: Side, count: int) -> list[WireLevel]:
        """Return up to `count` levels, best first, as the wire wrote them."""
        if side is Side.BUY:
            return [self.bids[key] for key in heapq.nlargest(count, self.bids)]
        return [self.asks[key] for key in heapq.nsmallest(count, self.asks)]
