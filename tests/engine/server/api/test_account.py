"""What an account's owner is told: balances, ledger, journal; each agrees with the server's own fold."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
import pytest_asyncio

from engine.adapters.sql.books import FOLDED
from engine.adapters.sql.codec import decode
from engine.bootstrap.exchange import ExchangeEngine
from engine.domain.order import AccountId
from engine.portfolio.fold import Fold
from tests.engine.server.harness import InLoop
from tests.engine.server.traders import bid, fund, of, send, trading_floor

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAMES = ("ann", "bob")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def floor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[InLoop]:
    """Lend a server on which two traders have traded, with the market and with each other."""
    directory: Path = tmp_path_factory.mktemp("floor")
    async with trading_floor(directory / "data") as server:
        for name in NAMES:
            await fund(server, name)
            await fund(server, name, "BTC", 5)
        await _trade(server, Random(11))  # noqa: S311 - reproducible
        yield server


async def _trade(server: InLoop, random: Random) -> None:
    """Let both send and cancel orders at and around the touch."""
    for place in range(60):
        name, price = random.choice(NAMES), await bid(server)
        side = random.choice(("buy", "sell"))
        kind = random.choice(("market", "limit", "limit", "cancel"))
        order: dict[str, Any] = {"symbol": "BTC/USDT", "side": side, "type": kind, "qty": f"0.0{random.randint(1, 9)}"}
        if kind == "cancel":
            await server.http.delete(f"/v1/orders/{name}-{place - 2}", headers=of(name))
            continue
        if kind == "limit":
            order["price"] = f"{price * random.uniform(0.999, 1.001):.2f}"
        await send(server, name, order, idempotency_key=f"{name}-{place}")


def _engine(server: InLoop) -> ExchangeEngine:
    engine: ExchangeEngine = server.services.core._engine  # type: ignore[attr-defined]
    return engine


async def _records(server: InLoop, name: str, limit: int) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = []
    while True:
        after = records[-1]["seq"] if records else 0
        query = f"/v1/journal?after={after}&limit={limit}"
        page = (await server.http.get(query, headers=of(name))).json()
        records += page["records"]
        if not page["records"]:
            assert after == page["tip"]
            return records


@pytest.mark.parametrize("name", NAMES)
async def test_the_fold_of_ones_journal_is_the_servers_fold_of_the_account(floor: InLoop, name: str) -> None:
    account, fold = AccountId(name), Fold()
    for each in await _records(floor, name, 37):
        record = decode(each["kind"], json.dumps(each["data"]))
        if isinstance(record, FOLDED):
            fold.apply(record)
    whole = _engine(floor).venue.fold

    assert fold.accounts() == (account,)
    assert fold.balances(account) == whole.balances(account)
    assert fold.orders(account) == whole.orders(account)
    assert fold.positions(account) == whole.positions(account)
    assert len(fold.positions(account)) == 1


@pytest.mark.parametrize("name", NAMES)
async def test_balances_and_positions_are_those_of_the_fold(floor: InLoop, name: str) -> None:
    fold, account = _engine(floor).venue.fold, AccountId(name)
    balances = (await floor.http.get("/v1/balances", headers=of(name))).json()["balances"]
    positions = (await floor.http.get("/v1/positions", headers=of(name))).json()["positions"]
    pair = floor.services.market.pair("BTC/USDT")
    assets = {asset.code: asset for asset in (pair.base, pair.quote)}

    told = {
        each["asset"]: tuple(assets[each["asset"]].units(Decimal(each[part])) for part in ("free", "locked"))
        for each in balances
    }
    assert told == {asset: tuple(balance) for asset, balance in fold.balances(account).items()}
    held = fold.position(account, "BTC/USDT")
    assert [(each["symbol"], pair.lots(Decimal(each["qty"]))) for each in positions] == [("BTC/USDT", held.qty)]
    assert pair.quote.units(Decimal(positions[0]["realised"])) == held.realised


@pytest.mark.parametrize("name", NAMES)
async def test_the_ledgers_lines_sum_up_to_the_balances(floor: InLoop, name: str) -> None:
    sums: dict[tuple[str, str], Decimal] = {}
    seen: list[tuple[int, int]] = []
    query = "limit=50"
    while query:
        page = (await floor.http.get(f"/v1/transactions?{query}", headers=of(name))).json()
        for line in page["transactions"]:
            key = line["asset"], line["ledger"]
            sums[key] = sums.get(key, Decimal(0)) + Decimal(line["amount"])
            seen.append((line["record"], line["line"]))
        query = f"limit=50&cursor={page['next']}" if page["next"] else ""
    balances = (await floor.http.get("/v1/balances", headers=of(name))).json()["balances"]

    assert seen == sorted(set(seen), reverse=True)
    for each in balances:
        assert sums[each["asset"], "free"] == Decimal(each["free"])
        assert sums.get((each["asset"], "locked"), Decimal(0)) == Decimal(each["locked"])


@pytest.mark.parametrize("name", NAMES)
async def test_fills_are_paged_once_each_and_make_up_the_orders(floor: InLoop, name: str) -> None:
    fills: list[dict[str, Any]] = []
    query = "limit=7"
    while query:
        page = (await floor.http.get(f"/v1/fills?{query}", headers=of(name))).json()
        fills += page["fills"]
        query = f"limit=7&cursor={page['next']}" if page["next"] else ""
    orders = (await floor.http.get("/v1/orders?limit=500", headers=of(name))).json()["orders"]

    ids = [each["id"] for each in fills]
    assert ids == sorted(set(ids), reverse=True)
    for order in orders:
        own = [each for each in fills if each["order_id"] == order["order_id"]]
        assert sum((Decimal(each["qty"]) for each in own), Decimal(0)) == Decimal(order["filled"])
        assert sum((Decimal(each["fee"]) for each in own), Decimal(0)) == Decimal(order.get("fee", 0))
