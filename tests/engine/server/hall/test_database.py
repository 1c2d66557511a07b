"""On PostgreSQL each hall has a schema of its own in the server's database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.server.hall.district import BUY, district
from tests.services import Postgres

pytestmark = pytest.mark.integration


async def test_halls_on_postgresql_keep_their_accounts_apart_and_over_a_restart(
    postgres: Postgres, tmp_path: Path
) -> None:
    url = postgres.url(postgres.create())
    told = {"database": url, "upstream_pairs": ("BTC/USDT",)}
    async with district(tmp_path / "data", "binance", "kraken", **told) as town:
        await town.send("binance", "ann", BUY)
        before = [await town.balances(hall, "ann") for hall in ("binance", "kraken")]
    async with district(tmp_path / "data", "binance", "kraken", **told) as town:
        after = [await town.balances(hall, "ann") for hall in ("binance", "kraken")]
        again = (await town.send("binance", "ann", BUY | {"order_id": "again"})).json()

    assert before == after
    assert before[0]["BTC"] == "0.01"
    assert before[1] == {"USDT": "10000"}
    assert again["order"]["status"] == "filled"
