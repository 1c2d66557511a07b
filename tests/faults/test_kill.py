"""kill -9 at random moments, with orders working: nothing acknowledged is missing, ever."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from random import Random

import pytest

from engine.adapters.paper.past import read_past
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import verify
from engine.bootstrap import open_engine
from engine.profile import Profile

pytestmark = [pytest.mark.integration, pytest.mark.slow]

ROOT = Path(__file__).resolve().parent.parent.parent


def killed_after(directory: Path, seed: int, seconds: float) -> list[dict[str, str]]:
    """Run the headless engine, kill it at some moment after it opened, and return what it acknowledged."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.headless", str(directory), str(seed)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    lines = [process.stdout.readline()]
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    lines += process.stdout.readlines()
    timer.join()
    process.wait()
    errors = process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    assert "Traceback" not in errors, errors
    said = [json.loads(line) for line in lines if line.endswith("\n")]
    assert [line["what"] for line in said[:1]] == ["open"], errors
    return said[1:]


def check(directory: Path, acknowledged: list[dict[str, str]]) -> str:
    """Check everything that was promised, first on the disk, then in an engine opened on it."""
    with Reader(directory / "crs.sqlite") as reader:
        verify(reader)
        past = read_past(reader)
        orders = {row["order_id"]: row["status"] for row in reader.table("order")}
    for said in acknowledged:
        assert said["id"] in orders, f"{said} was acknowledged and is missing"
        if said["what"] == "cancelled":
            assert orders[said["id"]] == "cancelled"
    return asyncio.run(_reopened(directory, past.books.fold.state_hash(), orders))


async def _reopened(directory: Path, fold_hash: str, orders: dict[str, str]) -> str:
    engine = await open_engine(Profile(directory), speed=1)
    engine.runner.pause()
    try:
        account, exchange = engine.venue.account, engine.venue.market.exchange
        assert engine.venue.fold.state_hash() == fold_hash
        assert exchange.balances(account) == engine.venue.fold.balances(account)
        resting = {order.order_id for order in exchange.open_orders(account)}
        assert resting == {order_id for order_id, status in orders.items() if status in ("waiting", "working")}
        return engine.recovery.how
    finally:
        await engine.close()


def rounds(directory: Path, count: int, seed: int) -> list[str]:
    """Kill and reopen so many times on one profile."""
    random = Random(seed)  # noqa: S311 - repeatable moments
    found, acknowledged = list[str](), list[dict[str, str]]()
    for i in range(count):
        acknowledged += killed_after(directory, seed * 1_000 + i, 0.05 + random.random() * 1.2)
        found.append(check(directory, acknowledged))
    assert len(acknowledged) > count
    return found


def test_nothing_acknowledged_is_missing_after_5_kills(tmp_path: Path) -> None:
    assert set(rounds(tmp_path, 5, seed=1)) <= {"rerun", "seated"}


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_nothing_acknowledged_is_missing_after_50_kills(tmp_path: Path) -> None:
    assert set(rounds(tmp_path, 50, seed=2)) <= {"rerun", "seated"}
