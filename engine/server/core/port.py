"""The door to the exchange: what a gateway may ask of the one writer, wherever that runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from engine.bus import Bus
from engine.domain.command import Command
from engine.domain.event import LedgerFact
from engine.domain.market import BookSnapshot, FeedState, Timeframe, TradeTick
from engine.domain.number import Nanos
from engine.domain.pair import TradingPair
from engine.errors import CrsError
from engine.observe.metrics import Histogram
from engine.ports.feed import BarArrays


class Answer(NamedTuple):
    """What came of a command at once, in the order of happening; all of it is durable."""

    facts: tuple[LedgerFact, ...]
    """Of every account that the command touched; of a repeat: how the first one was answered."""
    repeated: bool = False
    last: int = 0
    """The journal's number of the last fact, those before it are numbered down from it; 0 if it is a repeat."""


@dataclass(frozen=True, slots=True)
class EventsMissed:
    """Event: some of what the exchange published never came here; who folds events begins anew from the tables."""


class JournalVitals(Protocol):
    """What is to be seen of the journal where it is written."""

    commit_ms: Histogram
    batch_size: Histogram

    @property
    def failure(self) -> CrsError | None:
        """Why nothing can be written now."""
        ...

    @property
    def waiting(self) -> int:
        """How many appends are not on the disk yet."""
        ...


class Core(Protocol):
    """One shard of the exchange.

    On `bus` it publishes, in the order of happening: `TradesPrinted`, `BookDiff`, `FeedStateChanged`,
    `StorageStateChanged` and, for every record once it is durable, `Recorded`. A core of another process also says
    `EventsMissed`, before the first event after the gap.
    """

    bus: Bus

    @property
    def now(self) -> Nanos:
        """The market's time."""
        ...

    @property
    def state(self) -> FeedState:
        """Whether the market is alive."""
        ...

    def state_of(self, symbol: str, /) -> FeedState:
        """Return how far the data of one pair can be trusted now."""
        ...

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return what can be traded, in the order of listing."""
        ...

    async def carry_out(self, command: Command) -> Answer:
        """Carry out a command; the answer comes when everything that it caused is durable.

        A refusal is among the facts (`OrderRejected`). Cancelling is safe: a command that was taken is carried out.

        Raises:
            VenueUnavailable: nothing is known of it; the same command may be sent again.
            StorageUnavailable: the disk refuses; it was not acknowledged.
            InvalidInput: a deposit or fee that cannot be.
        """
        ...

    def snapshot(self, symbol: str, depth: int) -> BookSnapshot:
        """Return the displayed book as of the last published diff.

        Raises:
            InvalidInput: no such pair.
        """
        ...

    async def prints(self, symbol: str, count: int) -> tuple[TradeTick, ...]:
        """Return up to `count` prints of before this process listened, oldest first; none if nobody kept them.

        Raises:
            InvalidInput: no such pair.
        """
        ...

    async def bars(self, symbol: str, timeframe: Timeframe, *, end: Nanos, count: int) -> BarArrays:
        """Return up to `count` closed bars before `end`, oldest first.

        Raises:
            InvalidInput: no such pair.
        """
        ...
