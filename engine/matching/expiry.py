"""Orders that end at an instant: who is next, and when.

What ended earlier is only forgotten, and swept out when it outnumbers what is left, so that orders with far
deadlines that come and go leave nothing behind.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import Generic, TypeVar

NEVER = 1 << 200
"""Later than every instant."""

SWEPT = 64
"""Forgotten entries that are kept without another thought."""

T = TypeVar("T")


class Deadlines(Generic[T]):
    """Orders by expiry, then by number of acceptance."""

    __slots__ = ("_heap", "_orders", "next_at")

    def __init__(self) -> None:
        self._heap: list[tuple[int, int]] = []
        self._orders: dict[int, T] = {}
        self.next_at = NEVER
        """No order expires before this instant."""

    def add(self, at: int, number: int, order: T) -> None:
        """Let an order end at an instant."""
        self._orders[number] = order
        heappush(self._heap, (at, number))
        self.next_at = self._heap[0][0]

    def remove(self, number: int) -> None:
        """Forget an order, if it is here."""
        if self._orders.pop(number, None) is None:
            return
        if len(self._heap) > 2 * len(self._orders) + SWEPT:
            self._heap = [entry for entry in self._heap if entry[1] in self._orders]
            heapify(self._heap)
            self.next_at = self._heap[0][0] if self._heap else NEVER

    def take(self, now: int) -> tuple[int, T] | None:
        """Take out the first order that has expired by `now`, with its instant."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            at, number = heappop(heap)
            self.next_at = heap[0][0] if heap else NEVER
            order = self._orders.pop(number, None)
            if order is not None:
                return at, order
        return None
