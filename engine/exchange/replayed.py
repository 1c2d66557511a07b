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
from engine.domain.market import Bar, BookSnapshot, DataLabel, Timeframe, TradeTick
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.errors import InvalidInput
from engine.exchange.kernel import Exchange
from engine.exchange.latency import NEVER, Line
from engine.exchange.packing import pack
from engine.exchange.slice import GoOn, Slice, to_the_end
from engine.exchange.tape import Display
from engine.market.bars import empty, fill, part, resample
from engine.market.catalogue import PAIRS, PairSpec
from engine.market.recording import Recording, shipped
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

    def __init__(self, recording: Recording | None = None, *, gate: Gate | None = None) -> None:
        self._recording = shipped() if recording is None else recording
        self._gate = gate
        self._spec = _spec(self._recording.symbol)
        self.start, self.end = self._recording.start, self._recording.end
        self.opening = Nanos(self.start + OPENING) if self.end - self.start >= 2 * OPENING else self.start
        self._times: list[int] = self._recording.diff_times.tolist()
        self._trade_times: list[int] = [tick.at for tick in self._recording.trades]
        self.now = self.start
        self._diff = self._trade = 0
        """Numbers of the next diff and the next print to play."""
        self._display = Display((self._spec.symbol,))
        self.line = Line()
        self._answers: list[tuple[int, tuple[KernelEvent, ...]]] = []
        """What came of commands that arrived since the last slice, by ticket."""
        self.exchange = Exchange(gate=gate, explain=True)
        self.exchange.handle(ListPair(self._spec.pair), self.start)
        self.exchange.use_feed(self._spec.symbol)
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
        self.exchange = Exchange.load(dump, [self._spec.pair], gate=self._gate)
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
        self._diff, self._trade = self._recording.first_diff, 0
        self.exchange.feed_snapshot(self._recording.snapshot())
        self._play(at, [])
        self._display.take_prints()
        self._display.watch(self.exchange)
        self.now = at

    def _play(self, until: Nanos, facts: list[KernelEvent], go_on: GoOn = to_the_end) -> Nanos:
        """Apply diffs, prints and commands up to `until` in order of arrival; of one instant in this order.

        Returns how far it came: to `until`, or to an instant of which nothing is left to play.
        """
        times, trade_times, trades = self._times, self._trade_times, self._recording.trades
        played, at = 0, self.now
        while True:
            diff_at = times[self._diff] if self._diff < len(times) else NEVER
            trade_at = trade_times[self._trade] if self._trade < len(trades) else NEVER
            next_at = min(diff_at, trade_at, self.line.next_at)
            if next_at > until:
                return until
            if next_at > at and played >= PIECE:
                if not go_on():
                    return at
                played = 0
            at = Nanos(next_at)
            played += 1
            if diff_at == next_at:
                _keep_facts(self.exchange.feed_diff(self._recording.diff(self._diff)), facts)
                self._diff += 1
            elif trade_at == next_at:
                tick = trades[self._trade]
                _keep_facts(self.exchange.feed_print(tick), facts)
                self._display.print(tick)
                self._trade += 1
            else:
                self._arrive(at, facts, at)

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

    # What it shows

    def snapshot(self, symbol: str, depth: int) -> BookSnapshot:
        """Return the displayed book."""
        return self._display.snapshot(self.exchange, symbol, depth, self.now)

    def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return closed bars before `end` out of the recording."""
        if symbol != self._spec.symbol:
            raise InvalidInput(f"{symbol} is not in this recording; it has {self._spec.symbol}.")
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
        return self._recording.trades[: self._trade] if symbol == self._spec.symbol else None

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
            "display": self._display.dump(),
            "line": self.line.dump(),
            "exchange": self.exchange.dump(),
        }
        return partial(pack, "replay", state)

    @classmethod
    def restored(cls, dump: Mapping[str, Any], *, gate: Gate | None = None) -> ReplayMarket:
        """Return the market that was dumped, over the shipped recording."""
        market = cls(gate=gate)
        market.exchange = Exchange.load(dump["exchange"], [market._spec.pair], gate=gate)
        market.now, market._diff, market._trade = Nanos(dump["now"]), dump["diff"], dump["trade"]
        market._display.load(dump["display"])
        market.line = Line.load(dump["line"])
        market._display.watch(market.exchange)
        return market


def _spec(symbol: str) -> PairSpec:
    """Return the catalogued pair, so that an account's positions mean the same in every market."""
    for spec in PAIRS:
        if spec.symbol == symbol:
            return spec
    raise InvalidInput(f"The recording is of {symbol}, which is not listed here.")


def _keep_facts(events: Iterable[KernelEvent], facts: list[KernelEvent]) -> None:
    facts.extend(event for event in events if not isinstance(event, TradeExecuted))
