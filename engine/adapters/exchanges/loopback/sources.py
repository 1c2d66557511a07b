"""Sources by what a user names: files, or the simulated market."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from engine.adapters.exchanges.loopback.again import Again
from engine.adapters.exchanges.loopback.capture import of_captures
from engine.adapters.exchanges.loopback.houses import house_for
from engine.adapters.exchanges.loopback.played import PlayedSource, moved
from engine.adapters.exchanges.loopback.recorded import of_recordings
from engine.adapters.exchanges.loopback.simulated import SimulatedSource
from engine.adapters.exchanges.loopback.told import Source
from engine.domain.number import Nanos
from engine.errors import InvalidInput
from engine.market.recording import Recording

RECORDINGS = (".rec", ".tape")
"""How the names of our own recordings end."""


def of_files(
    paths: Sequence[Path], captured_from: str = "", origin: Nanos | None = None, *, again: bool = False
) -> Source:
    """Return captures of one venue, or recordings, as a source.

    Args:
        paths: the files.
        captured_from: whose frames captures are; told by looking if empty.
        origin: the instant that the beginning is moved to; None keeps it.
        again: whether it begins again when it has ended.

    Raises:
        InvalidInput: a file cannot be read, or there is nothing in it that can be served.
    """
    make = _made(paths, captured_from)
    if not again and origin is None:
        return make()

    def placed() -> PlayedSource:
        source = make()
        if origin is None:
            return source
        return PlayedSource(moved(source.rows(), origin - source.start), source.listings)

    return Again(placed) if again else placed()


def _made(paths: Sequence[Path], captured_from: str) -> Callable[[], PlayedSource]:
    """Return what makes the source of files, again and again; they are read once."""
    own = [path for path in paths if path.suffix in RECORDINGS]
    if own and len(own) < len(paths):
        raise InvalidInput("Captures and recordings cannot be served together.")
    if own:
        recordings = [Recording(_bytes(path)) for path in own]
        return lambda: of_recordings(recordings)
    source = of_captures(paths, venue=captured_from)
    rows = list(source.rows())
    return lambda: PlayedSource(rows, source.listings, source.venue)


def of_market(seed: int, symbols: Sequence[str], origin: Nanos | None = None) -> Source:
    """Return the simulated market; errors as `SimulatedSource`."""
    return SimulatedSource(seed, origin=origin, symbols=symbols)


def usual_venue(source: Source) -> str:
    """Return the venue that a source is served as if nobody says."""
    return house_for(source.venue) or "binance"


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror or error}.") from error
