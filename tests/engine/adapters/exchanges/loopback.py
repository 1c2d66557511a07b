"""A venue on this machine for the tests of whatever reads one.

    async with loopback(small(), "binance") as venue:
        …connect to venue.rest_url and venue.socket_url…
        await venue.play(END)

Time stands still unless `venue.stage.run(speed)` or `play` lets it go. Faults: `venue.faults.put("drop", "next")`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from itertools import islice
from pathlib import Path

from engine.adapters.exchanges.loopback.capture import of_captures
from engine.adapters.exchanges.loopback.faults import Faults
from engine.adapters.exchanges.loopback.listing import Listing
from engine.adapters.exchanges.loopback.played import PlayedSource
from engine.adapters.exchanges.loopback.recorded import of_recordings
from engine.adapters.exchanges.loopback.server import Loopback
from engine.adapters.exchanges.loopback.simulated import SimulatedSource
from engine.adapters.exchanges.loopback.stage import Stage
from engine.adapters.exchanges.loopback.told import Source, Told
from engine.domain.number import Nanos
from engine.market.recording import shipped

END = Nanos(1 << 62)
"""Later than anything that is recorded."""
SMALL = 600
"""Rows of the small source: some twelve seconds."""
BTC_CAPTURE = "binance_spot_btcusdt_20240808T235414_raw.txt.gz"


@asynccontextmanager
async def loopback(source: Source, venue: str = "binance", *, seed: int = 1) -> AsyncIterator[Loopback]:
    """A venue over a source, standing still at its first instant."""
    stage = Stage(source)
    async with Loopback(stage, venue, faults=Faults(seed)) as each:
        try:
            yield each
        finally:
            await stage.close()


def demo(*symbols: str, seed: int = 3) -> Source:
    """The simulated market, of some pairs."""
    return SimulatedSource(seed, symbols=symbols or ("BTC/USDT", "ETH/USDT"))


@lru_cache(maxsize=1)
def _rows() -> tuple[list[Told], list[Listing]]:
    source = of_recordings([shipped()])
    return list(islice(source.rows(), SMALL)), list(source.listings)


def small() -> PlayedSource:
    """The first seconds of the recording; quick to make."""
    rows, listings = _rows()
    return PlayedSource(rows, listings)


def recording() -> Source:
    """650 s of Binance BTC/USDT, as shipped."""
    return of_recordings([shipped()])


def capture(shared_data: Path, name: str = BTC_CAPTURE, *, most: int | None = 5_000) -> Source:
    """The beginning of a raw capture of `shared_data`."""
    return of_captures([shared_data / "books" / name], most=most)
