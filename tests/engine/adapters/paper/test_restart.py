"""The real markets through a stop: where the replay opens, jumps to and comes back."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.adapters.paper.recovery import How
from engine.bootstrap import open_engine
from engine.domain.market import Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.exchange.replayed import ReplayMarket
from engine.profile import Profile
from tests.engine.adapters.desk import let_pass, opened

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
