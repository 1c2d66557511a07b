"""Public channels of the demo market over real sockets, held against REST and naive twins."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio

from engine.wire.market import Bar, Ticker, Trade
from tests.engine.server.ws.served import Served, listening, served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """Lend one server to all tests of this module."""
    async with served(tmp_path_factory.mktemp("streams") / "data") as each:
        yield each


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http(server: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.rest) as client:
        yield client


def put(levels: dict[str, str], changes: list[list[str]]) -> None:
    """Change the levels of a side."""
    for price, qty in changes:
        if Decimal(qty):
            levels[price] = qty
        else:
            levels.pop(price, None)


async def test_a_book_is_a_snapshot_and_diffs_that_chain_and_equals_rest(
    server: Served, http: httpx.AsyncClient
) -> None:
    async with listening(server.url, "book:BTC/USDT") as client:
        await client.hear(8)
        asked: dict[str, Any] = (await http.get("/v1/markets/BTC-USDT/book", params={"depth": 1000})).json()
        await client.until(lambda each: each["seq"] >= asked["seq"])

    first, *rest = client.heard
    assert first["type"] == "snapshot"
    sides = {name: dict(first["data"][name]) for name in ("bids", "asks")}
    seq = first["seq"]
    for message in rest:
        if seq == asked["seq"]:
            break
        assert (message["type"], message["data"]["first_seq"]) == ("diff", seq + 1)
        seq = message["seq"]
        for name, levels in sides.items():
            put(levels, message["data"][name])
        assert max(map(Decimal, sides["bids"])) < min(map(Decimal, sides["asks"]))
    assert seq == asked["seq"]
    assert sides == {name: dict(asked[name]) for name in ("bids", "asks")}


async def test_the_top_of_a_book_is_whole_every_time_and_at_most_five_times_a_second(server: Served) -> None:
    async with listening(server.url, "book20:BTC/USDT") as client:
        begun = time.monotonic()
        await client.hear(4)
        assert time.monotonic() - begun > 0.35  # the first comes at once, then three pauses, of which one was under way

    for message in client.heard:
        bids, asks = message["data"]["bids"], message["data"]["asks"]
        assert (message["type"], len(bids), len(asks)) == ("snapshot", 20, 20)
        assert [Decimal(price) for price, _ in bids] == sorted((Decimal(price) for price, _ in bids), reverse=True)
    seqs = [message["seq"] for message in client.heard]
    assert seqs == sorted(seqs)
    assert len(set(seqs)) >= 3  # whoever comes is shown at once what the next one may show again


async def test_prints_are_those_of_rest_each_once_in_order(server: Served, http: httpx.AsyncClient) -> None:
    async with listening(server.url, "trades:BTC/USDT") as client:
        await client.hear(4)
        asked = (await http.get("/v1/markets/BTC-USDT/trades", params={"limit": 1000})).json()["trades"]

    heard = [trade for message in client.heard for trade in message["data"]]
    first = heard[0]["trade_id"]
    assert heard == [each for each in asked if first <= each["trade_id"] <= heard[-1]["trade_id"]]
    msgspec.convert(heard, list[Trade])


async def test_tickers_come_at_once_and_then_at_most_twice_a_second(server: Served) -> None:
    async with listening(server.url, "ticker:*", "ticker:BTC/USDT") as client:
        begun = time.monotonic()
        await client.until(lambda each: each["ts"] - client.heard[0]["ts"] > 1_200)
        passed = time.monotonic() - begun

    by_pair: dict[tuple[str, str], list[Ticker]] = {}
    for message in client.heard:
        ticker = msgspec.convert(message["data"], Ticker)
        by_pair.setdefault((message["ch"], ticker.symbol), []).append(ticker)
    assert {symbol for ch, symbol in by_pair if ch == "ticker:*"} == {
        pair.symbol for pair in server.services.market.pairs()
    }
    assert {symbol for ch, symbol in by_pair if ch == "ticker:BTC/USDT"} == {"BTC/USDT"}
    assert all(len(each) <= 2 + passed / 0.5 for each in by_pair.values())
    assert Decimal(by_pair["ticker:BTC/USDT", "BTC/USDT"][0].last) > 0


async def test_a_bar_is_told_while_it_forms_and_once_when_it_closes_as_rest_has_it(
    server: Served, http: httpx.AsyncClient
) -> None:
    async with listening(server.url, "bars:BTC/USDT:1s") as client:
        await client.until(lambda each: each["type"] == "bar")
        closed = await client.until(lambda each: each["type"] == "bar_closed")
        await client.until(lambda each: each["type"] == "bar_closed" and each is not closed)
        asked = await http.get("/v1/markets/BTC-USDT/bars", params={"timeframe": "1s", "count": 10})

    forming = {each["data"][0] for each in client.heard if each["type"] == "bar"}
    finals = [each["data"] for each in client.heard if each["type"] == "bar_closed"]
    msgspec.convert(finals, list[Bar])
    assert closed["data"][0] in forming
    assert finals[1][0] - finals[0][0] == 1_000
    assert closed["data"] in asked.json()["bars"]
