"""Orders that wait for the last trade price to reach their stop.

A buy stop fires at or above its stop price, a sell stop at or below; a take-profit the other way round.
Trailing stops wait in `trailing`. Those that one trade fires come out in the order of their acceptance.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import Generic, Protocol, TypeVar

from engine.matching.trailing import TrailingBook, TrailingOrder


class Waiting(TrailingOrder, Protocol):
    """What the trigger book needs to know of an order."""

    @property
    def fires_above(self) -> bool:
        """Whether it fires at or above its stop price, not at or below."""
        ...

    @property
    def stop(self) -> int:
        """Its stop price in ticks; 0 for a trailing stop, which has none."""
        ...


W = TypeVar("W", bound=Waiting)


def holds(fires_above: bool, stop: int, last: int) -> bool:
    """Return whether a stop's condition holds at a last price."""
    return last >= stop if fires_above else last <= stop


class TriggerBook(Generic[W]):
    """The waiting orders of one pair."""

    __slots__ = ("_above", "_below", "_orders", "_trailing")

    def __init__(self) -> None:
        self._above: list[tuple[int, int]] = []
        """(stop, number) of those that fire at or above, lowest stop first."""
        self._below: list[tuple[int, int]] = []
        """(-stop, number) of those that fire at or below, highest stop first."""
        self._orders: dict[int, W] = {}
        self._trailing: TrailingBook[W] = TrailingBook()

    def __len__(self) -> int:
        return len(self._orders) + len(self._trailing)

    def _place(self, order: W) -> tuple[list[tuple[int, int]], tuple[int, int]]:
        stop = order.stop
        return (self._above, (stop, order.number)) if order.fires_above else (self._below, (-stop, order.number))

    def wait(self, order: W, last: int | None) -> bool:
        """Let the order wait, or return False if it fires at once at the last price of the pair."""
        if order.trails:
            return self._trailing.wait(order, last)
        if last is not None and holds(order.fires_above, order.stop, last):
            return False
        self.add(order)
        return True

    def add(self, order: W) -> None:
        """Let the order wait, whatever the last price."""
        if order.trails:
            self._trailing.add(order)
            return
        places, place = self._place(order)
        insort(places, place)
        self._orders[order.number] = order

    def remove(self, order: W) -> None:
        """Let it wait no longer, if it does; its stop is still the one it was added with."""
        if order.trails:
            self._trailing.remove(order)
        elif self._orders.pop(order.number, None) is not None:
            places, place = self._place(order)
            del places[bisect_left(places, place)]

    def fired(self, last: int) -> list[W]:
        """Take out and return what a trade at `last` fires, in the order of acceptance."""
        found = self._trailing.fired(last) if self._trailing else []
        orders = self._orders
        for places, mark in ((self._above, last), (self._below, -last)):
            if places and places[0][0] <= mark:
                end = bisect_right(places, mark, key=_stop)
                found += [orders.pop(number) for _, number in places[:end]]
                del places[:end]
        if len(found) > 1:
            found.sort(key=_number)
        return found


def _stop(place: tuple[int, int]) -> int:
    return place[0]


def _number(order: Waiting) -> int:
    return order.number
