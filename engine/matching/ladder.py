"""One side of a book: price levels, best first, and in each level a queue, first come first.

The queue is a doubly linked list through the orders themselves, so that joining, leaving from the
middle and filling the front cost the same however long it is, and nothing is left behind by an order
that went. Prices are kept in one sorted list whose last element is the best.

An iceberg displays a slice of what it has left and hides the rest. When the slice is used up the next one
is displayed, at the back of the queue.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterator

from engine.domain.market import Level
from engine.domain.number import Lots, Ticks


class Resting:
    """Something that can stand in a queue. `owner` is None for flow that belongs to no account.

    Of what is `left`, `hidden` is not displayed yet; `display` is the size of a slice, 0 for what hides nothing.
    Whoever puts it into a queue says what is hidden.
    """

    __slots__ = ("before", "behind", "display", "hidden", "is_buy", "key", "left", "level", "owner", "price")

    def __init__(self, owner: object | None, key: int, is_buy: bool, price: int, left: int) -> None:
        self.owner = owner
        self.key = key
        self.is_buy = is_buy
        self.price = price
        self.left = left
        self.display = 0
        self.hidden = 0
        self.level: PriceLevel  # this and the next are set while it stands in a queue
        self.before: Resting | None
        self.behind: Resting | None = None


class PriceLevel:
    """All orders at one price; `qty` is what they display together, `hidden` what they have besides."""

    __slots__ = ("head", "hidden", "price", "qty", "tail")

    def __init__(self, price: int, head: Resting) -> None:
        self.price = price
        self.qty = 0
        self.hidden = 0
        self.head: Resting | None = head
        self.tail = head

    def __iter__(self) -> Iterator[Resting]:
        """Yield the orders of the queue, next to trade first."""
        order = self.head
        while order is not None:
            yield order
            order = order.behind

    def fills(self) -> Iterator[tuple[Resting, int]]:
        """Yield who would trade how much, in turn: each slice of an iceberg for itself, behind who stands there."""
        if not self.hidden:
            for order in self:
                yield order, order.left
            return
        queue = deque((order, order.left - order.hidden, order.hidden) for order in self)
        while queue:
            order, part, hidden = queue.popleft()
            yield order, part
            if hidden:
                part = min(order.display, hidden)
                queue.append((order, part, hidden - part))


class Ladder:
    """The levels of one side."""

    __slots__ = ("_seen", "_sign", "changed", "levels", "ranks")

    def __init__(self, is_buy: bool) -> None:
        self._sign = 1 if is_buy else -1
        self.levels: dict[int, PriceLevel] = {}
        self.ranks: list[int] = []
        """Price for bids, minus price for asks; sorted, best last."""
        self.changed: set[int] | None = None
        """Prices whose displayed quantity changed; None while nobody asks."""
        self._seen: dict[int, tuple[tuple[int, int, int], ...]] = {}
        """The best levels by how many, as long as they are as they were; kept up with `changed`."""

    def best(self) -> PriceLevel | None:
        """Return the level that trades next."""
        ranks = self.ranks
        return self.levels[ranks[-1] * self._sign] if ranks else None

    def best_price(self) -> Ticks | None:
        """Return its price."""
        ranks = self.ranks
        return Ticks(ranks[-1] * self._sign) if ranks else None

    def front(self, limit: int | None) -> Resting | None:
        """Return the order that trades next with an opposite one limited to `limit` (None: any price)."""
        ranks = self.ranks
        if not ranks:
            return None
        rank = ranks[-1]
        if limit is not None and rank < limit * self._sign:
            return None
        return self.levels[rank * self._sign].head

    def add(self, order: Resting) -> None:
        """Put the order at the back of the queue at its price."""
        try:
            level = self.levels[order.price]
        except KeyError:
            level = self._open(order)
        else:
            tail = order.before = level.tail
            tail.behind = level.tail = order
        order.level = level
        hidden = order.hidden
        if hidden:
            level.qty += order.left - hidden
            level.hidden += hidden
        else:
            level.qty += order.left
        if self.changed is not None:
            self.changed.add(order.price)
            self._seen.clear()

    def remove(self, order: Resting) -> None:
        """Take the order out, wherever in its queue it stands."""
        level = order.level
        hidden = order.hidden
        if hidden:
            level.qty -= order.left - hidden
            level.hidden -= hidden
        else:
            level.qty -= order.left
        before, behind = order.before, order.behind
        order.before = order.behind = None
        if before is None:
            level.head = behind
        else:
            before.behind = behind
        if behind is not None:
            behind.before = before
        elif before is not None:
            level.tail = before
        else:
            self._close(level.price)
        del order.level
        if self.changed is not None:
            self.changed.add(level.price)
            self._seen.clear()

    def trade(self, order: Resting, qty: int) -> None:
        """Take `qty` off what the order displays; it leaves when nothing is left, or shows its next slice."""
        level = order.level
        level.qty -= qty
        order.left -= qty
        if order.left == order.hidden:
            self.remove(order)
            if order.left:
                order.hidden = max(0, order.left - order.display)
                self.add(order)
        elif self.changed is not None:
            self.changed.add(level.price)
            self._seen.clear()

    def shrink(self, order: Resting, qty: int) -> None:
        """Take `qty` off what the order has left, what is hidden first; something stays, and keeps its place."""
        level = order.level
        cut = min(qty, order.hidden)
        order.left -= qty
        order.hidden -= cut
        level.hidden -= cut
        level.qty -= qty - cut
        if self.changed is not None:
            self.changed.add(level.price)
            self._seen.clear()

    def _open(self, order: Resting) -> PriceLevel:
        price = order.price
        level = self.levels[price] = PriceLevel(price, order)
        order.before = None
        insort(self.ranks, price * self._sign)
        return level

    def _close(self, price: int) -> None:
        del self.levels[price]
        ranks = self.ranks
        rank = price * self._sign
        if ranks[-1] == rank:
            ranks.pop()
        else:
            del ranks[bisect_left(ranks, rank)]

    def __iter__(self) -> Iterator[PriceLevel]:
        """Yield the levels, best first."""
        for rank in reversed(self.ranks):
            yield self.levels[rank * self._sign]

    def depth(self, count: int | None) -> list[Level]:
        """Return the best `count` levels (None: all), best first."""
        ranks = self.ranks
        chosen = ranks if count is None else ranks[max(0, len(ranks) - count) :]
        levels, sign = self.levels, self._sign
        return [Level(Ticks(rank * sign), Lots(levels[rank * sign].qty)) for rank in reversed(chosen)]

    def seen(self, count: int) -> tuple[tuple[int, int, int], ...]:
        """Return the best `count` levels, best first: price, displayed quantity, 0; for whoever keeps many of them."""
        found = self._seen.get(count)
        if found is None:
            levels, sign = self.levels, self._sign
            found = tuple([(price := rank * sign, levels[price].qty, 0) for rank in self.ranks[: -count - 1 : -1]])
            if self.changed is not None:
                self._seen[count] = found
        return found

    def take_changes(self) -> list[Level]:
        """Return the levels that changed since the last call, best first; the first call returns all."""
        levels, changed = self.levels, self.changed
        self.changed = set()
        if changed is None:
            return self.depth(None)
        return [
            Level(Ticks(price), Lots(levels[price].qty if price in levels else 0))
            for price in sorted(changed, reverse=self._sign > 0)
        ]


def before(order: Resting) -> int:
    """Return what is displayed in a queue before an order; at its back, where most ask, that takes no walk."""
    level = order.level
    if order is level.tail:
        return level.qty - (order.left - order.hidden)
    ahead, other = 0, order.before
    while other is not None:
        ahead += other.left - other.hidden
        other = other.before
    return ahead
