"""A profile seen from outside: through the programs that a user has."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from engine.adapters.sql.books import FOLDED
from engine.adapters.sql.codec import decode
from engine.bootstrap import open_engine
from engine.domain.account import Balance
from engine.domain.order import AccountId
from engine.portfolio.fold import Fold
from engine.profile import Profile

ROOT = Path(__file__).resolve().parent.parent.parent


def desktop(directory: Path, *options: str) -> list[str]:
    """Return the command that starts the real desktop on a profile."""
    return [sys.executable, "-m", "crs_desktop", "--profile-dir", str(directory), "--seed", "7", *options]


def smoke(directory: Path, environment: dict[str, str], seconds: float = 1) -> subprocess.CompletedProcess[str]:
    """Let the real desktop trade by itself and close."""
    command = desktop(directory, "--smoke", str(seconds), "--report", str(directory.parent / "report.json"))
    return run(command, environment)


def run(command: list[str], environment: dict[str, str], timeout: float = 100) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, from the project's folder."""
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, timeout=timeout, cwd=ROOT
    )


def crs(directory: Path, environment: dict[str, str], *arguments: str) -> str:
    """Run `crs` on a profile and return what it prints; it must succeed."""
    done = run([sys.executable, "-m", "engine.cli", "--profile-dir", str(directory), *arguments], environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def account(directory: Path, environment: dict[str, str]) -> dict[str, Any]:
    """Return what `crs account --json` says."""
    said: dict[str, Any] = json.loads(crs(directory, environment, "account", "--json"))
    return said


def folded(directory: Path, environment: dict[str, str]) -> dict[str, Balance]:
    """Export the journal and fold it: what the account must hold."""
    fold = Fold()
    for line in crs(directory, environment, "journal", "export").splitlines():
        entry = json.loads(line)
        record = decode(entry["kind"], json.dumps(entry["payload"]), entry["schema_version"])
        if isinstance(record, FOLDED):
            fold.apply(record)
    return fold.balances(AccountId("PAPER-1"))


def resting(directory: Path, scratch: Path) -> set[str]:
    """Open an engine on a copy of the profile and return the ids of the orders that are in its books."""
    shutil.copytree(directory, scratch, ignore=shutil.ignore_patterns("logs", "lock*"))
    try:
        return asyncio.run(_resting(scratch))
    finally:
        shutil.rmtree(scratch)


async def _resting(directory: Path) -> set[str]:
    engine = await open_engine(Profile(directory))
    engine.runner.pause()
    try:
        return {order.order_id for order in engine.venue.market.exchange.open_orders(engine.venue.account)}
    finally:
        await engine.close()
