"""One server program for all clients of the facade."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from itertools import product
from pathlib import Path
from unittest.mock import patch

import httpx
import pytest

from engine.cli.__main__ import main
from tests.engine.server.facade.floor import Floor, Keys
from tests.engine.server.harness import program

TRADERS = ("ann", "bob", "cat")
MONEY = {"USDT": "100000", "BTC": "5"}


@pytest.fixture(scope="session")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """Lend a running server with three funded traders, who may ask as often as they like."""
    data_dir = tmp_path_factory.mktemp("facade") / "data"
    ann, bob, cat = (_trader(data_dir, name) for name in TRADERS)
    reader = _key(data_dir, "cat", "--scopes", "read")
    (data_dir / "server.toml").write_text('limits = "off"\n', encoding="utf-8")
    with program(data_dir) as server, httpx.Client(base_url=server.url) as client:
        for name, (asset, amount) in product(TRADERS, MONEY.items()):
            given = ("--email", _address(name), "--asset", asset, "--amount", amount)
            _run("fund", "--data-dir", str(data_dir), *given)
        yield Floor(server.port, data_dir, client, ann, bob, cat, reader)


def _address(name: str) -> str:
    return f"{name}@example.org"


def _run(*arguments: str, said: str = "") -> str:
    """Run a command of the server's and return what it printed."""
    with patch("sys.stdin", io.StringIO(said)), redirect_stdout(io.StringIO()) as told:
        assert main(["server", *arguments]) == 0
    return told.getvalue()


def _trader(data_dir: Path, name: str) -> Keys:
    where = ("--data-dir", str(data_dir), "--email", _address(name))
    _run("user", "add", *where, "--password-stdin", said="violet harbour 27 lanterns\n")
    return _key(data_dir, name)


def _key(data_dir: Path, name: str, *more: str) -> Keys:
    told = _run("key", "add", "--data-dir", str(data_dir), "--email", _address(name), "--json", *more)
    made = json.loads(told)
    return Keys(made["api_key"], made["secret"])
