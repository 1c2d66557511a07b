"""One side of a feed's book, and an overlay of what we took from it.

The feed never knew of us, so its levels are not ours to change. What we took at a price stays taken: of what was
displayed then, at most the least that was displayed since can still be there, so that much at most remains taken,
and whatever came on top of it is fresh. So no liquidity fills two orders, and what is taken never exceeds what is
displayed. Prices in ticks, quantities in lots.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Container, Iterable, Iterator
from typing import NamedTuple

from engine.domain.market import Level
from engine.domain.number import Lots, Ticks


class Change(NamedTuple):
    """A level before and after an update of the feed."""

    price: int
    before: int
    after: int


class FeedSide:
    """The displayed levels of one side, what we took of them, and how far the feed can see."""

    __slots__ = ("_changed", "_sign", "qty", "ranks", "sight", "taken")

    def __init__(self, is_buy: bool) -> None:
        self._sign = 1 if is_buy else -1
        self.qty: dict[int, int] = {}
        self.taken: dict[int, int] = {}
        self.ranks: list[int] = []
        """Price for bids, minus price for asks; sorted, best last."""
        self.sight: int | None = None
        """Rank beyond which a price is unknown until the feed names it: that of the last level of the newest snapshot,
        or of the worst best level since."""
        self._changed: set[int] | None = None

    # What the feed says

    def replace(self, levels: Iterable[tuple[int, int]], watched: Container[int] = ()) -> list[Change]:
        """Take over a snapshot: levels it does not name are gone. Return what became of the watched prices."""
        new = dict(levels)
        gone = [(price, 0) for price in self.qty if price not in new]
        changes = self.update(gone, watched)
        changes += self.update(reversed(new.items()), watched)[::-1]  # worst first, as ranks are: none is moved
        self.sight = self.ranks[0] if self.ranks else None
        return changes

    def update(self, levels: Iterable[tuple[int, int]], watched: Container[int] = ()) -> list[Change]:
        """Take over levels with what they display now; 0 removes one. Return those at watched prices."""
        qty, taken, ranks, sign, changed = self.qty, self.taken, self.ranks, self._sign, self._changed
        changes: list[Change] = []
        for price, after in levels:
            before = qty.get(price, 0)
            if price in watched:
                changes.append(Change(price, before, after))
            if changed is not None:
                changed.add(price)
            if after:
                qty[price] = after
                if not before:
                    insort(ranks, price * sign)
            elif before:
                del qty[price]
                del ranks[bisect_left(ranks, price * sign)]
            if taken and price in taken:
                self._clamp(price, after)
        if self.sight is not None and ranks and ranks[-1] < self.sight:
            self.sight = ranks[-1]
        return changes

    def _clamp(self, price: int, displayed: int) -> None:
        if not displayed:
            del self.taken[price]
        elif self.taken[price] > displayed:
            self.taken[price] = displayed

    # What we take

    def take(self, price: int, qty: int) -> None:
        """Take `qty` at a price, at most what is `left` there."""
        self.taken[price] = self.taken.get(price, 0) + qty
        if self._changed is not None:
            self._changed.add(price)

    def left(self, price: int) -> int:
        """Return what is displayed at a price and not taken by us."""
        return self.qty.get(price, 0) - self.taken.get(price, 0)

    # What there is

    def sees(self, price: int) -> bool:
        """Whether it is known what stands at a price."""
        return price in self.qty or self.sight is None or price * self._sign >= self.sight

    @property
    def best(self) -> int | None:
        """The best displayed price, taken or not."""
        return self.ranks[-1] * self._sign if self.ranks else None

    def seen(self, depth: int) -> tuple[tuple[int, int, int], ...]:
        """Return the best displayed levels: price, quantity, what is taken of it."""
        prices = [rank * self._sign for rank in self.ranks[-depth:][::-1]]
        return tuple([(price, self.qty[price], self.taken.get(price, 0)) for price in prices])

    def __iter__(self) -> Iterator[Level]:
        """Yield what is left to take, best first."""
        for rank in reversed(self.ranks):
            price = rank * self._sign
            left = self.left(price)
            if left:
                yield Level(Ticks(price), Lots(left))

    def take_changes(self) -> list[Level]:
        """Return the levels that changed since the last call, best first; the first call returns all."""
        changed, self._changed = self._changed, set()
        if changed is None:
            return list(self)
        return [Level(Ticks(p), Lots(self.left(p))) for p in sorted(changed, reverse=self._sign > 0)]

    # Keeping

    def dump(self, only: Iterable[int] | None = None) -> dict[str, object]:
        """Return everything but who watches, JSON-able; levels at all prices, or at some only."""
        prices = self.qty if only is None else [price for price in only if price in self.qty]
        levels = [[price, self.qty[price], self.taken.get(price, 0)] for price in sorted(prices)]
        return {"levels": levels, "sight": self.sight}

    def load(self, dump: dict[str, object]) -> None:
        """Restore what `dump` returned."""
        levels: list[list[int]] = dump["levels"]  # type: ignore[assignment]
        self.update([(price, qty) for price, qty, _ in levels])
        self.taken = {price: taken for price, _, taken in levels if taken}
        self.sight = dump["sight"]  # type: ignore[assignment]
