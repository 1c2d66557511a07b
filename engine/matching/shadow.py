"""The shadow book: our orders beside the book of a live or recorded feed, which never knows of them.

An arriving order takes what is displayed, and what it took stays taken (`engine.matching.feed`). A resting order
waits in the queue of its price (`engine.matching.queue`) and is filled, always at its own price,
 - by a print at its price, once what was ahead has traded, up to what is left of the print (`queue`);
 - by a print beyond its price, which must have met it first, up to the print's size (`through`);
 - by the other side of the feed's book, when that comes to stand at its price or beyond, up to what is displayed
   there and not taken (`displayed`).
Only prints by the opposite aggressor count, each once: together our orders never get more than its size. Own orders
never meet each other here. While a live feed's book cannot be trusted (`distrust`), nothing of it is changed or taken
and nothing is filled, until a snapshot comes. `docs/explanation/shadow-matcher.md` says where all this can be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from engine.domain.market import BookDiff, BookSnapshot, Level, TradeTick
from engine.domain.number import Lots, Ticks
from engine.domain.order import Side
from engine.domain.why import Place
from engine.matching.book import Sweep, sweep
from engine.matching.feed import Change, FeedSide
from engine.matching.ladder import Ladder, Resting, before
from engine.matching.queue import Moved, Queue, Standing

DISPLAYED, QUEUE, THROUGH = "displayed", "queue", "through"
"""Why a resting order was filled."""


class Due(NamedTuple):
    """A fill that is due; whoever asked for it carries it out before asking for the next."""

    order: Resting
    qty: int
    rule: str


class ShadowBook:
    """A feed's levels and our resting orders, side by side."""

    __slots__ = (
        "_asks",
        "_bids",
        "_feed_asks",
        "_feed_bids",
        "_restored",
        "_update",
        "is_external",
        "is_trusted",
        "last_price",
    )

    def __init__(self) -> None:
        self.is_external = self.is_trusted = True
        self.last_price: Ticks | None = None
        self._feed_bids, self._feed_asks = FeedSide(is_buy=True), FeedSide(is_buy=False)
        self._bids, self._asks = Queue(is_buy=True), Queue(is_buy=False)
        self._update = 0
        """Counts updates of the feed's book."""
        self._restored: dict[int, Standing] = {}
        """Where orders that are put back stood."""

    def watch(self, moved: Moved) -> None:
        """Let somebody hear whose queue became shorter, and by how much a print shortened it."""
        self._bids.moved = self._asks.moved = moved

    # What the feed says

    def distrust(self) -> None:
        """Let the book stand still until the next snapshot: nobody knows what became of it."""
        self.is_trusted = False

    def apply_snapshot(self, snapshot: BookSnapshot) -> Iterator[Due]:
        """Replace the feed's book, and trust it; yield what is filled by it."""
        self._update += 1
        was_trusted, self.is_trusted = self.is_trusted, True
        for queue, feed, levels in (
            (self._bids, self._feed_bids, snapshot.bids),
            (self._asks, self._feed_asks, snapshot.asks),
        ):
            changes = feed.replace(levels, queue.ladder.levels)
            if not was_trusted:
                changes += _empty(queue, feed, changes)
            self._note(queue, changes, snapshot.at)
        return self._crossed()

    def apply_diff(self, diff: BookDiff) -> Iterator[Due]:
        """Take over the levels that changed; yield what is filled by them."""
        if not self.is_trusted:
            return iter(())
        self._update += 1
        self._note(self._bids, self._feed_bids.update(diff.bids, self._bids.ladder.levels), diff.at)
        self._note(self._asks, self._feed_asks.update(diff.asks, self._asks.ladder.levels), diff.at)
        return self._crossed()

    def _note(self, queue: Queue, changes: list[Change], at: int) -> None:
        for change in changes:
            queue.level_changed(change, at, self._update)

    def _crossed(self) -> Iterator[Due]:
        """Yield what the other side of the feed's book fills; nothing while the feed is crossed in itself."""
        bid, ask = self._feed_bids.best, self._feed_asks.best
        if bid is not None and ask is not None and bid >= ask:
            return
        for queue, feed in ((self._bids, self._feed_asks), (self._asks, self._feed_bids)):
            while queue.ladder.ranks:
                theirs = next(iter(feed), None)
                order = queue.ladder.front(theirs.price) if theirs is not None else None
                if order is None or theirs is None:
                    break
                queue.passed(order.price)
                qty = min(order.left - order.hidden, theirs.qty)
                feed.take(theirs.price, qty)
                yield Due(order, qty, DISPLAYED)

    def print_fills(self, tick: TradeTick) -> Iterator[Due]:
        """Yield which of our orders a print fills, how far and why, in turn."""
        queue = self._bids if tick.side is Side.SELL else self._asks
        if not queue.ladder.ranks or not self.is_trusted:
            return
        left: int = tick.qty
        beyond = tick.price + (1 if tick.side is Side.SELL else -1)
        for level in queue.ladder:
            if (level.price < beyond) if tick.side is Side.SELL else (level.price > beyond):
                break
            queue.passed(level.price)
        while left and (order := queue.ladder.front(beyond)) is not None:
            qty = min(order.left - order.hidden, left)
            left -= qty
            yield Due(order, qty, THROUGH)
        late = min(queue.late_part(tick.price, tick.qty, tick.at), left)
        for part, is_late in ((late, True), (left - late, False)):
            rest = part
            while rest:
                first, rest = queue.next_in_line(tick.price, rest, late=is_late)
                if first is not None:
                    qty = min(first.left - first.hidden, rest)
                    rest -= qty
                    yield Due(first, qty, QUEUE)

    # What it shows

    @property
    def best_bid(self) -> Ticks | None:
        """The feed's highest bid that we have not taken; None while the feed cannot be trusted."""
        return next((level.price for level in self._feed_bids), None) if self.is_trusted else None

    @property
    def best_ask(self) -> Ticks | None:
        """The feed's lowest ask that we have not taken; None while the feed cannot be trusted."""
        return next((level.price for level in self._feed_asks), None) if self.is_trusted else None

    def levels(self, side: Side, depth: int | None = None) -> list[Level]:
        """Return what is displayed and not taken on the side, best first."""
        found: list[Level] = []
        for level in self._feed_bids if side is Side.BUY else self._feed_asks:
            if len(found) == depth:
                break
            found.append(level)
        return found

    def take_changes(self) -> tuple[list[Level], list[Level]]:
        """Return bids and asks that changed since the last call; 0 = gone."""
        return self._feed_bids.take_changes(), self._feed_asks.take_changes()

    def cost_to_fill(self, side: Side, qty: Lots) -> Sweep:
        """Return what an order to buy or sell `qty` would trade now."""
        if not self.is_trusted:
            return sweep((), qty)
        return sweep(self._feed_asks if side is Side.BUY else self._feed_bids, qty)

    def displayed(self, is_buy: bool, price: int) -> tuple[int, int]:
        """Return what the feed displays at a price, and how much of it we took."""
        feed = self._feed(is_buy)
        return feed.qty.get(price, 0), feed.taken.get(price, 0)

    def seen(self, is_buy: bool, depth: int) -> tuple[tuple[int, int, int], ...]:
        """Return the best levels that the feed displays: price, quantity, what we took of it."""
        return self._feed(is_buy).seen(depth)

    def ahead(self, order: Resting) -> int | None:
        """Return the lots of others ahead of one of our orders; None while the feed does not see its price."""
        return (self._bids if order.is_buy else self._asks).ahead(order)

    def place(self, order: Resting) -> Place:
        """Return where one of our orders stands; our own that joined before it are ahead of it too."""
        ahead, ours = self.ahead(order), before(order)
        there = self._feed(order.is_buy).qty.get(order.price, 0) + order.level.qty
        if ahead is None:
            return Place(None, Lots(0), Lots(there), is_estimate=True)
        behind = max(0, there - ahead - ours - order.left + order.hidden)
        return Place(Lots(ahead + ours), Lots(behind), Lots(there), is_estimate=True)

    # What the exchange does with it

    def front(self, is_buy: bool, limit: int | None) -> Resting | None:
        """Return the best level within the limit as an order that belongs to nobody."""
        found = next(self.fills(is_buy, limit), None)
        return found[0] if found is not None else None

    def fills(self, is_buy: bool, limit: int | None) -> Iterator[tuple[Resting, int]]:
        """Yield the levels within the limit, best first, as orders that belong to nobody."""
        if not self.is_trusted:
            return
        for price, qty in self._feed(not is_buy):
            if limit is not None and (price > limit if is_buy else price < limit):
                return
            yield Resting(None, 0, not is_buy, price, qty), qty

    def take(self, maker: Resting, qty: int) -> None:
        """Take from a level, or fill one of our resting orders."""
        if maker.owner is None:
            maker.left -= qty
            self._feed(maker.is_buy).take(maker.price, qty)
            return
        shown = self._feed(maker.is_buy).qty.get(maker.price, 0)
        self._queue(maker.is_buy).fill(maker, qty, shown, self._update)

    def rest(self, order: Resting) -> None:
        """Let one of our orders wait at its price."""
        feed, queue = self._feed(order.is_buy), self._queue(order.is_buy)
        standing = self._restored.pop(order.key, None)
        if standing is not None:
            queue.put_back(order, standing)
            return
        sees = self.is_trusted and feed.sees(order.price)
        queue.join(order, feed.qty.get(order.price, 0) if sees else None, self._update)

    def remove(self, order: Resting) -> None:
        """Take one of our orders out."""
        self._queue(order.is_buy).leave(order)

    def shrink(self, order: Resting, qty: int) -> None:
        """Take `qty`, less than it has left, off one of our orders, which keeps its place."""
        self.side_of(order.is_buy).shrink(order, qty)

    def side_of(self, is_buy: bool) -> Ladder:
        """Return the queues of our orders on one side."""
        return self._queue(is_buy).ladder

    def _feed(self, is_buy: bool) -> FeedSide:
        return self._feed_bids if is_buy else self._feed_asks

    def _queue(self, is_buy: bool) -> Queue:
        return self._bids if is_buy else self._asks

    # Keeping

    def dump_external(self, *, whole: bool = True) -> Mapping[str, Any] | None:
        """Return the feed's levels, what we took and where our orders stand, JSON-able.

        Unless it is to be `whole`, only levels at which we stand and the best ones: enough to look at, and quick.
        """
        bids, asks = (
            None if whole else {*queue.ladder.levels, *((best,) if (best := feed.best) is not None else ())}
            for queue, feed in ((self._bids, self._feed_bids), (self._asks, self._feed_asks))
        )
        return {
            "update": self._update,
            **({} if self.is_trusted else {"trusted": False}),
            "bids": self._feed_bids.dump(bids) | self._bids.dump(),
            "asks": self._feed_asks.dump(asks) | self._asks.dump(),
        }

    def load_external(self, dump: Mapping[str, Any]) -> None:
        """Restore what `dump_external` returned; our orders come back to their places with `rest`."""
        self._update, self.is_trusted = dump["update"], dump.get("trusted", True)
        for feed, queue, side in (
            (self._feed_bids, self._bids, dump["bids"]),
            (self._feed_asks, self._asks, dump["asks"]),
        ):
            feed.load(side)
            self._restored |= queue.load(side)


def _empty(queue: Queue, feed: FeedSide, changes: list[Change]) -> list[Change]:
    """Return the prices at which we stand, and nobody else does as far as a new picture shows."""
    named = {change.price for change in changes}
    return [Change(price, 0, 0) for price in queue.ladder.levels if price not in named and feed.sees(price)]
