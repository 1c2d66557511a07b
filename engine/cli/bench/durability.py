"""Durable orders: from submit to an acknowledgement that survives a power cut, beside a bare write."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import BinaryIO

from engine.adapters.paper.venue import PaperVenue
from engine.adapters.sql.journal import SqlJournal
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import verify
from engine.bootstrap import opening
from engine.bus import Bus
from engine.cli.bench.rounds import Bar, Plan, Report, Spread
from engine.domain.command import ListPair, SubmitOrder
from engine.domain.event import OrderAccepted
from engine.domain.number import Lots, Ticks
from engine.domain.order import AccountId, OrderId, OrderType, Side
from engine.errors import CrsError
from engine.exchange.offline import open_market
from engine.observe.collector import settle
from engine.observe.failpoint import armed
from engine.portfolio.fold import Fold
from engine.settings import Settings

CONCURRENT = 200
"""Submitters at once, against one."""

SLOW_S = 1 / 258
"""What a commit of one order took on the machine on which the demands were set (258 commits a second)."""

ACCOUNT = AccountId("PAPER-1")


def durability(plan: Plan) -> Report:
    """Return p50 of an acknowledgement in multiples of a bare write's, and what group commit brings."""
    with tempfile.TemporaryDirectory(prefix="crs-bench-") as directory:
        bars = asyncio.run(_measure(Path(directory), plan))
        with Reader(Path(directory) / "crs.sqlite") as reader:
            verify(reader)  # the answers were right, and all of them are there
    facts: dict[str, int | str] = {"samples": plan.events, "rounds": plan.rounds}
    return Report("durability", facts, bars, [])


async def _measure(directory: Path, plan: Plan) -> list[Bar]:
    journal = SqlJournal(directory / "crs.sqlite", deliver=asyncio.get_running_loop().call_soon_threadsafe)
    raw, acknowledged, ratios, alone, gains, gains_slow = [], [], [], [], [], []
    try:
        await asyncio.wrap_future(journal.ready)
        desk = await _Desk.opened(Bus(), journal)
        settle()  # as the program does when it is up
        with (directory / "raw").open("ab", buffering=0) as file:
            for _ in range(plan.rounds):
                raw_ms, ack_ms = await _in_turn(file, desk, plan.events)
                raw.append(raw_ms)
                acknowledged.append(ack_ms)
                ratios.append(ack_ms / raw_ms)
                alone.append(await desk.rate(1, 50))
                gains.append(await desk.rate(CONCURRENT, 5) / alone[-1])
                with armed(f"journal.before_commit:1+=pause {max(0.0, SLOW_S - raw_ms / 1000):f}"):
                    slow = await desk.rate(1, 20)
                    gains_slow.append(await desk.rate(CONCURRENT, 5) / slow)
    finally:
        await asyncio.to_thread(journal.close)
    return [
        Bar("append + fdatasync of 512 bytes, p50", Spread.of(raw), unit="ms"),
        Bar("acknowledged order, p50", Spread.of(acknowledged), unit="ms"),
        Bar("acknowledged order / bare write", Spread.of(ratios), 4.0, at_least=False),
        Bar("acknowledgements per second, one submitter", Spread.of(alone)),
        Bar(f"{CONCURRENT} submitters at once / one", Spread.of(gains), 10.0, unit="x"),
        Bar(f"the same, a write taking {SLOW_S * 1000:.1f} ms", Spread.of(gains_slow), 10.0, unit="x"),
    ]


async def _in_turn(file: BinaryIO, desk: _Desk, samples: int) -> tuple[float, float]:
    """Return the p50 of a bare write and of an acknowledgement in milliseconds, sample by sample in turn."""
    raw_ms, ack_ms = [], []
    for _ in range(samples):
        begun = time.perf_counter()
        file.write(b"x" * 512)
        os.fdatasync(file.fileno())
        raw_ms.append((time.perf_counter() - begun) * 1000)
        begun = time.perf_counter()
        await desk.submit()
        ack_ms.append((time.perf_counter() - begun) * 1000)
    return statistics.median(raw_ms), statistics.median(ack_ms)


class _Desk:
    """A venue on a still market, and orders that rest far from it."""

    def __init__(self, venue: PaperVenue, price: Ticks) -> None:
        self._venue, self._price, self._count = venue, price, 0
        self._symbol = venue.pairs()[0].symbol

    @classmethod
    async def opened(cls, bus: Bus, journal: SqlJournal) -> _Desk:
        from engine.adapters.sql.books import Books

        market = open_market("simulated", seed=1)
        journal.begin(Books())
        venue = PaperVenue(bus, journal, market, Fold(), ACCOUNT)
        venue.record([ListPair(pair) for pair in venue.pairs()])
        settings = Settings()
        settings.account.starting_balances["USDT"] *= 10**9
        await venue.execute(opening(ACCOUNT, venue.pairs(), settings))
        bid = market.exchange.book(venue.pairs()[0].symbol).best_bid
        if bid is None:
            raise CrsError("The simulated market shows no bid; nothing can be measured in it.")
        return cls(venue, Ticks(bid // 2))

    async def submit(self) -> None:
        self._count += 1
        order = SubmitOrder(
            account=ACCOUNT,
            order_id=OrderId(f"b{self._count}"),
            symbol=self._symbol,
            side=Side.BUY,
            order_type=OrderType.LIMIT,
            qty=Lots(1_000),
            price=self._price,
        )
        answer = await self._venue.submit(order)
        if not isinstance(answer, OrderAccepted):
            raise CrsError(f"The order of the benchmark was refused: {answer.text}")

    async def rate(self, submitters: int, each: int) -> float:
        """Return acknowledgements per second of so many submitters, each with so many orders one after another."""

        async def run() -> None:
            for _ in range(each):
                await self.submit()

        begun = time.perf_counter()
        await asyncio.gather(*(run() for _ in range(submitters)))
        return submitters * each / (time.perf_counter() - begun)
