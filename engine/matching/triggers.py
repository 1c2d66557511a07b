"""Orders that wait for the last trade price to reach their stop.

A buy stop fires at or above its stop price, a sell stop at or below. Those that one trade fires
come out in the order in which they were accepted.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import Generic, Protocol, TypeVar


class Waiting(Protocol):
    """What the trigger book needs to know of an order."""

    @property
    def is_buy(self) -> bool:
        """Whether it buys."""
        ...

    @property
    def stop(self) -> int:
        """Its stop price in ticks."""
        ...

    @property
    def number(self) -> int:
        """Counts acceptances, unique."""
        ...


W = TypeVar("W", bound=Waiting)


def holds(is_buy: bool, stop: int, last: int) -> bool:
    """Return whether a stop's condition holds at a last price."""
    return last >= stop if is_buy else last <= stop


class TriggerBook(Generic[W]):
    """The waiting orders of one pair."""

    __slots__ = ("_above", "_below", "_orders")

    def __init__(self) -> None:
        self._above: list[tuple[int, int]] = []
        """(stop, number) of buys, lowest stop first."""
        self._below: list[tuple[int, int]] = []
        """(-stop, number) of sells, highest stop first."""
        self._orders: dict[int, W] = {}

    def __len__(self) -> int:
        return len(self._orders)

    def _place(self, order: W) -> tuple[list[tuple[int, int]], tuple[int, int]]:
        stop = order.stop
        return (self._above, (stop, order.number)) if order.is_buy else (self._below, (-stop, order.number))

    def add(self, order: W) -> None:
        """Let the order wait."""
        places, place = self._place(order)
        insort(places, place)
        self._orders[order.number] = order

    def remove(self, order: W) -> None:
        """Let it wait no longer; its stop is still the one it was added with."""
        places, place = self._place(order)
        del places[bisect_left(places, place)]
        del self._orders[order.number]

    def fired(self, last: int) -> list[W]:
        """Take out and return what a trade at `last` fires, in the order of acceptance."""
        orders = self._orders
        if not orders:
            return []
        numbers: list[int] = []
        for places, mark in ((self._above, last), (self._below, -last)):
            if places and places[0][0] <= mark:
                end = bisect_right(places, mark, key=_stop)
                numbers += [number for _, number in places[:end]]
                del places[:end]
        numbers.sort()
        return [orders.pop(number) for number in numbers]


def _stop(place: tuple[int, int]) -> int:
    return place[0]
