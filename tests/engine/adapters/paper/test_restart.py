"""The real markets through a stop: where the replay opens, jumps to and comes back."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from engine.adapters.paper.recovery import How
from engine.bootstrap import open_engine
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Lots, Nanos
from engine.domain.order import Side
from engine.exchange.replayed import ReplayMarket
from engine.profile import Profile
from tests.engine.adapters.desk import let_pass, limit, opened

pytestmark = pytest.mark.integration

S = NANOS_PER_SECOND


async def test_a_replay_opens_with_a_full_chart_and_a_restart_returns_there(tmp_path: Path) -> None:
    async with opened(tmp_path, market="replay") as running:
        opening = running.runner.now
        seconds = await running.bars.history("BTC/USDT", Timeframe.S1)
        await let_pass(running, 3)

        await running.runner.restart()

        assert len(seconds) >= 300
        assert running.runner.now == opening


@pytest.mark.no_cover
async def test_an_instant_before_the_opening_is_found_again_without_a_snapshot(tmp_path: Path) -> None:
    instant = Nanos(ReplayMarket().start + 20 * S)
    async with opened(tmp_path, market="replay") as running:
        await running.runner.jump(instant)
        balances = running.portfolio.balances()
    with closing(sqlite3.connect(tmp_path / "crs.sqlite")) as connection:
        connection.execute("DELETE FROM market_snapshot")
        connection.commit()

    again = await open_engine(Profile(tmp_path))
    again.runner.pause()
    try:
        assert again.recovery.how is How.SEATED
        assert instant <= again.runner.now < instant + S
        assert again.portfolio.balances() == balances
    finally:
        await again.close()


@pytest.mark.no_cover
async def test_orders_sent_after_the_end_of_a_recording_come_back_in_place(tmp_path: Path) -> None:
    lived, killed = tmp_path / "lived", tmp_path / "killed"
    async with opened(lived, market="replay") as running:
        await running.runner.jump(ReplayMarket().end)
        bid = running.venue.market.exchange.book("BTC/USDT").best_bid or 0
        for away in range(3):
            sent = [replace(limit(running, Side.BUY, bid - 100 * away - more), qty=Lots(100)) for more in (0, 7)]
            await asyncio.gather(*(running.orders.submit(order) for order in sent))
        shutil.copytree(lived, killed, ignore=shutil.ignore_patterns("lock", "*-shm"))

    async with opened(killed) as again:
        assert again.recovery.how is How.RERUN, again.recovery.text
        assert len(again.orders.open()) == 6
