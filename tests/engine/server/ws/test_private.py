"""Private channels of accounts that trade, held against REST; the law: what is streamed is what is asked for."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import copy
from itertools import pairwise
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio

from engine.adapters.sql.codec import decode
from engine.domain.command import Deposit
from engine.domain.event import OrderTriggered
from engine.domain.number import Nanos, Units
from engine.domain.order import AccountId, OrderId
from engine.server.core.port import EventsMissed
from engine.server.ws.standing import StandingOrders
from engine.wire.order import Order
from engine.wire.stream import GOING_AWAY
from tests.engine.server.traders import of
from tests.engine.server.ws.served import Listener, Served, end_of, listening, served, trader

pytestmark = pytest.mark.asyncio(loop_scope="module")

PRIVATE = ("orders", "fills", "balances", "journal")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """Lend one server to all tests of this module; each uses accounts of its own."""
    async with served(tmp_path_factory.mktemp("streams") / "data") as each:
        yield each


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http(server: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=server.rest) as client:
        yield client


async def fund(server: Served, name: str) -> None:
    """Give an account money."""
    await server.services.core.carry_out(Deposit(AccountId(name), "USDT", Units(100_000 * 10**18)))


def price(server: Served, share: float) -> str:
    """Return a price at a share of the best bid, on the grid."""
    pair, quote = server.services.market.pair("BTC/USDT"), server.services.market.quote("BTC/USDT")
    assert quote.bid is not None
    return pair.price_text(int(quote.bid * share))


async def send(http: httpx.AsyncClient, name: str, order_id: str, **order: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Send an order for 0.01 BTC; return it."""
    body = {"order_id": order_id, "symbol": "BTC/USDT", "side": "buy", "type": "limit", "qty": "0.01"} | order
    answer = await http.post("/v1/orders", json=body, headers=of(name))
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()["order"]
    return told


@asynccontextmanager
async def signed_in(server: Served, name: str, *channels: str) -> AsyncIterator[Listener]:
    """Lend a client that listens to private channels of an account."""
    async with listening(server.url) as client:
        assert (await client.ask("auth", ticket=server.door.issue(trader(1, name))))["ok"]
        assert (await client.ask("subscribe", channels=channels))["ok"]
        yield client


def check_chain(client: Listener, channel: str) -> list[dict[str, Any]]:
    """Return the messages of a channel, each of which must name the one before."""
    heard = [each for each in client.heard if each["ch"] == channel]
    for before, after in pairwise(heard):
        assert after.get("prev") == before["seq"]
    return heard


async def test_what_is_streamed_to_an_account_is_what_rest_tells_of_it(server: Served, http: httpx.AsyncClient) -> None:
    chance = random.Random(5)  # noqa: S311 - a script, no secret
    name = "streamed"
    await fund(server, name)
    before = (await http.get("/v1/journal", headers=of(name))).json()
    resting: list[str] = []
    async with signed_in(server, name, *PRIVATE) as client:
        for number in range(25):
            what = chance.choice(["market", "rest", "rest", "cancel", "amend"])
            if what == "market":
                await send(http, name, f"o{number}", type="market")
            elif what == "rest" or not resting:
                resting.append(f"o{number}")
                await send(http, name, f"o{number}", price=price(server, 0.9))
            elif what == "cancel":
                await http.delete(f"/v1/orders/{resting.pop()}", headers=of(name))
            else:
                change = {"price": price(server, 0.85), "qty": "0.02"}
                await http.patch(f"/v1/orders/{resting[-1]}", json=change, headers=of(name))
        journal = (await http.get("/v1/journal", params={"after": before["tip"]}, headers=of(name))).json()
        await client.until(lambda each: each["ch"] == "journal" and each["seq"] == journal["tip"])
        await client.ask("ping")

    records = check_chain(client, "journal")
    assert records[0].get("prev") in (None, before["tip"])
    assert [each["data"] for each in records] == journal["records"]

    fills = (await http.get("/v1/fills", headers=of(name))).json()["fills"]
    assert [each["data"] for each in check_chain(client, "fills")] == fills[::-1]
    assert len(fills) > 3

    latest = {each["data"]["order_id"]: each["data"] for each in check_chain(client, "orders")}
    orders = (await http.get("/v1/orders", headers=of(name))).json()["orders"]
    assert latest == {each["order_id"]: each for each in orders}

    money = {each["data"]["asset"]: each["data"] for each in client.heard if each["ch"] == "balances"}
    balances = (await http.get("/v1/balances", headers=of(name))).json()["balances"]
    assert money == {each["asset"]: each for each in balances}


async def test_an_order_from_before_is_followed_from_its_next_fact_on(server: Served, http: httpx.AsyncClient) -> None:
    name = "before"
    await fund(server, name)
    await send(http, name, "kept", price=price(server, 0.9), tif="GTC")
    await send(http, name, "gone", price=price(server, 0.9))
    async with signed_in(server, name, "orders") as client:
        await http.patch("/v1/orders/kept", json={"qty": "0.03"}, headers=of(name))
        changed = await client.until(lambda each: each["data"]["order_id"] == "kept")
        await asyncio.gather(
            http.patch("/v1/orders/gone", json={"qty": "0.03"}, headers=of(name)),
            http.delete("/v1/orders/gone", headers=of(name)),
        )
        ended = await client.until(lambda each: each["data"]["status"] == "cancelled")
        shown = [(await http.get(f"/v1/orders/{each}", headers=of(name))).json() for each in ("kept", "gone")]

    assert [changed["data"], ended["data"]] == shown
    assert (changed["data"]["qty"], changed["data"]["status"]) == ("0.03000", "working")


async def test_tables_that_are_ahead_of_the_facts_count_no_fill_twice(server: Served, http: httpx.AsyncClient) -> None:
    name = "ahead"
    await fund(server, name)
    await send(http, name, "m", type="market", qty="1.5")
    shown = (await http.get("/v1/orders/m", headers=of(name))).json()
    records = (await http.get("/v1/journal", headers=of(name))).json()["records"]
    told: list[Order] = []
    services = server.services
    standing = StandingOrders(
        services.exchange_db, services.market.pair, lambda _account, _seq, _fact, order: told.append(copy(order))
    )

    for record in records:
        if record["kind"] == "OrderFilled":
            standing.take(record["seq"], decode("OrderFilled", json.dumps(record["data"])))
    async with asyncio.timeout(5):
        while not told:  # noqa: ASYNC110 - it reads in a thread
            await asyncio.sleep(0.01)
    await standing.close()

    assert [msgspec.to_builtins(each) for each in told] == [shown] * len(told)


async def test_an_order_that_ended_in_the_tables_is_told_as_ended_from_its_first_late_fact_on(
    server: Served, http: httpx.AsyncClient
) -> None:
    await fund(server, "ended")
    await send(http, "ended", "gone", type="market")
    shown = (await http.get("/v1/orders/gone", headers=of("ended"))).json()
    records = (await http.get("/v1/journal", headers=of("ended"))).json()["records"]
    fill = next(each for each in records if each["kind"] == "OrderFilled")
    fired = OrderTriggered(AccountId("ended"), OrderId("gone"), Nanos(1))
    services, told = server.services, list[Order]()
    standing = StandingOrders(
        services.exchange_db, services.market.pair, lambda _account, _seq, _fact, order: told.append(copy(order))
    )

    standing.take(fill["seq"] - 1, fired)
    standing.take(fill["seq"], decode("OrderFilled", json.dumps(fill["data"])))
    async with asyncio.timeout(5):
        while len(told) < 2:  # noqa: ASYNC110 - it reads in a thread
            await asyncio.sleep(0.01)
    await standing.close()

    assert [each.status for each in told] == [shown["status"]] * 2 == ["filled"] * 2


async def test_after_a_gap_no_record_claims_to_follow_the_last_one(server: Served, http: httpx.AsyncClient) -> None:
    await fund(server, "gap")
    async with signed_in(server, "gap", *PRIVATE) as listener, listening(server.url) as stranger:
        await send(http, "gap", "before", type="market")
        await listener.until(lambda each: each["ch"] == "fills")
        server.services.bus.publish(EventsMissed())
        assert await end_of(listener.socket) == GOING_AWAY
        assert (await stranger.ask("ping"))["ok"]
        async with signed_in(server, "gap", *PRIVATE) as again:
            await send(http, "gap", "after", type="market")
            await again.until(lambda each: each["ch"] == "balances")

    first = {each["ch"]: each.get("prev") for each in reversed(again.heard)}
    assert first == dict.fromkeys(PRIVATE)


async def test_nobody_hears_of_anybody_else(server: Served, http: httpx.AsyncClient) -> None:
    await fund(server, "talker")
    await fund(server, "quiet")
    async with signed_in(server, "quiet", *PRIVATE) as quiet, signed_in(server, "talker", *PRIVATE) as talker:
        await send(http, "talker", "m", type="market")
        await talker.until(lambda each: each["ch"] == "fills")
        await talker.ask("ping")
        await quiet.ask("ping")

    assert quiet.heard == []
    assert {each["ch"] for each in talker.heard} == set(PRIVATE)
    assert "quiet" not in str(talker.heard)


async def test_two_sockets_of_an_account_hear_the_same_and_one_may_leave(
    server: Served, http: httpx.AsyncClient
) -> None:
    await fund(server, "twice")
    async with signed_in(server, "twice", "fills") as one, signed_in(server, "twice", "fills") as other:
        await send(http, "twice", "a", type="market")
        await one.until(lambda each: each["ch"] == "fills")
        await other.until(lambda each: each["ch"] == "fills")
        await one.ask("unsubscribe", channels=["fills"])
        await send(http, "twice", "b", type="market")
        await other.until(lambda each: each["data"]["order_id"] == "b")
        await one.ask("ping")

    assert {each["data"]["order_id"] for each in one.heard} == {"a"}
