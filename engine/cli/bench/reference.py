"""The plainest matcher that is right, written apart from the engine: what a benchmark's answers must be.

One heap a side, of price and number; numbers count up in the order of submission, so the heap's top is next in
price-time priority. What was cancelled or filled stays in the heap until it comes to the top.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import NamedTuple

ENDLESS = 1 << 62
"""The quantity of a level that takes whatever comes, in lots."""


class Fill(NamedTuple):
    """A trade at the maker's price; maker 0 = a level of endless depth."""

    maker: int
    taker: int
    price: int
    qty: int


class Reference:
    """Orders by number on two heaps; `market` = bid and ask of endless depth, if there are."""

    def __init__(self, market: tuple[int, int] | None = None) -> None:
        self.fills: list[Fill] = []
        self._left: dict[int, int] = {}
        self._heaps: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])
        """Asks (price, number), then bids (minus price, number)."""
        for number, price in zip((-1, 0), market or (), strict=False):
            self._rest(number, number == -1, price, ENDLESS)

    def submit(self, number: int, is_buy: bool, price: int, qty: int) -> bool:
        """Match an order, rest what is left of it, and return whether anything was."""
        heap, sign, left = self._heaps[not is_buy], 1 if is_buy else -1, qty
        while left and heap and heap[0][0] <= price * sign:
            rank, maker = heap[0]
            there = self._left.get(maker, 0)
            if not there:
                heappop(heap)
                continue
            part = min(there, left)
            left -= part
            self._reduce(maker, there - part)
            self.fills.append(Fill(max(maker, 0), number, rank * sign, part))
        if left:
            self._rest(number, is_buy, price, left)
        return left > 0

    def cancel(self, number: int) -> None:
        """Take an order out; nothing happens if it does not rest."""
        self._left.pop(number, None)

    def rests(self, number: int) -> bool:
        """Return whether something of the order is left in the book."""
        return number in self._left

    def _reduce(self, number: int, left: int) -> None:
        if left:
            self._left[number] = left
        else:
            del self._left[number]

    def _rest(self, number: int, is_buy: bool, price: int, qty: int) -> None:
        self._left[number] = qty
        heappush(self._heaps[is_buy], (-price if is_buy else price, number))
