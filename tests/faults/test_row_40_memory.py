"""Row 40: an engine that runs and trades for hours of market time keeps no more than it did after the first one."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import numpy as np
import psutil
import pytest

from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import verify
from engine.bootstrap import Engine, open_engine
from engine.domain.command import SubmitOrder
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos, Ticks
from engine.domain.order import OrderType, Side
from engine.exchange.simulated import SimulatedMarket
from engine.market.catalogue import PAIRS
from engine.market.history import LIVE_SECONDS
from engine.profile import Profile

MINUTE = 60 * NANOS_PER_SECOND

WARM_MINUTES = LIVE_SECONDS // 60 + 5
"""After so long everything that is kept for a while is full: half an hour of seconds, and the slack."""

MB = 2**20

VALUE = Decimal(20)
"""Of an order."""

SLOPE_MB_PER_HOUR = 1.0


def test_row_40_memory_of_a_market_is_flat_once_it_is_warm() -> None:
    market = SimulatedMarket(7, pairs=PAIRS[-1:])  # the quietest

    def play(minutes: int) -> int:
        for _ in range(minutes * 12):
            market.advance(Nanos(market.now + MINUTE // 12))
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    play(WARM_MINUTES)
    objects = len(gc.get_objects())
    tracemalloc.start()
    try:
        before = play(2)
        grown = play(4) - before
    finally:
        tracemalloc.stop()

    assert grown / MB < SLOPE_MB_PER_HOUR / 15, f"{grown:,} bytes in four minutes"
    assert len(gc.get_objects()) < objects * 1.05


async def hours(engine: Engine, minutes: int) -> AsyncIterator[float]:
    """Let so many minutes of market time pass with an order or two in each; yield the process's memory in MB."""
    process, runner = psutil.Process(), engine.runner
    for number in range(minutes):
        pair = engine.venue.pairs()[number % len(engine.venue.pairs())]
        book = engine.venue.market.exchange.book(pair.symbol)
        bid = book.best_bid or 1
        order = SubmitOrder(
            account=engine.venue.account,
            order_id=engine.orders.new_id(),
            symbol=pair.symbol,
            side=Side.BUY,
            order_type=OrderType.LIMIT,
            qty=Lots(int(pair.quote.units(VALUE) // pair.notional(bid, 1)) + 1),
            price=Ticks(int(bid * 0.97)),
        )
        await engine.orders.submit(order)
        if number > 20:
            await engine.orders.cancel(engine.orders.open()[0].order_id)
        for _ in range(12):
            await runner._advance(Nanos(runner.now + MINUTE // 12), time.monotonic() + 60)
        if number % 10 == 9:
            runner.save()
            await engine.bars.history(pair.symbol, Timeframe.M1)
            gc.collect()
            yield process.memory_info().rss / MB


async def slope(directory: Path, minutes: int) -> tuple[float, list[float]]:
    """Return how much memory grows per hour of market time once the engine is warm, in MB, and what was measured."""
    engine = await open_engine(Profile(directory), seed=7, speed=1)
    engine.runner.pause()
    try:
        for pair in engine.venue.pairs():
            await engine.bars.watch(pair.symbol, Timeframe.M1)
        measured = [each async for each in hours(engine, minutes)]
    finally:
        await engine.close()
    with Reader(directory / "crs.sqlite") as reader:
        verify(reader)
    warm = measured[2 * WARM_MINUTES // 10 :]
    at_hours = np.arange(len(warm)) / 6
    return float(np.polyfit(at_hours, warm, 1)[0]), measured


@pytest.mark.soak
@pytest.mark.integration
@pytest.mark.timeout(7_200)
async def test_row_40_memory_leak_soak(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grows, measured = await slope(tmp_path, 4_000)

    with capsys.disabled():
        print(
            f"\n{len(measured) * 10} market minutes: {measured[0]:.1f} to {measured[-1]:.1f} MB, {grows:+.2f} MB/h warm"
        )
    assert grows < SLOPE_MB_PER_HOUR
