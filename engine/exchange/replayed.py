"""The replayed market: a recording played with its own timing into a book that our orders can walk.

Time is that of the machine that recorded. The market opens at a named instant some minutes into the
recording: what came before is its history, so that there is a chart to look at, and what comes after is
there to be traded. Every instant from the first on can be jumped to. Paper orders stand beside the recorded
book (`engine.matching.shadow`). Our trades are not on the tape: the recorded market never knew of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any

import numpy as np

from engine.domain.command import Command, ListPair
from engine.domain.event import KernelEvent, TradeExecuted
from engine.domain.market import Bar, BookDiff, BookSnapshot, DataLabel, Timeframe, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side
from engine.errors import InvalidInput
from engine.exchange.kernel import Exchange
from engine.exchange.latency import NEVER, Line
from engine.exchange.packing import pack
from engine.exchange.slice import GoOn, Slice, to_the_end
from engine.exchange.tape import Display
from engine.market.bars import empty, fill, part, resample
from engine.market.l2 import L2Book
from engine.market.recording import Recording, Recordings, shipped
from engine.market.recording_pair import pair_of
from engine.matching.shadow import ShadowBook
from engine.ports.feed import BarArrays
from engine.risk.gate import Gate

OPENING = Nanos(305 * NANOS_PER_SECOND)
"""How far into the recording the market opens: five minutes of one-second bars, and some to spare."""
PIECE = 10
"""Recorded frames between two questions whether to go on: about a millisecond of work."""


class ReplayMarket:
    """One recorded pair; see `OfflineMarket` for what its methods promise.

    `start` is the recording's first instant, `opening` the one at which the market opens and to which a
    restart returns; a recording too short to be cut like that opens at its start.
    """

    label = DataLabel.REPLAY

    def __init__(self, recording: Recording | None = None, *, name: str = "", gate: Gate | None = None) -> None:
        """Play a recording that is kept under `name`, by which its dump finds it again; None plays the shipped one."""
        self._recording = shipped() if recording is None else recording
        self._name, self._gate = name, gate
        self._pair = pair_of(self._recording)
        self.start, self.end = self._recording.start, self._recording.end
        self.opening = Nanos(self.start + OPENING) if self.end - self.start >= 2 * OPENING else self.start
        self._times: list[int] = self._recording.diff_times.tolist()
        self._marks = self._recording.marks
        self._stamps = self._recording.venue_times
        """What the venue's own stamps are, where they are known: the live market judged by them."""
        self._since = self._recording.since
        """Of when the book was that was taken anew: what was traded before that is in it."""
        self._trade_times: list[int] = [tick.at for tick in self._recording.trades]
        self.now = self.start
        self._diff = self._trade = self._mark = 0
        """Numbers of the next diff, print and mark to play."""
        self._book: L2Book | None = None
        """The recorded book, where there are times at which it was not to be trusted."""
        self._display = Display((self._pair.symbol,))
        self.line = Line()
        self._answers: list[tuple[int, tuple[KernelEvent, ...]]] = []
        """What came of commands that arrived since the last slice, by ticket."""
        self.exchange = Exchange(gate=gate, explain=True)
        self.exchange.handle(ListPair(self._pair), self.start)
        self.exchange.use_feed(self._pair.symbol)
        self._begin(self.opening)

    @property
    def ended(self) -> bool:
        """Whether everything has been played."""
        return self.now >= self.end

    # Time

    def advance(self, until: Nanos, *, coarse: bool = False, go_on: GoOn = to_the_end) -> Slice:
        """Play up to `until`, or to the end, or as far as `go_on` lets it."""
        if until < self.now:
            raise InvalidInput(f"The market's time cannot go back: {until} is before {self.now}.")
        until = min(until, self.end)
        facts: list[KernelEvent] = []
        until = self._play(until, facts, go_on)
        self.now = until
        _keep_facts(self.exchange.advance(until), facts)
        if self.ended:
            self._land(facts)
        answers, self._answers = tuple(self._answers), []
        prints, diffs = self._display.take_prints(), self._display.take_diffs(self.exchange, until)
        return Slice(facts, prints, diffs, coarse=False, answers=answers)

    def command(self, command: Command) -> list[KernelEvent]:
        """Carry out a command now."""
        return self.exchange.handle(command, self.now)

    def jump(self, to: Nanos) -> list[KernelEvent]:
        """Cancel what works, then go to another instant of the recording."""
        if not self.start <= to <= self.end:
            raise InvalidInput(
                f"The recording is {(self.end - self.start) // 1_000_000_000} s long; go there within it."
            )
        facts: list[KernelEvent] = []
        self._land(facts)
        for account in self.exchange.accounts():
            for cancel in self.exchange.cancels(account):
                _keep_facts(self.exchange.handle(cancel, self.now), facts)
        dump: dict[str, Any] = self.exchange.dump()
        dump["now"] = self.start
        for account in dump["accounts"]:
            account["recent"] = []  # the minute before is another one there
        for market in dump["markets"]:
            market["last"], market["external"] = None, ShadowBook().dump_external()
        self.exchange = Exchange.load(dump, [self._pair], gate=self._gate)
        self._begin(to)
        return facts

    def reopen(self, to: Nanos) -> list[KernelEvent]:
        """Refuse: a recording has no agents that could enter."""
        raise InvalidInput("A recording goes on where it stands; it does not reopen.")

    def traded(self) -> dict[str, list[Bar]]:
        """Return nothing: a recording is kept already."""
        return {}

    def _begin(self, at: Nanos) -> None:
        """Play from the snapshot to an instant, showing nothing of it but the book at its end."""
        self._diff, self._trade, self._mark = self._recording.first_diff, 0, 0
        self._since = self._recording.since
        snapshot = self._recording.snapshot()
        self.exchange.feed_snapshot(snapshot)
        if self._marks:
            self._book = L2Book(self._pair.symbol)
            self._book.apply_snapshot(snapshot)
        self._play(at, [])
        self._display.take_prints()
        self._display.watch(self.exchange)
        self.now = at

    def _play(self, until: Nanos, facts: list[KernelEvent], go_on: GoOn = to_the_end) -> Nanos:
        """Apply diffs, marks, prints and commands up to `until` in order of arrival; of one instant in this order.

        Returns how far it came: to `until`, or to an instant of which nothing is left to play.
        """
        times, trade_times, trades = self._times, self._trade_times, self._recording.trades
        played, at = 0, self.now
        while True:
            diff_at = times[self._diff] if self._diff < len(times) else NEVER
            trade_at = trade_times[self._trade] if self._trade < len(trades) else NEVER
            mark_at = self._marks[self._mark][0] if self._mark < len(self._marks) else NEVER
            next_at = min(diff_at, mark_at, trade_at, self.line.next_at)
            if next_at > until:
                return until
            if next_at > at and played >= PIECE:
                if not go_on():
                    return at
                played = 0
            at = Nanos(next_at)
            played += 1
            if diff_at == next_at:
                diff = self._diff_of(self._diff)
                if self._book is not None:
                    self._book.apply_diff(diff)
                _keep_facts(self.exchange.feed_diff(diff, at), facts)
                self._diff += 1
            elif mark_at == next_at:
                self._take_mark(at, facts)
            elif trade_at == next_at:
                tick = trades[self._trade]
                self._hear_print(tick, at, facts)
                self._display.print(tick)
                self._trade += 1
            else:
                self._arrive(at, facts, at)

    def _diff_of(self, number: int) -> BookDiff:
        """Return a diff, stamped by the venue if that is known."""
        diff = self._recording.diff(number)
        return diff if self._stamps is None else diff._replace(at=Nanos(int(self._stamps[0][number])))

    def _hear_print(self, tick: TradeTick, at: Nanos, facts: list[KernelEvent]) -> None:
        """Take over a print as the live market does: one of before the book was taken anew fills nobody."""
        if self._stamps is not None:
            tick = tick._replace(at=Nanos(int(self._stamps[1][self._trade])))
        hear = self.exchange.feed_price if tick.at < self._since else self.exchange.feed_print
        _keep_facts(hear(tick, at), facts)

    def _take_mark(self, at: Nanos, facts: list[KernelEvent]) -> None:
        """Let nothing be filled while the recorded book was not to be trusted, and go on with it as it came back."""
        trusted, self._mark = self._marks[self._mark][1], self._mark + 1
        if not trusted:
            self.exchange.distrust(self._pair.symbol)
        elif self._mark > 1 and not self._marks[self._mark - 2][1]:
            assert self._book is not None, "kept because there are marks"  # noqa: S101 - a promise of `_begin`
            book, depth = self._book, len(self._book.columns(Side.BUY)[0]) + len(self._book.columns(Side.SELL)[0])
            bids, asks = tuple(book.top(Side.BUY, depth)), tuple(book.top(Side.SELL, depth))
            self._since = book.at
            taken = BookSnapshot(book.symbol, bids, asks, book.seq, book.at)
            _keep_facts(self.exchange.feed_snapshot(taken, at), facts)

    def _arrive(self, at: Nanos, facts: list[KernelEvent], until: int) -> bool:
        """Let the next of the commands that arrive until then take effect at `at`; return whether there was one."""
        sent = self.line.take(until)
        if sent is None:
            return False
        events: list[KernelEvent] = []
        _keep_facts(self.exchange.handle(sent.command, at, sent.sent_at), events)
        facts += events
        self._answers.append((sent.ticket, tuple(events)))
        return True

    def _land(self, facts: list[KernelEvent]) -> None:
        """Let everything under way take effect now."""
        while self._arrive(self.now, facts, NEVER):
            pass

    def _catch_up(self, mark: int) -> None:
        """Bring the recorded book to where the market is."""
        self._mark = mark
        if self._book is not None:
            for number in range(self._recording.first_diff, self._diff):
                self._book.apply_diff(self._diff_of(number))

    # What it shows

    def snapshot(self, symbol: str, depth: int) -> BookSnapshot:
        """Return the displayed book."""
        return self._display.snapshot(self.exchange, symbol, depth, self.now)

    def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return closed bars before `end` out of the recording."""
        if symbol != self._pair.symbol:
            raise InvalidInput(f"{symbol} is not in this recording; it has {self._pair.symbol}.")
        length, until = timeframe.nanos, min(end, self.now)
        last = Nanos(until - until % length)
        first = Nanos(max(last - count * length, self.start - self.start % length))
        bars = resample(self._seconds, timeframe)
        cut = np.searchsorted(bars.start, (first, last))
        before = float(bars.close[cut[0] - 1]) if cut[0] else None
        if first >= last:
            return empty()
        return fill(part(bars, int(cut[0]), int(cut[1])), timeframe, first, last, before)

    def past_prints(self, symbol: str) -> Sequence[TradeTick] | None:
        """Return what was recorded up to now."""
        return self._recording.trades[: self._trade] if symbol == self._pair.symbol else None

    @cached_property
    def _seconds(self) -> BarArrays:
        """The whole recording as one-second bars; only closed ones of the past are ever shown."""
        trades = self._recording.trades
        at = np.array([tick.at for tick in trades], dtype=np.int64)
        price = np.array([tick.price for tick in trades], dtype=np.float64)
        qty = np.array([tick.qty for tick in trades], dtype=np.float64)
        return resample(BarArrays(at, price, price, price, price, qty), Timeframe.S1)

    # Keeping

    def dump(self) -> bytes:
        """Return everything but the recording as bytes."""
        return self.freeze()()

    def freeze(self) -> Callable[[], bytes]:
        """Return what makes the dump of this instant."""
        state: dict[str, object] = {
            "now": self.now,
            "diff": self._diff,
            "trade": self._trade,
            "mark": self._mark,
            "since": self._since,
            "recording": self._name,
            "display": self._display.dump(),
            "line": self.line.dump(),
            "exchange": self.exchange.dump(),
        }
        return partial(pack, "replay", state)

    @classmethod
    def restored(
        cls, dump: Mapping[str, Any], *, gate: Gate | None = None, recordings: Recordings | None = None
    ) -> ReplayMarket:
        """Return the market that was dumped, over the shipped recording or one that `recordings` finds.

        Raises:
            InvalidInput: its recording is not there any more.
        """
        name = dump.get("recording", "")
        market = cls(found(name, recordings) if name else None, name=name, gate=gate)
        market.exchange = Exchange.load(dump["exchange"], [market._pair], gate=gate)
        market.now, market._diff, market._trade = Nanos(dump["now"]), dump["diff"], dump["trade"]
        market._display.load(dump["display"])
        market.line = Line.load(dump["line"])
        market._since = Nanos(dump.get("since", 0))
        market._catch_up(dump.get("mark", 0))
        market._display.watch(market.exchange)
        return market


def found(name: str, recordings: Recordings | None) -> Recording:
    """Return a recording by its name.

    Raises:
        InvalidInput: there is none of that name, or it is damaged.
    """
    if recordings is None:
        raise InvalidInput(f"The recording {name} cannot be opened here.")
    return recordings(name)


def _keep_facts(events: Iterable[KernelEvent], facts: list[KernelEvent]) -> None:
    facts.extend(event for event in events if not isinstance(event, TradeExecuted))
