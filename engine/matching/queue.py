"""Where our orders stand in the queues of a feed's book: an estimate, on the careful side.

An L2 feed says how much stands at a price, not who. An order that comes to rest remembers what is displayed at its
price: all of it is ahead. Prints at the price shorten the queue from the front. Of what disappears without a print
we believe the least: it stood behind us as long as that can be, so what is ahead is at most what is displayed. A
level that is gone is no proof that those ahead of us left (a feed may drop levels from its window): it counts once
the level is shown again, smaller. What is added joins behind.

A feed sends prints and levels apart, and a print may come after the change of the level that it caused. What a level
lost without a print is therefore kept in doubt for a moment: prints that come late are first held against it, as of
before that change, so that one trade never shortens the queue twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from typing import Any

from engine.matching.feed import Change
from engine.matching.ladder import Ladder, PriceLevel, Resting

LATE = 250_000_000
"""How long after a change of a level a print may come that caused it, in ns; in the shipped recording, some 100 ms."""

Moved = Callable[[Resting, int], object]
"""Told an order whose queue became shorter, and by how much a print shortened it (0: the level shrank)."""


@dataclass(slots=True)
class Standing:
    """What stands before one order."""

    ahead: int | None
    """Lots of others, before a `Doubt` is taken into account; None while the feed does not see the price."""
    joined: int
    """Number of the last update of the book when it joined."""


@dataclass(slots=True)
class Doubt:
    """The last change of a level at which we stand; prints under way may explain it."""

    shown: int
    """What is displayed since: nobody who joined before has more than that ahead."""
    lost: int
    """What disappeared without a print."""
    at: int
    number: int
    """Number of the update."""


class Queue:
    """Our resting orders on one side, and what stands ahead of each."""

    __slots__ = ("_doubts", "_printed", "_standings", "ladder", "moved")

    def __init__(self, is_buy: bool) -> None:
        self.ladder = Ladder(is_buy)
        self.moved: Moved | None = None
        self._standings: dict[int, Standing] = {}
        """By the order's key."""
        self._doubts: dict[int, Doubt] = {}
        """By price; only where we stand."""
        self._printed: dict[int, int] = {}
        """Prints since the last change of a level, by price; only where we stand."""

    # Joining and leaving

    def join(self, order: Resting, shown: int | None, update: int) -> None:
        """Put an order at the back of its price, behind the `shown` lots (None: nobody sees how many)."""
        self._standings[order.key] = Standing(self._behind(order.price, shown), update)
        self.ladder.add(order)

    def put_back(self, order: Resting, standing: Standing) -> None:
        """Put an order back where it stood."""
        self._standings[order.key] = standing
        self.ladder.add(order)

    def leave(self, order: Resting) -> None:
        """Take an order out."""
        self.ladder.remove(order)
        self._forget(order)

    def fill(self, order: Resting, qty: int, shown: int, update: int) -> None:
        """Fill `qty` of what an order displays; its next slice, if it hides one, joins behind the `shown` lots."""
        next_slice = qty == order.left - order.hidden
        self.ladder.trade(order, qty)
        if not order.left:
            self._forget(order)
        elif next_slice:
            self._standings[order.key] = Standing(self._behind(order.price, shown), update)

    def _behind(self, price: int, shown: int | None) -> int | None:
        """Return what is ahead at the back of a price: at least what is ahead of the last of ours that stands there."""
        level = self.ladder.levels.get(price)
        if shown is None or level is None:
            return shown
        ahead = self.ahead(level.tail)
        return None if ahead is None else max(shown, ahead)

    def _forget(self, order: Resting) -> None:
        del self._standings[order.key]
        if order.price not in self.ladder.levels:
            self._doubts.pop(order.price, None)
            self._printed.pop(order.price, None)

    # What the feed says

    def level_changed(self, change: Change, at: int, update: int) -> None:
        """Take note that a level at which we stand displays something else now."""
        price, before, after = change
        self._settle(price)
        lost = before - after - self._printed.pop(price, 0)
        earlier = [(order, self.ahead(order)) for order in self.ladder.levels[price]]
        for order, ahead in earlier:
            if ahead is None:
                self._standings[order.key].ahead = after
        self._doubts[price] = Doubt(after, max(lost, 0), at, update)
        for order, ahead in earlier:
            if self.ahead(order) != ahead:
                self._tell(order, 0)

    def passed(self, price: int) -> None:
        """Take note that nobody stands at a price any more: it was traded through, or the other side stands there."""
        for order in self.ladder.levels[price]:
            standing = self._standings[order.key]
            if standing.ahead != 0:
                standing.ahead = 0
                self._tell(order, 0)

    def late_part(self, price: int, qty: int, at: int) -> int:
        """Return how much of a print may have caused the last change of its level, and count the rest as new."""
        if price not in self.ladder.levels:
            return 0
        doubt, late = self._doubts.get(price), 0
        if doubt is not None and at <= doubt.at + LATE:
            late = min(qty, doubt.lost)
            doubt.lost -= late
        self._printed[price] = self._printed.get(price, 0) + qty - late
        return late

    def next_in_line(self, price: int, left: int, *, late: bool) -> tuple[Resting | None, int]:
        """Let what is left of a print at a price shorten the queue until one of our orders is at its front.

        A late print acts as of before the last change of the level, on those who stood there then.

        Returns:
            The order that it meets next (None: none), and what is left of it then.
        """
        level = self.ladder.levels.get(price)
        first = level.head if level is not None else None
        if level is None or first is None:
            return None, 0
        if not late:
            self._settle(price)
        standing = self._standings[first.key]
        if standing.ahead is None or (late and standing.joined >= self._doubts[price].number):
            return None, 0
        gone = min(standing.ahead, left)
        if gone:
            self._shorten(level, gone, late=late)
        return (first, left - gone) if left > gone else (None, 0)

    # The estimate

    def ahead(self, order: Resting) -> int | None:
        """Return what others have ahead of an order; None while the feed does not see its price."""
        standing = self._standings[order.key]
        ahead, doubt = standing.ahead, self._doubts.get(order.price)
        if ahead is None or doubt is None or not doubt.shown or standing.joined >= doubt.number:
            return ahead
        return min(ahead, doubt.shown)

    def _settle(self, price: int) -> None:
        """Believe the last change of a level for good: no print can explain it any more."""
        if price not in self._doubts:
            return
        for order in self.ladder.levels[price]:
            self._standings[order.key].ahead = self.ahead(order)
        del self._doubts[price]

    def _shorten(self, level: PriceLevel, qty: int, *, late: bool) -> None:
        """Take `qty` lots of others off the front of a level's queue."""
        number = self._doubts[level.price].number if late else 0
        for order in level:
            standing = self._standings[order.key]
            if standing.ahead and not (late and standing.joined >= number):
                part = min(qty, standing.ahead)
                standing.ahead -= part
                self._tell(order, part)

    def _tell(self, order: Resting, qty: int) -> None:
        if self.moved is not None:
            self.moved(order, qty)

    # Keeping

    def dump(self) -> dict[str, object]:
        """Return the estimates, JSON-able; who stands where is the ladder's to say."""
        return {
            "standings": [[key, each.ahead, each.joined] for key, each in sorted(self._standings.items())],
            "doubts": [[price, *astuple(each)] for price, each in sorted(self._doubts.items())],
            "printed": sorted(self._printed.items()),
        }

    def load(self, dump: Mapping[str, Any]) -> dict[int, Standing]:
        """Restore what is known of prices, and return the standings by key, for `put_back`."""
        self._doubts = {price: Doubt(*values) for price, *values in dump["doubts"]}
        self._printed = dict(dump["printed"])
        return {key: Standing(ahead, joined) for key, ahead, joined in dump["standings"]}
