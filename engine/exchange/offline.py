"""The offline market: an exchange with a life of its own, simulated or replayed from a recording.

Synchronous: whoever runs it says how far its time goes. Advancing in many small steps is the same as
in one large one; only the grouping of book changes differs. So whoever has no time for a whole step
stops it between two pieces, each of a few milliseconds at most, and goes on later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from engine.domain.command import Command
from engine.domain.event import KernelEvent
from engine.domain.market import Bar, BookSnapshot, DataLabel, Timeframe, TradeTick
from engine.domain.number import Nanos
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput
from engine.exchange.kernel import Exchange
from engine.exchange.latency import Line
from engine.exchange.slice import GoOn, to_the_end
from engine.exchange.slice import Slice as Slice
from engine.market.recording import Recordings
from engine.ports.feed import BarArrays
from engine.risk.gate import Gate

KINDS = ("simulated", "replay")
"""The offline markets that can be opened."""


class PaperMarket(Protocol):
    """What a paper venue trades on, offline or live."""

    @property
    def exchange(self) -> Exchange:
        """The books and accounts; ask again after `jump`."""
        ...

    @property
    def now(self) -> Nanos:
        """How far its time has come."""
        ...

    @property
    def line(self) -> Line:
        """Commands on their way; their events come with the slice in which they arrive."""
        ...

    def command(self, command: Command) -> list[KernelEvent]:
        """Carry out a command now, whatever the latency, and return what happened; the tape shows it later."""
        ...

    def freeze(self) -> Callable[[], bytes]:
        """Return what makes the dump of this instant later, on any thread; itself it is quick."""
        ...


class OfflineMarket(PaperMarket, Protocol):
    """A market without a network."""

    @property
    def label(self) -> DataLabel:
        """What its prices are."""
        ...

    @property
    def ended(self) -> bool:
        """Whether there is nothing left to play."""
        ...

    @property
    def start(self) -> Nanos:
        """The earliest instant one can jump to."""
        ...

    @property
    def end(self) -> Nanos | None:
        """The last instant, if there is one."""
        ...

    def advance(self, until: Nanos, *, coarse: bool = False, go_on: GoOn = to_the_end) -> Slice:
        """Let the time go to `until` (to the end, if that is earlier), as far as `go_on` lets it.

        At least one piece of work is done; it may have been preparation, which moves no time.

        Raises:
            InvalidInput: `until` is in the past.
        """
        ...

    def snapshot(self, symbol: str, depth: int) -> BookSnapshot:
        """Return the displayed book; `seq` is that of the last diff.

        Raises:
            InvalidInput: no such pair.
        """
        ...

    def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return up to `count` closed bars before `end`, history and live trading joined; any thread may ask.

        Raises:
            InvalidInput: no such pair.
        """
        ...

    def past_prints(self, symbol: str) -> Sequence[TradeTick] | None:
        """Return every print from `start` to now, oldest first; None if nobody kept them, or there is no such pair."""
        ...

    def jump(self, to: Nanos) -> list[KernelEvent]:
        """Carry out what is under way, cancel all orders, go to another instant, make the books anew; return the facts.

        Raises:
            InvalidInput: the market has no such instant.
        """
        ...

    def reopen(self, to: Nanos) -> list[KernelEvent]:
        """Let the agents leave, go on to a later whole second and let others enter, orders in the book staying.

        Returns the facts: orders that expired on the way, and fills by whoever enters.

        Raises:
            InvalidInput: it is no later whole second, or this is no market of agents.
        """
        ...

    def traded(self) -> dict[str, list[Bar]]:
        """Return the minutes that were really traded since the market opened last, the open one included, by symbol."""
        ...

    def dump(self) -> bytes:
        """Return everything that `load_market` needs to go on byte for byte."""
        ...


RECORDING = "recording:"
"""Begins the kind of a market that plays a recording of the user's own; its name follows."""


def open_market(
    kind: str, *, seed: int, gate: Gate | None = None, recordings: Recordings | None = None
) -> OfflineMarket:
    """Open a market at its beginning; `recordings` finds those of `recording:NAME`.

    Raises:
        InvalidInput: there is no such kind, and the message lists them; or no such recording.
    """
    if kind == "simulated":
        from engine.exchange.simulated import SimulatedMarket

        return SimulatedMarket(seed, gate=gate)
    if kind == "replay":
        from engine.exchange.replayed import ReplayMarket

        return ReplayMarket(gate=gate)
    if kind.startswith(RECORDING):
        from engine.exchange.replayed import ReplayMarket, found

        name = kind.removeprefix(RECORDING)
        return ReplayMarket(found(name, recordings), name=name, gate=gate)
    raise InvalidInput(f"{kind!r} is no offline market; choose one of {', '.join(KINDS)}.")


def stored_exchange(data: bytes, pairs: Iterable[TradingPair]) -> Exchange:
    """Return the exchange of a dumped market alone, to be looked at: the market around it does not go on.

    Raises:
        InvalidInput: the bytes are no dump of this version, or name a pair that is not among `pairs`.
    """
    from engine.exchange.packing import unpack

    return Exchange.load(unpack(data)["exchange"], pairs)


def load_market(data: bytes, *, gate: Gate | None = None, recordings: Recordings | None = None) -> OfflineMarket:
    """Restore a dumped market of any kind.

    Raises:
        InvalidInput: the bytes are no dump of this version, or the recording that it plays is gone.
    """
    from engine.exchange.packing import unpack

    dump = unpack(data)
    if dump["kind"] == "simulated":
        from engine.exchange.simulated import SimulatedMarket

        return SimulatedMarket.restored(dump, gate=gate)
    from engine.exchange.replayed import ReplayMarket

    return ReplayMarket.restored(dump, gate=gate, recordings=recordings)
