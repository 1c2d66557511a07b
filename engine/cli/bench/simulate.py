"""`crs simulate` over a long script, twice: commands per CPU second, memory along the way, and the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import IO, NamedTuple

import psutil

from engine.cli.bench.listing import PAIR
from engine.cli.bench.rounds import Bar, Plan, Report, Spread, WrongAnswerError
from engine.cli.bench.script import Act, crossing

TENTHS = 10
SETTLED = 5
"""Tenths after which an account's memory of finished ids no longer grows, in a script of the documented size."""

OPEN = 2_000
"""How many orders rest at most."""

ACCOUNTS = ("A", "B")
CRS = (sys.executable, "-m", "engine.cli", "simulate", "--orders", "-", "--state")


class Ran(NamedTuple):
    """One run of the program."""

    digest: str
    cpu_s: float
    memory: list[int]
    """Resident bytes after each tenth of the commands."""


def simulate(plan: Plan) -> Report:
    """Return speed and memory of two runs whose outputs are equal, byte for byte, per round.

    Raises:
        WrongAnswerError: the outputs differ.
    """
    memory, speeds = [], []
    with tempfile.TemporaryDirectory(prefix="crs-bench-") as directory:
        script = Path(directory) / "orders.jsonl"
        with script.open("w", encoding="ascii") as file:
            file.writelines(lines(crossing(plan.events, most=OPEN).acts))
        for number in range(plan.rounds):
            runs = [_run(script, hash_seed) for hash_seed in (2 * number, 2 * number + 1)]
            if runs[0].digest != runs[1].digest:
                raise WrongAnswerError("Two runs of crs simulate over the same commands printed different bytes.")
            memory += [run.memory[-1] / run.memory[SETTLED - 1] for run in runs]
            speeds += [plan.events / run.cpu_s for run in runs]
    bars = [
        Bar("commands per CPU second", Spread.of(speeds), 10_000),
        Bar(f"memory at the end / after {SETTLED} tenths", Spread.of(memory), 1.10, at_least=False),
    ]
    facts: dict[str, int | str] = {
        "commands": plan.events,
        "output": f"sha256 {runs[0].digest[:16]}",
        "runs": len(memory),
    }
    return Report("simulate", facts, bars, [])


def lines(acts: list[Act]) -> Iterator[str]:
    """Yield the acts as lines of `crs simulate`, after a pair and deposits."""
    yield (
        f'{{"type":"pair","symbol":"{PAIR.symbol}","base":"BTC","quote":"USDT","tick":"0.01","lot":"0.00001",'
        '"base_decimals":8,"quote_decimals":8,"min_notional":"1","maker_fee":"0.001","taker_fee":"0.001"}\n'
    )
    for account in ACCOUNTS:
        for asset in ("BTC", "USDT"):
            yield f'{{"type":"deposit","ts":0,"account":"{account}","asset":"{asset}","amount":"1000000000000"}}\n'
    for ts, (order, is_buy, price, qty) in enumerate(acts, 1):
        head = f'"ts":{ts},"account":"{ACCOUNTS[order % len(ACCOUNTS)]}","id":"o{order}"'
        if is_buy is None:
            yield f'{{"type":"cancel",{head}}}\n'
        else:
            yield (
                f'{{"type":"submit",{head},"symbol":"{PAIR.symbol}","side":"{"buy" if is_buy else "sell"}",'
                f'"order_type":"limit","qty":"{PAIR.qty_text(qty)}","price":"{PAIR.price_text(price)}"}}\n'
            )


def _run(script: Path, hash_seed: int) -> Ran:
    """Feed the script by tenths, reading along; between two tenths the program has answered everything."""
    text = script.read_bytes().splitlines(keepends=True)
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    process = subprocess.Popen(CRS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)  # noqa: S603
    before = os.times()
    with process:
        if process.stdin is None or process.stdout is None:
            raise WrongAnswerError("crs simulate has no input or output.")
        digest = sha256()
        reading = Thread(target=_digest, args=(process.stdout, digest.update), daemon=True)
        reading.start()
        watched, memory = psutil.Process(process.pid), list[int]()
        for first, last in pairwise(len(text) * tenth // TENTHS for tenth in range(TENTHS + 1)):
            process.stdin.writelines(text[first:last])
            process.stdin.flush()
            memory.append(int(watched.memory_info().rss))
        process.stdin.close()
        reading.join()
    if process.returncode:
        raise WrongAnswerError(f"crs simulate ended with status {process.returncode}.")
    after = os.times()
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    return Ran(digest.hexdigest(), cpu_s, memory)


def _digest(source: IO[bytes], update: Callable[[bytes], None]) -> None:
    while chunk := source.read(1 << 16):
        update(chunk)
