"""What a venue's REST is asked, and what its answers mean. No input or output here.

Every question is a path with a query and what it costs; every reader takes the bytes of an answer that is JSON and
raises `Garbled` if it is not what the venue writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from engine.adapters.exchanges.heard import BookHeard, PrintHeard, TickerHeard
from engine.domain.instrument import Instrument
from engine.domain.market import Timeframe
from engine.domain.number import Nanos
from engine.ports.feed import BarArrays


class Ask(NamedTuple):
    """One request."""

    path: str
    query: dict[str, str | int]
    weight: float = 1.0
    """Units of the venue's limit."""


class PublicApi(Protocol):
    """One venue's public REST."""

    page: int
    """Bars that one request brings at most."""
    timeframes: tuple[Timeframe, ...]
    """Lengths of bars that it has, shortest first."""
    numbers_prints: bool
    """Whether the prints of a pair are numbered one after the other, so that a missing one shows."""

    def time(self) -> Ask:
        """Ask for its clock."""
        ...

    def read_time(self, answer: bytes) -> Nanos:
        """Return what its clock says."""
        ...

    def instruments(self) -> Ask:
        """Ask for everything that it lists."""
        ...

    def read_instruments(self, answer: bytes) -> tuple[Instrument, ...]:
        """Return what it lists; an instrument whose grid we cannot keep is left out."""
        ...

    def bars(self, instrument: Instrument, timeframe: Timeframe, start: Nanos, end: Nanos) -> Ask:
        """Ask for the bars that open from `start` to before `end`, at most a `page` of them."""
        ...

    def read_bars(self, instrument: Instrument, timeframe: Timeframe, answer: bytes) -> BarArrays:
        """Return bars, oldest first; the open one may be among them."""
        ...

    def book(self, instrument: Instrument) -> Ask | None:
        """Ask for a picture of a book; None where pictures come in the stream."""
        ...

    def read_book(self, instrument: Instrument, answer: bytes) -> BookHeard:
        """Return a picture of a book."""
        ...

    def prints(self, instrument: Instrument, after: int | None) -> Ask:
        """Ask for the newest prints, or for those after one, as far as it can tell them apart."""
        ...

    def read_prints(self, instrument: Instrument, answer: bytes) -> Sequence[PrintHeard]:
        """Return prints, oldest first."""
        ...

    def tickers(self, instruments: Sequence[Instrument]) -> Sequence[Ask]:
        """Ask for the tickers of all instruments, in as few requests as it takes; empty if only the stream has them."""
        ...

    def read_tickers(self, instruments: Sequence[Instrument], answer: bytes) -> Sequence[TickerHeard]:
        """Return what one of those answers says; several are put together by instrument."""
        ...
