"""The prints of a feed on their way out: those of one turn of the loop together, in order, none that nothing bears out.

What is told of a pair's book or state goes out after the prints that came before it: `send` them first. Bars of a
second are made of what went out, for venues that have none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from engine.adapters.exchanges.feed.followed import FollowedPair
from engine.adapters.exchanges.feed.mishaps import Mishaps
from engine.adapters.exchanges.feed.pairtape import PATIENCE_S, PairTape
from engine.adapters.exchanges.venue.pastbars import SecondBars
from engine.bus import Bus
from engine.domain.market import TradeTick
from engine.ports.feed import TradesPrinted


class _Way(NamedTuple):
    """What the prints of one pair go through."""

    pair: FollowedPair
    tape: PairTape
    seconds: SecondBars


class Outgoing:
    """Publishes `TradesPrinted`; `close` sends what may go, and nothing after it."""

    def __init__(self, bus: Bus, mishaps: Mishaps) -> None:
        self._bus, self._mishaps = bus, mishaps
        self._ways: dict[str, _Way] = {}
        self._sending: asyncio.Handle | None = None
        """Sends what came in this turn…"""
        self._looking: asyncio.Handle | None = None
        """…and looks again at what is held."""
        self._is_closed = False

    def began(self, pair: FollowedPair) -> None:
        """Take prints of a pair."""
        tape = PairTape(pair.grid.ticks.unit, lambda: pair.leaps.touch, lambda: pair.is_whole)
        self._ways[pair.symbol] = _Way(pair, tape, SecondBars(pair.symbol))

    def ended(self, symbol: str) -> None:
        """Send what may go, and take none any more."""
        self.send(symbol)
        self._ways.pop(symbol, None)

    def close(self) -> None:
        """Send what may go; safe to call twice."""
        self._is_closed = True
        self.send_all()
        if self._looking is not None:
            self._looking.cancel()

    def seconds(self, symbol: str) -> SecondBars:
        """Return the bars of a second of what went out; none of a pair that is not followed."""
        way = self._ways.get(symbol)
        return SecondBars(symbol) if way is None else way.seconds

    def quarantined(self, symbol: str) -> int:
        """Return how many prints of a pair nothing bore out."""
        return self._ways[symbol].tape.quarantined

    def add(self, symbol: str, ticks: Sequence[TradeTick]) -> None:
        """Have prints sent, with all that come in this turn."""
        if ticks:
            self._ways[symbol].tape.add(ticks)
            self._soon()

    def is_empty(self, symbol: str) -> bool:
        """Whether no print of a pair waits."""
        return self._ways[symbol].tape.is_empty

    def is_holding(self, symbol: str) -> bool:
        """Whether a print of a pair waits for something to bear it out."""
        return self._ways[symbol].tape.is_holding

    def book_moved(self, symbol: str) -> None:
        """Look again, in this turn, at prints that the book may bear out now."""
        if self.is_holding(symbol):
            self._soon()

    def past(self, symbol: str, ticks: Sequence[TradeTick], *, whole: bool) -> None:
        """Take note of prints that were told otherwise; not `whole`: some are missing between them and those before."""
        self.send(symbol)
        way = self._ways[symbol]
        way.tape.went(ticks)
        if not whole:
            way.tape.drop()
            way.seconds.restart()
        way.seconds.add(ticks)

    def send_all(self) -> None:
        """Publish what may go out of every pair."""
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None
        for symbol in tuple(self._ways):
            self.send(symbol)

    def send(self, symbol: str) -> None:
        """Publish the prints of a pair that may go out; see `pairtape`."""
        way = self._ways.get(symbol)
        if way is None or way.tape.is_empty:
            return
        loop, tape = asyncio.get_running_loop(), way.tape
        quarantined = tape.quarantined
        ticks = tape.take(loop.time())
        if tape.quarantined > quarantined:
            self._mishaps.quarantined(way.pair, tape.wild[-1])
        if tape.is_holding and self._looking is None and not self._is_closed:
            self._looking = loop.call_later(PATIENCE_S / 4, self._look_again)
        if ticks:
            way.seconds.add(ticks)
            self._bus.publish(TradesPrinted(symbol, tuple(ticks)))

    def _soon(self) -> None:
        if self._sending is None and not self._is_closed:
            self._sending = asyncio.get_running_loop().call_soon(self.send_all)

    def _look_again(self) -> None:
        self._looking = None
        self.send_all()
