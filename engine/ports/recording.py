"""What was recorded of public markets, and what is being recorded: words for whoever shows or commands it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from engine.domain.number import Nanos
from engine.errors import CrsError


class RecordingChanged(NamedTuple):
    """Event: recording of a pair began or ended; `text` is a sentence if it ended by itself."""

    symbol: str
    on: bool
    text: str = ""


class RecordingNow(NamedTuple):
    """How the recording of a pair stands."""

    symbol: str
    file: str
    """Its name in the library; empty until the first chunk is written."""
    since: Nanos
    """When the pair's recording began, not its file."""
    bytes: int
    """Written since then."""
    rows: int
    """Seen since then: diffs, prints."""


class Recorded(NamedTuple):
    """What is known of a recording without reading it."""

    name: str
    """Path within the library, e.g. `binance/BTC-USDT/20261129T175100Z.tape`; opens it, too."""
    venue: str
    symbol: str
    started: Nanos
    ended: Nanos
    """When its file was last written to."""
    bytes: int
    title: str = ""
    """The venue's name for the screen."""


class RecordingLibrary(Protocol):
    """The recordings of a profile; asking it blocks, off the loop."""

    def found(self) -> tuple[list[Recorded], list[CrsError]]:
        """Return all recordings, newest first, and what could not be read."""
        ...

    def remove(self, name: str) -> None:
        """Delete a recording.

        Raises:
            InvalidInput: there is none of that name.
            StorageUnavailable: it cannot be deleted.
        """
        ...


class PairRecorder(Protocol):
    """What records pairs of a feed."""

    def now(self) -> list[RecordingNow]:
        """Return how each recording stands."""
        ...

    async def write(self) -> None:
        """Write what was collected by now."""
        ...
