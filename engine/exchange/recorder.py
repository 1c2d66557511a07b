"""Why orders fill: what each met when it arrived, and what consumed the queue before it since.

Off unless somebody wants to know (`crs simulate` and the benchmarks of matching do not). Everything noted is a
function of what happens in the market, not of how its time is cut into steps, and is kept in bounds: of a long wait
the queue is remembered at evenly thinned moments, and the newest prints.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field, replace
from typing import Any

from engine.domain.market import TradeTick
from engine.domain.number import Lots, Nanos, Ticks
from engine.domain.order import Liquidity, Side
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


@dataclass(slots=True)
class Trace:
    """What is known of one open order."""

    sent_at: Nanos
    arrival: Arrival | None = None
    """None until it enters the book."""
    steps: list[QueueStep] = field(default_factory=list)
    prints: list[PrintUsed] = field(default_factory=list)
    last_print: int | None = None
    """Number of the newest print."""
    moves: int = 0
    """How often what is ahead has changed…"""
    stride: int = 1
    """…of which every so many-th is kept, and always the newest."""

    def step(self, at: Nanos, ahead: Lots | None) -> None:
        """Note what is ahead from now on, if anybody knows."""
        steps = self.steps
        if ahead is None or (steps and steps[-1].ahead == ahead):
            return
        if steps and (steps[-1].at == at or self.moves % self.stride):
            steps.pop()
        steps.append(QueueStep(at, ahead))
        self.moves += 1
        if len(steps) > STEPS:
            del steps[1:-1:2]
            self.stride *= 2

    def use(self, number: int, used: PrintUsed) -> None:
        """Note that (more) of a print came to the order."""
        prints = self.prints
        if number == self.last_print:
            used = replace(used, used=Lots(prints.pop().used + used.used))
        self.last_print = number
        prints.append(used)
        if len(prints) > PRINTS:
            del prints[0]


class Recorder:
    """Keeps a trace of every open order and explains every fill."""

    def __init__(self) -> None:
        self._traces: dict[int, Trace] = {}
        """By the order's number."""
        self._resting: dict[int, WorkingOrder] = {}
        """Orders that came to rest and have not ended, by number."""
        self._books: dict[int, MatchingBook] = {}
        self._now = Nanos(0)
        self._tick: TradeTick | None = None

    # What the exchange tells

    def registered(self, order: WorkingOrder, sent_at: Nanos) -> None:
        """Take note of an accepted order that stands nowhere yet."""
        self._traces[order.key] = Trace(sent_at)

    def entered(self, order: WorkingOrder, book: MatchingBook, now: Nanos) -> None:
        """Take note of the book that an order meets."""
        bids, asks = book.seen(Side.BUY, SEEN), book.seen(Side.SELL, SEEN)
        trace = self._traces[order.key]
        trace.arrival = Arrival(
            trace.sent_at,
            order.at,
            bids[0].price if bids else None,
            asks[0].price if asks else None,
            book.last_price,
            asks if order.is_buy else bids,
            seen_at=now if now != order.at else None,
        )

    def rested(self, order: WorkingOrder, book: MatchingBook, now: Nanos) -> None:
        """Take note of an order that came to rest, for the first time or again."""
        self._resting[order.key], self._books[order.key] = order, book
        trace, ahead = self._traces[order.key], book.place(order).ahead
        if trace.arrival is None:  # put back after a stop of which nothing else is known
            trace.arrival = Arrival(trace.sent_at, order.at, None, None, None, ())
        if trace.arrival.ahead is None:
            trace.arrival = replace(trace.arrival, ahead=ahead)
        trace.step(now, ahead)

    def ended(self, order: WorkingOrder) -> None:
        """Forget an order that cannot trade any more."""
        del self._traces[order.key]
        self._resting.pop(order.key, None)
        self._books.pop(order.key, None)

    def feed_says(self, at: Nanos, tick: TradeTick | None) -> None:
        """Take note of what a feed's event is, before its consequences: a print, or a change of the book."""
        self._now, self._tick = at, tick

    def moved(self, order: Resting, qty: int) -> None:
        """Take note that a queue of a feed's book became shorter, by `qty` lots of the print that happens."""
        trace = self._traces[order.key]
        trace.step(self._now, self._books[order.key].place(order).ahead)
        if qty and self._tick is not None:
            tick = self._tick
            trace.use(tick.trade_id, PrintUsed(tick.at, tick.price, tick.qty, Lots(qty)))

    def traded(self, book: MatchingBook, maker: Resting, qty: int, trade_id: int, now: Nanos) -> None:
        """Take note of a trade with the front of a queue in which orders of accounts may stand."""
        for key, order in self._resting.items():
            if (
                order.price == maker.price
                and order.is_buy == maker.is_buy
                and order is not maker
                and self._books[key] is book
            ):
                trace = self._traces[key]
                trace.step(now, book.place(order).ahead)
                trace.use(trade_id, PrintUsed(now, Ticks(maker.price), Lots(qty), Lots(qty)))

    @property
    def is_idle(self) -> bool:
        """Whether no order rests, so that trades of others need not be told."""
        return not self._resting

    def explain(
        self, order: WorkingOrder, trade_id: int, price: int, qty: int, liquidity: Liquidity, rule: str, now: Nanos
    ) -> FillExplained:
        """Return why a fill happened that has just been carried out."""
        trace = self._traces[order.key]
        maker = liquidity is Liquidity.MAKER
        if maker:
            tick = self._tick
            if tick is not None:
                trace.use(tick.trade_id, PrintUsed(tick.at, tick.price, tick.qty, Lots(qty)))
            else:
                trace.use(trade_id, PrintUsed(now, Ticks(price), Lots(qty), Lots(qty)))
        assert trace.arrival is not None, "only an order that entered the book fills"  # noqa: S101 - so does the floor
        rate = order.maker_rate if maker else order.taker_rate
        explained = FillExplained(
            order.account.account_id,
            order.order_id,
            trade_id,
            order.command.symbol,
            liquidity,
            format(rate.decimal, "f"),
            rule,
            trace.arrival,
            tuple(trace.steps),
            tuple(trace.prints),
            now,
        )
        if maker and order.left:
            trace.step(
                now, self._books[order.key].place(order).ahead
            )  # the next slice of an iceberg has joined at the back
        return explained

    def waits(self, order: WorkingOrder) -> WaitExplained:
        """Return what is known of an open order."""
        trace = self._traces[order.key]
        return WaitExplained(trace.sent_at, trace.arrival, tuple(trace.steps), tuple(trace.prints))

    # Keeping

    def dump(self) -> list[object]:
        """Return the traces, JSON-able, by number of acceptance."""
        return [
            [
                key,
                trace.sent_at,
                None if trace.arrival is None else astuple(trace.arrival),
                [astuple(step) for step in trace.steps],
                [astuple(used) for used in trace.prints],
                [trace.last_print, trace.moves, trace.stride],
            ]
            for key, trace in sorted(self._traces.items())
        ]

    def load(self, dump: list[list[Any]], orders: Mapping[int, tuple[WorkingOrder, MatchingBook]]) -> None:
        """Restore what was dumped; `orders` are those that rest, by number, each with its book."""
        for key, sent_at, arrival, steps, prints, counts in dump:
            found = None if arrival is None else _arrival(arrival)
            kept, used = [QueueStep(*step) for step in steps], [PrintUsed(*used) for used in prints]
            self._traces[key] = Trace(Nanos(sent_at), found, kept, used, *counts)
        for key, (order, book) in orders.items():
            self._resting[key], self._books[key] = order, book


def _arrival(values: list[Any]) -> Arrival:
    sent_at, at, bid, ask, last, opposite, ahead, seen_at = values
    return Arrival(sent_at, at, bid, ask, last, tuple(SeenLevel(*level) for level in opposite), ahead, seen_at)
