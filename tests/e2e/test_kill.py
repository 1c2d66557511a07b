"""kill -9 of the real desktop while hands trade in it: nothing that anybody was shown is ever missing."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.e2e.profiles import ROOT, account, crs, folded, resting, smoke

pytestmark = [pytest.mark.e2e, pytest.mark.integration]

UNIT = Decimal(10) ** 18
"""Every listed asset is kept with 18 decimals."""


MORE = 7
"""Rounds added at most: on a slow machine the first kills may all come while nothing works."""


class Seen:
    """What was ever shown of a profile: by the window's tables, and by `crs account --json`."""

    def __init__(self) -> None:
        self.orders: set[str] = set()
        self.fills: set[str] = set()
        self.ended: dict[str, str] = {}

    def window(self, line: str) -> None:
        """Take a line of the hands."""
        said = json.loads(line)
        if said["table"] != "notice":
            (self.orders if said["table"] == "orders" else self.fills).add(said["shown"])

    def command(self, said: dict[str, Any]) -> None:
        """Take an answer of the command line."""
        self.orders |= {each["order_id"] for each in said["orders"]}
        self.fills |= {_fill(each) for each in said["fills"]}
        ended = {each["order_id"]: each["status"] for each in said["orders"] if not _open(each)}
        assert self.ended.items() <= ended.items(), "an order that had ended changed its end"
        self.ended = ended


def killed_after(directory: Path, environment: dict[str, str], seed: int, seconds: float, seen: Seen) -> int:
    """Trade in the real window, kill it at some moment after the first order was shown, and note what was seen."""
    before = len(seen.orders) + len(seen.fills)
    command = [sys.executable, "-m", "tests.e2e.hands", str(seed), "--profile-dir", str(directory), "--seed", "7"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        patience = threading.Timer(150, program.kill)
        patience.start()
        first = program.stdout.readline()
        patience.cancel()
        assert first, program.stderr.read()
        end = threading.Timer(seconds, program.kill)
        end.start()
        seen.command(account(directory, environment))  # while it runs
        lines = [first, *program.stdout.readlines()]
        end.join()
        errors = program.stderr.read()
    assert "Traceback" not in errors, errors
    for line in lines:
        if line.endswith("\n"):
            seen.window(line)
    return len(seen.orders) + len(seen.fills) - before


def check(directory: Path, environment: dict[str, str], seen: Seen) -> set[str]:
    """Check everything that was promised; returns the orders that must rest again."""
    assert crs(directory, environment, "journal", "verify").startswith("Sound")
    said = account(directory, environment)
    assert seen.orders <= {each["order_id"] for each in said["orders"]}
    assert seen.fills <= {_fill(each) for each in said["fills"]}
    seen.command(said)
    expected = {code: (balance.free, balance.locked) for code, balance in folded(directory, environment).items()}
    assert {code: (_units(each["free"]), _units(each["locked"])) for code, each in said["balances"].items()} == expected
    working = {each["order_id"] for each in said["orders"] if _open(each)}
    assert resting(directory, directory.parent / "copy") == working
    return working


def rounds(directory: Path, environment: dict[str, str], count: int, seed: int, *, smoke_every: int) -> int:
    """Kill so many times on one profile, and on until an order was working at some kill; return how many were."""
    random, seen = Random(seed), Seen()  # noqa: S311 - repeatable moments
    new = brought_back = 0
    for number in range(1, count + MORE + 1):
        if number > count and brought_back:
            break
        new += killed_after(directory, environment, seed * 1_000 + number, 0.1 + random.random() * 2.4, seen)
        working = check(directory, environment, seen)
        brought_back += len(working)
        if number % smoke_every == 0:
            done = smoke(directory, environment)
            assert done.returncode == 0, done.stderr
            assert "Traceback" not in done.stderr
            after = account(directory, environment)
            kept = {each["order_id"] for each in after["orders"] if each["status"] in ("working", "filled")}
            assert working <= kept, "an order that worked before the kill neither works nor was filled"
            seen.command(after)
    assert new, "nothing was traded"
    return brought_back


def _fill(row: dict[str, Any]) -> str:
    return f"{row['trade_id']}/{row['order_id']}"


def _open(row: dict[str, Any]) -> bool:
    return row["status"] in ("waiting", "working")


def _units(text: str) -> int:
    return int(Decimal(text) * UNIT)


@pytest.mark.timeout(240)
def test_nothing_shown_is_missing_after_3_kills_of_the_desktop(
    tmp_path: Path, program_environment: dict[str, str]
) -> None:
    assert rounds(tmp_path / "profile", program_environment, 3, 1, smoke_every=1) > 0


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_nothing_shown_is_missing_after_50_kills_of_the_desktop(
    tmp_path: Path, program_environment: dict[str, str]
) -> None:
    brought_back = rounds(tmp_path / "profile", program_environment, 50, 2, smoke_every=10)
    print(f"50 kills, {brought_back} working orders brought back")
    assert brought_back > 0
