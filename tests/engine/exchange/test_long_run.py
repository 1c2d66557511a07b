"""The exchange over many random operations: every unit conserved, the same bytes every time, no growing memory."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from tests.engine.exchange.naive import Entry
from tests.engine.exchange.naive_text import NaiveText
from tests.engine.exchange.real import Real
from tests.engine.exchange.sessions import Session

SHORT, LONG = 20_000, 1_000_000
PAIR: Entry = {
    "type": "pair", "symbol": "B/Q", "base": "B", "quote": "Q", "tick": "1", "lot": "1", "base_decimals": 0,
    "quote_decimals": 2, "min_notional": "0", "maker_fee": "0.001", "taker_fee": "0.002",
}  # fmt: skip


def run_for(operations: int, seeds: int) -> int:
    """Run so many operations in so many sessions, watched, and return how many trades there were."""
    trades = 0
    for seed in range(seeds):
        real = Real()
        made = Session(1_000_000 + seed, real.answer)
        for number in range(operations // seeds):
            made.step()
            if number % 100 == 0:
                made.watch.check_state(real.state())
                del made.lines[:-20]
        made.watch.check_state(real.state())
        trades += made.watch.trades
    return trades


@pytest.mark.no_cover
def test_random_operations_conserve_every_unit() -> None:
    assert run_for(SHORT, seeds=20) > SHORT / 10


@pytest.mark.soak
def test_a_million_random_operations_conserve_every_unit() -> None:
    assert run_for(LONG, seeds=25) > LONG / 10


def churned(real: Real, first: int, pairs: int) -> None:
    for number in range(first, first + pairs):
        price, ts = str(50 + number % 20), number
        order = {"account": "A", "id": f"o{number}", "symbol": "B/Q", "side": "buy", "order_type": "limit"}
        kind = number % 3
        more: Entry = {"order_type": "stop_limit", "stop_price": "99"} if kind == 1 else {}
        more |= {"tif": "GTD", "expire_ts": number + 1_000_000} if kind == 2 else {}
        real.answer(json.dumps({"type": "submit", "ts": ts, **order, "qty": "3", "price": price, **more}))
        real.answer(json.dumps({"type": "cancel", "ts": ts, "account": "A", "id": f"o{number}"}))


def churning() -> Real:
    real = Real()
    real.answer(json.dumps(PAIR))
    real.answer(json.dumps({"type": "deposit", "ts": 0, "account": "A", "asset": "Q", "amount": "1000"}))
    return real


def test_of_an_order_that_came_and_went_no_more_is_kept_than_one_record_of_its_id() -> None:
    real = churning()
    churned(real, 0, 1_000)
    gc.collect()
    before = len(gc.get_objects())

    churned(real, 1_000, 4_000)

    gc.collect()
    assert len(gc.get_objects()) - before < 4_000 + 100


@pytest.mark.soak
def test_memory_is_flat_once_the_ids_that_are_remembered_are_full() -> None:
    real = churning()
    tracemalloc.start()
    try:
        churned(real, 0, 110_000)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        churned(real, 110_000, 220_000)
        gc.collect()
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()

    assert after < before * 1.1


@pytest.mark.integration
def test_the_same_input_gives_the_same_bytes_whatever_the_seed_of_hashing(tmp_path: Path) -> None:
    made = Session(5, NaiveText().answer)
    for _ in range(400):
        made.step()
    source = tmp_path / "orders.jsonl"
    source.write_text("\n".join(made.lines))
    command = [sys.executable, "-m", "engine.cli", "simulate", "--orders", str(source), "--state"]

    printed = {
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("0", "1", "4242")
    }

    assert len(printed) == 1
    assert len(printed.pop().splitlines()) > 400
