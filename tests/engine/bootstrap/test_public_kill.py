"""A program that trades on a public exchange and is killed: what was acknowledged is there, and nothing twice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.adapters.paper.past import Past
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import verify
from engine.bootstrap.public import open_public
from engine.bus import Bus
from engine.domain.event import OrderAccepted, OrderFilled
from engine.domain.number import Units
from engine.profile import Profile
from tests.engine.bootstrap.scripted_exchange import BTC_USDT, ScriptedExchange
from tests.unmeasured import UNMEASURED

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("runs", [(40,), pytest.param((5, 60, 90, 3, 60), marks=pytest.mark.soak)])
async def test_a_killed_program_finds_everything_that_was_acknowledged(runs: tuple[int, ...], tmp_path: Path) -> None:
    said: list[str] = []
    for lines in runs:  # each goes on with what the one before left
        said += run_and_kill(tmp_path, lines)
    told = {line.split()[1] for line in said if line.startswith("told")}
    assert told

    bus = Bus()
    feed = ScriptedExchange(bus)
    feed.later(10 * 10**9)
    feed.syncs = False
    engine = await open_public(Profile(tmp_path), "binance", feed=feed, bus=bus)
    try:
        assert "nothing was filled in that time" in engine.recovery.text
        with Reader(engine.home.database) as reader:
            records = [record for _, record in reader.records()]
            verify(reader, keeper=Past())
        accepted = [each.order_id for each in records if isinstance(each, OrderAccepted)]
        fills = [each for each in records if isinstance(each, OrderFilled)]
        assert told <= set(accepted)
        assert len(accepted) == len(set(accepted))
        seen = {tuple(line.split()[1:]) for line in said if line.startswith("fact")}
        happened = {(type(each).__name__, each.order_id) for each in records if hasattr(each, "order_id")}
        assert seen <= happened, "nobody was told of what is not there"

        left = {each.order_id for each in engine.portfolio.orders()}
        done = {each.order_id for each in fills if each.left == 0}
        assert left == set(accepted) - done
        spent = sum(BTC_USDT.notional(each.price, each.qty) + each.fee for each in fills)
        balances = engine.portfolio.balances()
        assert balances["USDT"].total == Units(10_000 * 10**8 - spent)
        assert engine.live.market.exchange.balances(engine.venue.account) == balances
    finally:
        await engine.close()


def run_and_kill(where: Path, lines: int) -> list[str]:
    """Let the program trade until it has said so many lines, kill it, and return all that it said."""
    command = [sys.executable, "-m", "tests.engine.bootstrap.public_child", str(where)]
    env = {**os.environ, **UNMEASURED}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = [child.stdout.readline().strip() for _ in range(lines)]
        child.kill()
        said += [line.strip() for line in child.stdout if line.endswith("\n")]
    assert all(said), "it ended by itself"
    return said
