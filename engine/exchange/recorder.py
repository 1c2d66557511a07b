"""Why orders fill: what each met when it arrived, and what consumed the queue before it since.

Off unless somebody wants to know (`crs simulate` and the benchmarks of matching do not). Everything noted is a
function of what happens in the market, not of how its time is cut into steps, and is kept in bounds: of a long wait
the queue is remembered at evenly thinned moments, and the newest prints.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.domain.market import TradeTick
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import AccountId, Liquidity, OrderId
from engine.domain.why import Arrival, FillExplained, PrintUsed, QueueStep, SeenLevel, WaitExplained
from engine.exchange.order import WorkingOrder
from engine.matching.book import MatchingBook
from engine.matching.ladder import Resting

SEEN = 5
"""Levels that are noted when an order arrives."""
STEPS = 32
"""Moments of a queue that are kept of one order…"""
PRINTS = 32
"""…and prints."""
ENDED = 256
"""Orders that ended with something unfilled of which the wait is remembered; a restart forgets them."""

Seen = tuple[int, int, int | None, int | None, int | None, tuple[tuple[int, int, int], ...]]
"""When an order reached the exchange, when it entered the book, and what it met: bid, ask, last price, levels."""
Spot = tuple[str, bool, int]
"""A queue: pair, whether it buys, price."""
NOBODY: dict[int, Trace] = {}


class Trace:
    """What is known of one open order, as plain numbers: most orders end without anybody asking."""

    __slots__ = ("ahead", "last_print", "moves", "prints", "seen", "sent_at", "steps", "stride")

    def __init__(self, sent_at: int) -> None:
        self.sent_at = sent_at
        self.seen: Seen | None = None
        """None until it enters the book."""
        self.ahead: int | None = None
        self.steps: list[tuple[int, int]] = []
        """Instants, and what was ahead from then on."""
        self.prints: list[tuple[int, int, int, int]] = []
        """Instant, price, size and how much of it was used."""
        self.last_print: int | None = None
        """Number of the newest print."""
        self.moves = 0
        """How often what is ahead has changed…"""
        self.stride = 1
        """…of which every so many-th is kept, and always the newest."""

    def step(self, at: int, ahead: int | None) -> None:
        """Note what is ahead from now on, if anybody knows."""
        steps = self.steps
        if ahead is None or (steps and steps[-1][1] == ahead):
            return
        if steps and (steps[-1][0] == at or self.moves % self.stride):
            steps.pop()
        steps.append((at, ahead))
        self.moves += 1
        if len(steps) > STEPS:
            del steps[1:-1:2]
            self.stride *= 2

    def told(self) -> WaitExplained:
        """Return it as a plain value."""
        return WaitExplained(Nanos(self.sent_at), self.arrival(), self.queue(), self.used())

    def use(self, number: int, at: int, price: int, qty: int, used: int) -> None:
        """Note that (more) of a print came to the order."""
        prints = self.prints
        if number == self.last_print:
            used += prints.pop()[3]
        self.last_print = number
        prints.append((at, price, qty, used))
        if len(prints) > PRINTS:
            del prints[0]

    def dump(self) -> list[object]:
        """Return everything, in the order of the slots; what grows is copied, as it may be written much later."""
        values = (getattr(self, name) for name in self.__slots__)
        return [list(value) if isinstance(value, list) else value for value in values]

    def arrival(self) -> Arrival | None:
        """Return the market that the order met."""
        if self.seen is None:
            return None
        at, seen_at, bid, ask, last, opposite = self.seen
        levels = tuple(SeenLevel(Ticks(price), Lots(qty), Lots(taken)) for price, qty, taken in opposite)
        return Arrival(
            Nanos(self.sent_at),
            Nanos(at),
            None if bid is None else Ticks(bid),
            None if ask is None else Ticks(ask),
            None if last is None else Ticks(last),
            levels,
            None if self.ahead is None else Lots(self.ahead),
            Nanos(seen_at) if seen_at != at else None,
        )

    def queue(self) -> tuple[QueueStep, ...]:
        """Return what was ahead over time."""
        return tuple(QueueStep(Nanos(at), Lots(ahead)) for at, ahead in self.steps)

    def used(self) -> tuple[PrintUsed, ...]:
        """Return the prints that consumed the queue or filled the order."""
        return tuple(PrintUsed(Nanos(at), Ticks(price), Lots(qty), Lots(used)) for at, price, qty, used in self.prints)


class Recorder:
    """Keeps a trace of every open order and explains every fill."""

    def __init__(self) -> None:
        self._traces: dict[int, Trace] = {}
        """By the order's number."""
        self._books: dict[int, tuple[WorkingOrder, MatchingBook, Spot]] = {}
        """Orders that came to rest and have not ended, each with its book and where it stands, by number."""
        self._spots: dict[Spot, dict[int, Trace]] = {}
        """Who stands where."""
        self._ended: dict[tuple[AccountId, OrderId], Trace] = {}
        self._now = Nanos(0)
        self._tick: TradeTick | None = None

    # What the exchange tells

    def registered(self, order: WorkingOrder, sent_at: Nanos) -> None:
        """Take note of an accepted order that stands nowhere yet."""
        self._traces[order.key] = Trace(sent_at)

    def entered(self, order: WorkingOrder, book: MatchingBook, now: Nanos) -> None:
        """Take note of the book that an order meets."""
        own, opposite = book.seen(order.is_buy, 1), book.seen(not order.is_buy, SEEN)
        near, far = own[0][0] if own else None, opposite[0][0] if opposite else None
        bid, ask = (near, far) if order.is_buy else (far, near)
        self._traces[order.key].seen = (order.at, now, bid, ask, book.last_price, opposite)

    def rested(self, order: WorkingOrder, book: MatchingBook, now: Nanos) -> None:
        """Take note of an order that came to rest, for the first time or again."""
        key, trace = order.key, self._traces[order.key]
        self._leave(key)
        spot = (order.command.symbol, order.is_buy, order.price)
        self._books[key] = (order, book, spot)
        self._spots.setdefault(spot, {})[key] = trace
        ahead = book.place(order).ahead
        if trace.seen is None:  # put back after a stop of which nothing else is known
            trace.seen = (order.at, order.at, None, None, None, ())
        if trace.ahead is None:
            trace.ahead = ahead
        trace.step(now, ahead)

    def ended(self, order: WorkingOrder) -> None:
        """Forget an order that cannot trade any more; of one that is not all filled the wait is kept for a while."""
        trace = self._traces.pop(order.key)
        if order.left:
            self._ended[order.account.account_id, order.order_id] = trace
            if len(self._ended) > ENDED:
                del self._ended[next(iter(self._ended))]
        self._leave(order.key)

    def _leave(self, key: int) -> None:
        _, _, spot = self._books.pop(key, (None, None, None))
        if spot is not None:
            there = self._spots[spot]
            del there[key]
            if not there:
                del self._spots[spot]

    def feed_says(self, at: Nanos, tick: TradeTick | None) -> None:
        """Take note of what a feed's event is, before its consequences: a print, or a change of the book."""
        self._now, self._tick = at, tick

    def moved(self, order: Resting, qty: int) -> None:
        """Take note that a queue of a feed's book became shorter, by `qty` lots of the print that happens."""
        trace = self._traces[order.key]
        trace.step(self._now, self._ahead(order.key))
        if qty and self._tick is not None:
            tick = self._tick
            trace.use(tick.trade_id, tick.at, tick.price, tick.qty, qty)

    def traded(self, symbol: str, maker: Resting, qty: int, trade_id: int, now: Nanos) -> None:
        """Take note of a trade with the front of a queue in which orders of accounts may stand."""
        for key, trace in self._spots.get((symbol, maker.is_buy, maker.price), NOBODY).items():
            if key != maker.key or maker.owner is None:
                trace.step(now, self._ahead(key))
                trace.use(trade_id, now, maker.price, qty, qty)

    @property
    def is_idle(self) -> bool:
        """Whether no order rests, so that trades of others need not be told."""
        return not self._spots

    def explain(
        self, order: WorkingOrder, trade_id: int, price: int, qty: int, liquidity: Liquidity, rule: str, now: Nanos
    ) -> FillExplained:
        """Return why a fill happened that has just been carried out."""
        trace, tick = self._traces[order.key], self._tick
        maker = liquidity is Liquidity.MAKER
        if maker and tick is not None:
            trace.use(tick.trade_id, tick.at, tick.price, tick.qty, qty)
        elif maker:
            trace.use(trade_id, now, price, qty, qty)
        arrival = trace.arrival()
        assert arrival is not None, "only an order that entered the book fills"  # noqa: S101 - so does the floor
        explained = FillExplained(
            order.account.account_id,
            order.order_id,
            trade_id,
            order.command.symbol,
            liquidity,
            format((order.maker_rate if maker else order.taker_rate).decimal, "f"),
            rule,
            arrival,
            trace.queue(),
            trace.used(),
            now,
        )
        if maker and order.left:
            trace.step(now, self._ahead(order.key))  # the next slice of an iceberg has joined at the back
        return explained

    def waits(self, order: WorkingOrder) -> WaitExplained:
        """Return what is known of an open order."""
        return self._traces[order.key].told()

    def waited(self, account: AccountId, order_id: OrderId) -> WaitExplained | None:
        """Return what was known of an order when it ended, not all filled; None if that is not remembered."""
        trace = self._ended.get((account, order_id))
        return None if trace is None else trace.told()

    def _ahead(self, key: int) -> int | None:
        order, book, _ = self._books[key]
        return book.place(order).ahead

    # Keeping

    def dump(self) -> list[object]:
        """Return the traces, JSON-able, by number of acceptance."""
        return [[key, *trace.dump()] for key, trace in sorted(self._traces.items())]

    def load(self, dump: list[list[Any]], orders: Mapping[int, tuple[WorkingOrder, MatchingBook]]) -> None:
        """Restore what was dumped; `orders` are those that rest, by number, each with its book."""
        for key, *values in dump:
            trace = self._traces[key] = Trace(0)
            for name, value in zip(Trace.__slots__, values, strict=True):
                setattr(trace, name, value)
            trace.steps = [(at, ahead) for at, ahead in trace.steps]
            trace.prints = [(at, price, qty, used) for at, price, qty, used in trace.prints]
            if trace.seen is not None:
                at, seen_at, bid, ask, last, opposite = trace.seen
                levels = tuple((price, qty, taken) for price, qty, taken in opposite)
                trace.seen = (at, seen_at, bid, ask, last, levels)
        for key, (order, book) in orders.items():
            spot = (order.command.symbol, order.is_buy, order.price)
            self._books[key] = (order, book, spot)
            self._spots.setdefault(spot, {})[key] = self._traces[key]
