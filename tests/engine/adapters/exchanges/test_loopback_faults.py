"""Every fault on every venue: a book ends whole and equal to a twin that saw no fault, and is never shown crossed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple

import pytest

from engine.adapters.exchanges.binance.dialect import BinanceDialect
from engine.adapters.exchanges.coinbase.advanced import CoinbaseAdvancedDialect
from engine.adapters.exchanges.coinbase.exchange import CoinbaseExchangeDialect
from engine.adapters.exchanges.dialect.stream import Dialect
from engine.adapters.exchanges.kraken.v2 import KrakenDialect
from engine.adapters.exchanges.loopback.again import Again
from engine.adapters.exchanges.loopback.faults import Faults
from engine.adapters.exchanges.loopback.server import Loopback
from engine.adapters.exchanges.loopback.stage import Stage
from engine.adapters.exchanges.loopback.told import Source
from engine.domain.number import Nanos
from tests.engine.adapters.exchanges.loopback import small
from tests.engine.adapters.exchanges.reader import Reader, reading, until

SYMBOL = "BTC/USDT"
STEP = 100_000_000
VENUES: dict[str, Callable[[], Dialect]] = {
    "binance": BinanceDialect,
    "binance_usdm": lambda: BinanceDialect(is_perpetual=True),
    "coinbase_exchange": CoinbaseExchangeDialect,
    "coinbase_advanced": CoinbaseAdvancedDialect,
    "kraken": lambda: KrakenDialect(100),
}
NUMBERED = ("binance", "binance_usdm", "coinbase_advanced", "kraken")
"""Where a missing update shows: Coinbase Exchange promises to deliver all and numbers none."""
BY_BOOK = ("binance", "binance_usdm", "coinbase_exchange", "kraken")
"""Where a frame that comes twice does no harm; Coinbase Advanced numbers frames, so it looks like a loss."""
ASKING = ("binance", "binance_usdm")
"""Where the picture of a book is asked for."""


class Fault(NamedTuple):
    """What is put, on which venues, and whether the reader has to find a gap in it or to connect again."""

    name: str
    text: str
    venues: tuple[str, ...] = tuple(VENUES)
    is_noticed: bool = True


FAULTS = (
    Fault("drop", "every:7@book", NUMBERED),
    Fault("duplicate", "every:5@book", BY_BOOK, is_noticed=False),
    Fault("reorder", "every:9@book", NUMBERED),
    Fault("delay", "3ms:20%", is_noticed=False),
    Fault("truncate", "after:5@book"),
    Fault("stale", "2", ASKING, is_noticed=False),
    Fault("disconnect", "after:12"),
    Fault("429", "2", ASKING, is_noticed=False),
    Fault("418", "1", ASKING, is_noticed=False),
    Fault("skew", "1300ms", is_noticed=False),
    Fault("checksum", "every:6@book", ("kraken",)),
    Fault("silence", "on"),
    Fault("shutdown", "now"),
    Fault("hangup", "now"),
)
CASES = [
    pytest.param(
        fault,
        venue,
        id=f"{fault.name}-{venue}",
        marks=[]
        if number % len(fault.venues) == place
        else [pytest.mark.soak],  # each fault somewhere, each venue some
    )
    for number, fault in enumerate(FAULTS)
    for place, venue in enumerate(fault.venues)
]


class Pair(NamedTuple):
    """A venue that can be faulty, and one that is not, over one market."""

    faulty: Loopback
    sound: Loopback
    reader: Reader
    twin: Reader

    async def play(self, steps: int) -> None:
        """Let time go on, so that requests may fall between the frames."""
        stage = self.faulty.stage
        for _ in range(steps):
            stage.play(Nanos(stage.market.now + STEP))
            await self.sound.drained()
            await until(lambda: not self.faulty.waiting, 0.05)
            await until(lambda: self.reader.is_synced(SYMBOL), 0.03)

    def are_equal(self) -> bool:
        """Whether both have the book that the market has."""
        wanted = self.faulty.stage.market.pairs[SYMBOL].top(20)
        both = (self.reader, self.twin)
        return all(each.is_synced(SYMBOL) and each.top(SYMBOL) == wanted for each in both)


@asynccontextmanager
async def pair(source: Source, venue: str) -> AsyncIterator[Pair]:
    """Both, with a reader each."""
    stage, make = Stage(source), VENUES[venue]
    async with Loopback(stage, venue, faults=Faults(5)) as faulty, Loopback(stage, venue) as sound:
        async with reading(faulty, make(), SYMBOL) as reader, reading(sound, make(), SYMBOL) as twin:
            assert await until(lambda: faulty.clients == sound.clients == 1)
            each = Pair(faulty, sound, reader, twin)
            await each.play(3)
            assert await until(each.are_equal)
            yield each
        await stage.close()


@pytest.mark.parametrize(("fault", "venue"), CASES)
async def test_a_fault_ends_resynced_and_equal_to_a_twin_without(fault: Fault, venue: str) -> None:
    async with pair(small(), venue) as each:
        each.reader.watches_silence = fault.name == "silence"
        if fault.name in ("stale", "429", "418"):
            each.faulty.faults.put("drop", "next@book")
            each.faulty.faults.put("retry", "0s")
        each.faulty.faults.put(fault.name, fault.text)

        await each.play(16)
        if fault.name == "silence":
            assert await until(lambda: each.reader.connections > 1)
        for name in ("drop", "duplicate", "reorder", "delay", "truncate", "disconnect", "checksum"):
            each.faulty.faults.put(name, "off")
        each.reader.watches_silence = False
        for _ in range(10):
            await each.play(1)
            if await until(each.are_equal, 0.1):
                break

        assert await until(each.are_equal)
        assert each.reader.crossed == 0
        found = sum(book.gaps for book in each.reader.books.values()) + each.reader.connections - 1
        assert (found > 0) is (fault.is_noticed or fault.name in ("stale", "429", "418"))
        assert sum(book.gaps for book in each.twin.books.values()) + each.twin.connections - 1 == 0


async def test_of_diffs_that_are_dropped_every_gap_is_found_on_the_next_one() -> None:
    async with pair(small(), "binance") as each:
        each.faulty.faults.put("drop", "every:10@book")

        await each.play(50)

        dropped = each.faulty.faults.wire["drop"].hits
        assert dropped >= 4
        assert each.reader.books["BTCUSDT"].gaps in (dropped, dropped - 1)  # the last one may have no next yet
        assert each.reader.crossed == 0


@pytest.mark.parametrize("venue", ["binance", "kraken"])
async def test_a_recording_that_begins_again_is_followed_like_a_restart(venue: str) -> None:
    source = Again(small)
    async with pair(source, venue) as each:
        while source.rounds == 1:
            await each.play(4)
        await each.play(3)

        assert await until(each.are_equal)
        assert each.reader.crossed == 0
        if venue in ASKING:
            assert each.reader.books[each.reader.natives[0]].gaps == 1
    prints = [each.trade_id for each in each.faulty.stage.market.pairs[SYMBOL].prints]
    assert prints == list(range(prints[0], prints[0] + len(prints)))
