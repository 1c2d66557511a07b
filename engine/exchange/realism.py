"""How far the shadow matcher's fills can be believed: small orders at the touch, and what the prints allow.

At regular instants one small order (a probe) joins the best bid, another one the best ask, and the shadow matcher says
when each would have been filled. A recording does not say when that really would have been, but its prints bound it,
for anybody's order at that price:

 - not before the first print at its price or beyond it by the opposite aggressor (`possible_at`);
 - not after the first print beyond its price by whomever (`certain_at`): whoever traded there would have met it first.

Where there is a truth (`engine.exchange.realism_truth`), the same probes are compared with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.domain.market import BookDiff, BookSnapshot, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side
from engine.market.l2 import L2Book
from engine.market.recording import Recording
from engine.matching.ladder import Resting
from engine.matching.shadow import Due, ShadowBook

HORIZONS = (1, 10, 60)
"""Seconds after which it is asked whether a probe is filled; after the last one it leaves."""


class BookLost(NamedTuple):
    """The book cannot be trusted from here to the next snapshot: what stands in it is taken out."""

    at: Nanos


Told = BookSnapshot | BookDiff | TradeTick | BookLost
"""What a recording says, in order of arrival."""


class Probe(Resting):
    """One small order, and what became of it; instants are None as long as it did not happen."""

    __slots__ = (
        "certain_at",
        "filled_at",
        "joined_at",
        "left_at",
        "possible_at",
        "printed",
        "queue",
        "rule",
    )

    def __init__(self, key: int, is_buy: bool, price: int, qty: int, at: Nanos) -> None:
        super().__init__(self, key, is_buy, price, qty)
        self.joined_at = at
        self.left_at: Nanos | None = None
        """When it was taken out, unfilled: after the last horizon, or because the book was lost."""
        self.filled_at: Nanos | None = None
        """When the shadow matcher first filled some of it…"""
        self.rule = ""
        """…and by which rule."""
        self.possible_at: Nanos | None = None
        self.certain_at: Nanos | None = None
        self.queue = 0
        """Lots displayed at its price when it joined."""
        self.printed = 0
        """Lots that the opposite aggressor traded at its price until it was filled."""


class Prober:
    """Lets probes join a book and hears what a recording says about them."""

    def __init__(self, *, sides: Iterable[Side] = tuple(Side), qty: int = 1, last_s: int = HORIZONS[-1]) -> None:
        self._book = ShadowBook()
        self._book.distrust()
        self._sides, self._qty = tuple(sides), qty
        self._last = last_s * NANOS_PER_SECOND
        self._standing: dict[int, Probe] = {}
        """Probes in the book, filled or not, that are not over; by key, oldest first."""
        self.probes: list[Probe] = []
        """All that ever joined."""

    def join(self, at: Nanos) -> list[Probe]:
        """Let one probe join each side's best price as it is now; none while the book is not known."""
        found = []
        for side in self._sides:
            price = self._book.best_bid if side is Side.BUY else self._book.best_ask
            if price is not None:
                probe = Probe(len(self.probes), side is Side.BUY, price, self._qty, at)
                probe.queue = self._book.displayed(probe.is_buy, price)[0]
                self._book.rest(probe)
                self._standing[probe.key] = probe
                self.probes.append(probe)
                found.append(probe)
        return found

    def hear(self, told: Told) -> None:
        """Take in what the recording says next."""
        self._leave(told.at)
        if isinstance(told, BookLost):
            self._book.distrust()
            self.end(told.at)
        elif isinstance(told, TradeTick):
            self._bound(told)
            self._fill(self._book.print_fills(told), told.at)
        elif isinstance(told, BookDiff):
            self._fill(self._book.apply_diff(told), told.at)
        else:
            self._fill(self._book.apply_snapshot(told), told.at)

    def end(self, at: Nanos) -> None:
        """Take out what still stands: the recording is over, or its book was lost."""
        for probe in self._standing.values():
            self._take_out(probe, at)
        self._standing.clear()

    def _fill(self, due: Iterable[Due], at: Nanos) -> None:
        for order, qty, rule in due:
            self._book.take(order, qty)
            if isinstance(order, Probe) and order.filled_at is None:
                order.filled_at, order.rule = at, rule

    def _bound(self, tick: TradeTick) -> None:
        """Take note of what a print says of the probes that stand."""
        for probe in self._standing.values():
            beyond = tick.price < probe.price if probe.is_buy else tick.price > probe.price
            opposite = tick.side is (Side.SELL if probe.is_buy else Side.BUY)
            if beyond and probe.certain_at is None:
                probe.certain_at = tick.at
            if probe.possible_at is None and (beyond or (opposite and tick.price == probe.price)):
                probe.possible_at = tick.at
            if opposite and tick.price == probe.price and probe.filled_at is None:
                probe.printed += tick.qty

    def _leave(self, now: Nanos) -> None:
        """Take out probes that are over, filled or not: their time is up."""
        while self._standing:
            probe = next(iter(self._standing.values()))
            if now - probe.joined_at <= self._last:
                return
            del self._standing[probe.key]
            self._take_out(probe, Nanos(min(now, probe.joined_at + self._last)))

    def _take_out(self, probe: Probe, at: Nanos) -> None:
        if probe.left:
            self._book.remove(probe)
        probe.left_at = at


@dataclass(slots=True)
class Horizon:
    """Whether probes are filled some seconds after they joined: what the prints allow, and what was predicted."""

    seconds: int
    certain: int = 0
    """Probes that must have been filled by then…"""
    certain_filled: int = 0
    """…and of those, how many the shadow matcher filled."""
    impossible: int = 0
    """Probes that cannot have been filled by then…"""
    impossible_filled: int = 0
    open: int = 0
    """Probes of which the prints do not say…"""
    open_filled: int = 0


@dataclass(slots=True)
class Realism:
    """The grades of a recording; times in seconds, None where there is nothing to say."""

    probes: int = 0
    filled: int = 0
    inside: int = 0
    """Probes predicted within their bounds, unfilled ones that may have stayed so included."""
    early: int = 0
    """Predicted before any print made it possible…"""
    late: int = 0
    """…or not when a print had made it certain."""
    rules: dict[str, int] = field(default_factory=dict)
    median_predicted_s: float | None = None
    median_possible_s: float | None = None
    median_certain_s: float | None = None
    median_queue_share: float | None = None
    """Of what was displayed when a probe joined, the part that traded before it was filled in its queue."""
    median_place: float | None = None
    """Where the prediction lies between its bounds, 0 at the earliest possible instant, 1 at the last one."""
    horizons: list[Horizon] = field(default_factory=list)


def events_of(recording: Recording) -> Iterator[Told]:
    """Yield what a recording says, in order of arrival; of one instant diffs first."""
    book = L2Book(recording.symbol)
    first = recording.snapshot()
    book.apply_snapshot(first)
    yield first
    diffs = ((recording.diff(number), 0) for number in range(recording.first_diff, recording.diffs))
    trades = ((tick, 2) for tick in recording.trades)
    marks = ((mark, 1) for mark in recording.marks)
    rows = sorted(
        [(diff.at, order, diff) for diff, order in diffs]
        + [(mark[0], order, mark) for mark, order in marks]
        + [(tick.at, order, tick) for tick, order in trades],
        key=lambda row: row[:2],
    )
    was_trusted = True
    for _, _, row in rows:
        if isinstance(row, BookDiff):
            book.apply_diff(row)
            yield row
        elif isinstance(row, TradeTick):
            yield row
        else:
            at, trusted = row
            if trusted and not was_trusted:
                yield _whole(book, at)
            elif not trusted:
                yield BookLost(at)
            was_trusted = trusted


def _whole(book: L2Book, at: Nanos) -> BookSnapshot:
    bids, asks = (tuple(book.top(side, len(book.columns(side)[0]))) for side in Side)
    return BookSnapshot(book.symbol, bids, asks, book.seq, at)


def probe_all(events: Iterable[Told], every: Nanos, sides: Iterable[Side] = tuple(Side), qty: int = 1) -> list[Probe]:
    """Let probes join every so often while a recording is played; return them all, in order of joining."""
    prober, due, at = Prober(sides=sides, qty=qty), None, Nanos(0)
    for told in events:
        at = told.at
        if due is None:
            due = at + every
        while at >= due:
            prober.join(Nanos(due))
            due += every
        prober.hear(told)
    prober.end(at)
    return prober.probes


def grade(probes: Iterable[Probe], horizons: Iterable[int] = HORIZONS) -> Realism:
    """Return the grades of probes; those that left before a horizon do not count for it."""
    told, rules = Realism(), Counter[str]()
    predicted, possible, certain = list[int](), list[int](), list[int]()
    shares, places = list[float](), list[float]()
    probes = list(probes)
    for probe in probes:
        told.probes += 1
        filled = probe.filled_at
        if filled is not None:
            told.filled += 1
            rules[probe.rule] += 1
            predicted.append(filled - probe.joined_at)
            if probe.rule == "queue" and probe.queue:
                shares.append(min(1.0, probe.printed / probe.queue))
        if probe.possible_at is not None:
            possible.append(probe.possible_at - probe.joined_at)
        if probe.certain_at is not None:
            certain.append(probe.certain_at - probe.joined_at)
        if (place := _place(probe)) is not None:
            places.append(place)
        if filled is not None and (probe.possible_at is None or filled < probe.possible_at):
            told.early += 1
        elif probe.certain_at is not None and (filled is None or filled > probe.certain_at):
            told.late += 1
        else:
            told.inside += 1
    told.rules = dict(sorted(rules.items()))
    told.median_predicted_s, told.median_possible_s = _median_s(predicted), _median_s(possible)
    told.median_certain_s = _median_s(certain)
    told.median_queue_share, told.median_place = (
        sorted(each)[len(each) // 2] if each else None for each in (shares, places)
    )
    told.horizons = [_at_horizon(probes, seconds) for seconds in horizons]
    return told


def _place(probe: Probe) -> float | None:
    """Return where a prediction lies between two bounds that are apart; None where it does not."""
    first, last, at = probe.possible_at, probe.certain_at, probe.filled_at
    if first is None or last is None or at is None or not first <= at <= last or first == last:
        return None
    return (at - first) / (last - first)


def _at_horizon(probes: Iterable[Probe], seconds: int) -> Horizon:
    told, length = Horizon(seconds), seconds * NANOS_PER_SECOND
    for probe in probes:
        until = probe.joined_at + length
        if probe.left_at is not None and probe.left_at < until:
            continue
        filled = probe.filled_at is not None and probe.filled_at <= until
        if probe.certain_at is not None and probe.certain_at <= until:
            told.certain += 1
            told.certain_filled += filled
        elif probe.possible_at is None or probe.possible_at > until:
            told.impossible += 1
            told.impossible_filled += filled
        else:
            told.open += 1
            told.open_filled += filled
    return told


def _median_s(spans: list[int]) -> float | None:
    return sorted(spans)[len(spans) // 2] / NANOS_PER_SECOND if spans else None
