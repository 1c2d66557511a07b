"""One server program for all clients of the facade."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from unittest.mock import patch

import httpx
import pytest

from engine.cli.__main__ import main
from engine.domain.command import Deposit
from engine.domain.number import Units
from engine.domain.order import AccountId
from engine.server.assembly import assembled
from engine.server.settings import load_settings
from tests.engine.server.facade.floor import Floor, Keys
from tests.engine.server.harness import program

TRADERS = ("ann", "bob", "cat")


@pytest.fixture(scope="session")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """Lend a running server with three funded traders, who may ask as often as they like."""
    data_dir = tmp_path_factory.mktemp("facade") / "data"
    keys = [_trader(data_dir, name) for name in TRADERS]
    reader = _key(data_dir, "cat", "--scopes", "read")
    (data_dir / "server.toml").write_text('limits = "off"\n', encoding="utf-8")
    asyncio.run(_fund(data_dir))
    with program(data_dir) as server, httpx.Client(base_url=server.url) as client:
        ann, bob, cat = keys
        yield Floor(server.port, data_dir, client, ann, bob, cat, reader)


def _trader(data_dir: Path, name: str) -> Keys:
    where = ("--data-dir", str(data_dir), "--email", f"{name}@example.org")
    with patch("sys.stdin", io.StringIO("violet harbour 27 lanterns\n")), redirect_stdout(io.StringIO()):
        assert main(["server", "user", "add", *where, "--password-stdin"]) == 0
    return _key(data_dir, name)


def _key(data_dir: Path, name: str, *more: str) -> Keys:
    with redirect_stdout(io.StringIO()) as told:
        where = ("--data-dir", str(data_dir), "--email", f"{name}@example.org")
        assert main(["server", "key", "add", *where, "--json", *more]) == 0
    made = json.loads(told.getvalue())
    return Keys(made["api_key"], made["secret"])


async def _fund(data_dir: Path) -> None:
    async with assembled(load_settings(data_dir)) as services:
        for number, _ in enumerate(TRADERS, 1):
            for asset, amount in (("USDT", 100_000), ("BTC", 5)):
                await services.core.carry_out(Deposit(AccountId(f"U-{number}"), asset, Units(amount * 10**18)))
