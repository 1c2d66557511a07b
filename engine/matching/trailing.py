"""Trailing stops: stops that follow the best last price at a distance.

The mark of a trailing sell is the highest last price since it waits, of a buy the lowest; it fires when the
last price has come back from the mark by the distance: ticks, or basis points of the mark, which are compared
exactly and never rounded to the tick. Without a last price the first trade makes the mark.

Most trades change no mark and fire nothing. So between two looks at every order the book remembers the band of
prices in which that is so.
"""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

BPS = 10_000
"""One whole in basis points."""


class TrailingOrder(Protocol):
    """What is asked of an order that may trail."""

    mark: int | None
    """The best last price since it waits, in ticks."""

    @property
    def is_buy(self) -> bool:
        """Whether it buys."""
        ...

    @property
    def number(self) -> int:
        """Counts acceptances, unique."""
        ...

    @property
    def trails(self) -> bool:
        """Whether it is a trailing stop."""
        ...

    @property
    def distance(self) -> tuple[int, int, int]:
        """Ticks, and basis points as numerator and denominator; one of the two is zero."""
        ...


def trigger_fraction(is_buy: bool, mark: int, distance: tuple[int, int, int]) -> tuple[int, int]:
    """Return the price at which a trailing stop with that mark fires, in ticks, as an exact fraction."""
    ticks, numerator, denominator = distance
    way = 1 if is_buy else -1
    whole = BPS * denominator
    return (mark + way * ticks) * whole + way * mark * numerator, whole


def trigger_ticks(is_buy: bool, mark: int, distance: tuple[int, int, int]) -> int:
    """Return the first whole tick at which it fires: the lowest for a buy, the highest for a sell."""
    top, bottom = trigger_fraction(is_buy, mark, distance)
    return -(-top // bottom) if is_buy else top // bottom


T = TypeVar("T", bound=TrailingOrder)


class TrailingBook(Generic[T]):
    """The trailing stops of one pair."""

    __slots__ = ("_calm", "_orders")

    def __init__(self) -> None:
        self._orders: dict[int, T] = {}
        self._calm: tuple[float, float] | None = None
        """From which to which last price no mark moves and nothing fires; None if not worked out."""

    def __len__(self) -> int:
        return len(self._orders)

    def wait(self, order: T, last: int | None) -> bool:
        """Let the order wait from the last price on; return False if it fires at once."""
        if last is not None and _follow(order, last):
            return False
        self.add(order)
        return True

    def add(self, order: T) -> None:
        """Let the order wait with the mark it has."""
        self._orders[order.number] = order
        self._calm = None

    def remove(self, order: T) -> None:
        """Let it wait no longer, if it does."""
        if self._orders.pop(order.number, None) is not None:
            self._calm = None

    def fired(self, last: int) -> list[T]:
        """Move the marks with a trade at `last`; take out and return what it fires."""
        calm = self._calm
        if calm is not None and calm[0] <= last <= calm[1]:
            return []
        found = [order for order in self._orders.values() if _follow(order, last)]
        for order in found:
            del self._orders[order.number]
        self._calm = self._calm_band()
        return found

    def _calm_band(self) -> tuple[float, float]:
        low, high = float("-inf"), float("inf")
        for order in self._orders.values():
            mark = order.mark
            assert mark is not None, "a trade was just followed"  # noqa: S101 - of this module's own making
            trigger = trigger_ticks(order.is_buy, mark, order.distance)
            if order.is_buy:
                low, high = max(low, mark), min(high, trigger - 1)
            else:
                low, high = max(low, trigger + 1), min(high, mark)
        return low, high


def _follow(order: TrailingOrder, last: int) -> bool:
    """Move the order's mark with a last price and return whether it fires there."""
    mark = order.mark
    if mark is None or (last < mark if order.is_buy else last > mark):
        mark = order.mark = last
    trigger = trigger_ticks(order.is_buy, mark, order.distance)
    return last >= trigger if order.is_buy else last <= trigger
