"""Playing the shipped recording into a live market, as a feed would tell it."""

from __future__ import annotations

from collections.abc import Iterator

from engine.domain.market import BookDiff, TradeTick
from engine.domain.number import Nanos
from engine.exchange.latency import NEVER
from engine.exchange.live import LiveMarket
from engine.market.catalogue import PAIRS
from engine.market.recording import Recording, shipped
from engine.risk.gate import Gate

BTC = PAIRS[0]
SYMBOL = BTC.symbol


class LivePlay:
    """A live market and the recording that it hears, up to any instant."""

    def __init__(self, opening: Nanos, *, gate: Gate | None = None, recording: Recording | None = None) -> None:
        self.recording = recording or shipped()
        self.market = LiveMarket([BTC.pair], at=self.recording.start, gate=gate)
        self._events = told(self.recording)
        self._next: BookDiff | TradeTick | None = next(self._events, None)
        self.market.hear_snapshot(self.recording.snapshot())
        self.until(opening)

    @property
    def next_at(self) -> int:
        """When the next event arrives."""
        return NEVER if self._next is None else self._next.at

    def until(self, at: Nanos) -> None:
        """Let the market hear everything up to an instant, and let its time go there."""
        while self.next_at <= at:
            self.hear_next()
        self.market.advance(at)

    def hear_next(self) -> BookDiff | TradeTick:
        """Let the market hear one event more."""
        event = self._next
        assert event is not None
        if isinstance(event, BookDiff):
            assert self.market.hear_diff(event)
        else:
            self.market.hear_print(event)
        self._next = next(self._events, None)
        return event


def told(recording: Recording) -> Iterator[BookDiff | TradeTick]:
    """Yield diffs and prints in order of arrival; of one instant diffs first."""
    times, trades = recording.diff_times.tolist(), recording.trades
    diff, trade = recording.first_diff, 0
    while diff < len(times) or trade < len(trades):
        diff_at = times[diff] if diff < len(times) else NEVER
        trade_at = trades[trade].at if trade < len(trades) else NEVER
        if diff_at <= trade_at:
            yield recording.diff(diff)
            diff += 1
        else:
            yield trades[trade]
            trade += 1
