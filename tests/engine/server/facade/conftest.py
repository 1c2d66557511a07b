"""One server program for all clients of the facade."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import httpx
import pytest

from tests.engine.server.facade.floor import Floor, address, make_key, run, trader
from tests.engine.server.harness import program

TRADERS = ("ann", "bob", "cat")
MONEY = {"USDT": "100000", "BTC": "5"}


@pytest.fixture(scope="session")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """Lend a running server with three funded traders, who may ask as often as they like."""
    data_dir = tmp_path_factory.mktemp("facade") / "data"
    ann, bob, cat = (trader(data_dir, name) for name in TRADERS)
    reader = make_key(data_dir, "cat", "--scopes", "read")
    (data_dir / "server.toml").write_text('limits = "off"\n', encoding="utf-8")
    with program(data_dir) as server, httpx.Client(base_url=server.url, timeout=60.0) as client:
        for name, (asset, amount) in product(TRADERS, MONEY.items()):
            given = ("--email", address(name), "--asset", asset, "--amount", amount)
            run("fund", "--data-dir", str(data_dir), *given)
        yield Floor(server.port, data_dir, client, ann, bob, cat, reader)
