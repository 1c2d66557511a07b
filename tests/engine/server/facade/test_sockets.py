"""What is said on the facade's sockets, word by word, and whether streams and REST tell one story."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.engine.server.facade.floor import Floor, Keys
from tests.engine.server.facade.signers import signed

pytestmark = pytest.mark.integration


@asynccontextmanager
async def socket(floor: Floor, path: str) -> AsyncIterator[ClientConnection]:
    """Lend a socket."""
    async with connect(f"{floor.ws}{path}", compression=None) as lent:
        yield lent


async def said(ws: ClientConnection, message: Any, *, number: Any = 1) -> dict[str, Any]:  # noqa: ANN401
    """Send something and return the answer to it."""
    await ws.send(message if isinstance(message, str) else json.dumps({"id": number, **message}))
    while True:
        answer: dict[str, Any] = json.loads(await ws.recv())
        if "id" in answer:
            return answer


async def heard(ws: ClientConnection, count: int) -> list[dict[str, Any]]:
    """Return the next events."""
    return [json.loads(await ws.recv()) for _ in range(count)]


def now_ms() -> int:
    return int(time.time() * 1000)


def params(keys: Keys, **more: object) -> dict[str, Any]:
    """Return signed parameters of the ws-api."""
    told = {"apiKey": keys.api_key, "timestamp": now_ms(), **more}
    text = "&".join(f"{name}={told[name]}" for name in sorted(told))
    return told | {"signature": signed(text.encode(), keys.secret)}


@pytest.mark.parametrize("name", ["btcusdt@depth@100ms", "btcusdt@depth"])
async def test_changes_of_the_book_follow_each_other_without_a_gap(floor: Floor, name: str) -> None:
    async with socket(floor, f"/ws/{name}") as ws:
        first = (await heard(ws, 1))[0]
        snapshot = floor.client.get("/api/v3/depth?symbol=BTCUSDT&limit=5000").json()
        changes = [first, *await heard(ws, 1 if name.endswith("depth") else 8)]

    assert all(later["U"] == earlier["u"] + 1 for earlier, later in pairwise(changes))
    assert all(each["U"] <= each["u"] for each in changes)
    assert any(each["U"] <= snapshot["lastUpdateId"] + 1 <= each["u"] + 1 for each in changes)


async def test_a_book_kept_from_changes_is_the_book_of_rest(floor: Floor) -> None:
    async with socket(floor, "/ws/ethusdt@depth@100ms") as ws:
        await heard(ws, 1)
        book = floor.client.get("/api/v3/depth?symbol=ETHUSDT&limit=5000").json()
        sides = {"b": dict(book["bids"]), "a": dict(book["asks"])}
        last = book["lastUpdateId"]
        for _ in range(200):
            change = (await heard(ws, 1))[0]
            if change["u"] <= last:
                continue
            assert change["U"] <= last + 1
            last = change["u"]
            for side, levels in sides.items():
                levels |= dict(change[side])
            again = floor.client.get("/api/v3/depth?symbol=ETHUSDT&limit=5000").json()
            if again["lastUpdateId"] == last:
                break
        else:
            pytest.fail("the stream and REST never met at one update")

    for side, name in (("b", "bids"), ("a", "asks")):
        kept = {price: qty for price, qty in sides[side].items() if float(qty)}
        assert dict(again[name]).items() <= kept.items()


async def test_subscriptions_are_made_listed_and_taken_back(floor: Floor) -> None:
    async with socket(floor, "/ws") as ws:
        made = await said(ws, {"method": "SUBSCRIBE", "params": ["btcusdt@trade", "btcusdt@depth5@100ms"]}, number=7)
        listed = await said(ws, {"method": "LIST_SUBSCRIPTIONS"})
        raw = await said(ws, {"method": "GET_PROPERTY", "params": ["combined"]})
        event = (await heard(ws, 1))[0]
        await said(ws, {"method": "SET_PROPERTY", "params": ["combined", True]})
        wrapped = (await heard(ws, 1))[0]
        await said(ws, {"method": "UNSUBSCRIBE", "params": ["btcusdt@trade", "btcusdt@depth5@100ms"]})
        none = await said(ws, {"method": "LIST_SUBSCRIPTIONS"})

    assert made == {"result": None, "id": 7}
    assert listed["result"] == ["btcusdt@trade", "btcusdt@depth5@100ms"]
    assert (raw["result"], none["result"]) == (False, [])
    assert "stream" not in event
    assert wrapped["stream"] in listed["result"]


@pytest.mark.parametrize("name", ["!miniTicker@arr", "!miniTicker@arr@1000ms"])
async def test_all_tickers_come_with_and_without_their_pace(floor: Floor, name: str) -> None:
    async with socket(floor, f"/ws/{name}") as ws:
        all_of_them: Any = (await heard(ws, 1))[0]

    assert {each["e"] for each in all_of_them} == {"24hrMiniTicker"}


async def test_what_cannot_be_understood_is_told_and_the_socket_goes_on(floor: Floor) -> None:
    async with socket(floor, "/stream?streams=nonsense/btcusdt@kline_7m/btcusdt@bookTicker") as ws:
        quote = (await heard(ws, 1))[0]
        broken = await said(ws, "{")
        deep = await said(ws, "[" * 5_000)
        stream = await said(ws, {"method": "SUBSCRIBE", "params": ["btcusdt@wishes"]})
        method = await said(ws, {"method": "DANCE"})
        shape = await said(ws, {"method": "SUBSCRIBE", "params": "btcusdt@trade"})
        well = await said(ws, {"method": "LIST_SUBSCRIPTIONS"})

    assert quote["stream"] == "btcusdt@bookTicker"
    assert [each["error"]["code"] for each in (broken, deep, stream, method, shape)] == [3, 3, 2, 2, 2]
    assert well["result"] == ["btcusdt@bookTicker"]


async def test_a_closed_candle_is_the_one_that_rest_lists(floor: Floor) -> None:
    async with socket(floor, "/ws/btcusdt@kline_1s") as ws:
        candle: dict[str, Any] = {"x": False}
        while not candle["x"]:
            candle = (await heard(ws, 1))[0]["k"]
        listed = floor.client.get(
            f"/api/v3/klines?symbol=BTCUSDT&interval=1s&startTime={candle['t']}&limit=1"
        ).json()[0]  # fmt: skip

    assert listed[:6] == [candle[name] for name in ("t", "o", "h", "l", "c", "v")]
    assert listed[6] == candle["T"]


async def test_a_listen_key_opens_the_accounts_events_and_nobody_elses(floor: Floor) -> None:
    key = floor.client.post("/api/v3/userDataStream", headers={"X-MBX-APIKEY": floor.cat.api_key}).json()["listenKey"]
    async with socket(floor, f"/ws/{key}") as mine, socket(floor, "/ws-api/v3") as api:
        order = {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.001"}
        others = await said(api, {"method": "order.place", "params": params(floor.bob, **order)})
        own = await said(api, {"method": "order.place", "params": params(floor.cat, **order)}, number="x")
        event = (await heard(mine, 1))[0]

    assert (others["status"], own["status"], own["id"]) == (200, 200, "x")
    assert (event["e"], event["i"]) == ("executionReport", own["result"]["orderId"])


async def test_a_session_signs_once_and_its_events_can_be_left(floor: Floor) -> None:
    async with socket(floor, "/ws-api/v3") as ws:
        stranger = await said(ws, {"method": "account.status", "params": {"timestamp": now_ms()}})
        await said(ws, {"method": "session.logon", "params": params(floor.cat)})
        known = await said(ws, {"method": "account.status", "params": {"timestamp": now_ms()}})
        opened = await said(ws, {"method": "userDataStream.subscribe", "params": {"timestamp": now_ms()}})
        twice = await said(ws, {"method": "userDataStream.subscribe", "params": {"timestamp": now_ms()}})
        left = await said(ws, {"method": "userDataStream.unsubscribe", "params": {"subscriptionId": 0}})
        gone = await said(ws, {"method": "userDataStream.unsubscribe", "params": {"subscriptionId": 0}})

    assert (stranger["status"], stranger["error"]["code"]) == (401, -2014)
    assert known["result"]["balances"]
    assert opened["result"] == {"subscriptionId": 0}
    assert (twice["error"]["code"], left["status"], gone["error"]["code"]) == (-2035, 200, -2036)


async def test_the_api_socket_says_what_is_wrong_and_what_is_left(floor: Floor) -> None:
    async with socket(floor, "/ws-api/v3") as ws:
        broken = await said(ws, "{")
        unknown = await said(ws, {"method": "order.wish"})
        forged = await said(ws, {"method": "account.status", "params": params(floor.cat) | {"signature": "0" * 64}})
        quiet = await said(ws, {"method": "ping", "params": {"returnRateLimits": False}})
        depth = await said(ws, {"method": "depth", "params": {"symbol": "BTCUSDT", "limit": 5}})
        some = await said(ws, {"method": "ticker.price", "params": {"symbols": ["BTCUSDT", "ETHUSDT"]}})

    assert [each["error"]["code"] for each in (broken, unknown, forged)] == [-1135, -1100, -1022]
    assert "rateLimits" not in quiet
    assert len(depth["result"]["bids"]) == 5
    assert depth["rateLimits"][0]["rateLimitType"] == "REQUEST_WEIGHT"
    assert [each["symbol"] for each in some["result"]] == ["BTCUSDT", "ETHUSDT"]


async def test_a_revoked_key_ends_its_sockets_and_its_listen_key(floor: Floor) -> None:
    lent = floor.make_key("cat")
    key = floor.client.post("/api/v3/userDataStream", headers={"X-MBX-APIKEY": lent.api_key}).json()["listenKey"]
    async with socket(floor, f"/ws/{key}") as mine:
        floor.revoke("cat", lent)
        with pytest.raises(ConnectionClosed):
            await mine.recv()
    late = floor.client.put(f"/api/v3/userDataStream?listenKey={key}", headers={"X-MBX-APIKEY": lent.api_key})

    assert late.json()["code"] == -2015
