"""Limits, refusals, clocks and the way to ask for faults: the loopback says them in each venue's words."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from engine.adapters.exchanges.loopback.fault import Share
from engine.adapters.exchanges.loopback.faults import Faults
from engine.adapters.exchanges.loopback.server import Loopback
from engine.adapters.exchanges.loopback.simulated import SimulatedSource
from engine.adapters.exchanges.loopback.stage import Stage
from engine.domain.number import Nanos
from engine.errors import InvalidInput
from tests.engine.adapters.exchanges.loopback import END, demo, loopback, small

BTC = "BTC/USDT"
SECOND = 1_000_000_000


async def asked(venue: Loopback, path: str, **query: object) -> httpx.Response:
    """The answer to a request."""
    async with httpx.AsyncClient(base_url=venue.rest_url) as client:
        return await client.get(path, params={name: str(value) for name, value in query.items()})


async def told(socket: ClientConnection, **message: object) -> Any:  # noqa: ANN401
    """The answer to a message."""
    await socket.send(json.dumps(message))
    return json.loads(await socket.recv())


# Binance


async def test_binance_counts_weights_and_refuses_in_its_words() -> None:
    async with loopback(small()) as venue:
        first = await asked(venue, "/api/v3/depth", symbol="BTCUSDT", limit=5000)
        second = await asked(venue, "/api/v3/ping")
        refusals = [
            (await asked(venue, f"/api/v3/{path}", **query)).json()
            for path, query in (
                ("depth", {"symbol": "NONE"}),
                ("depth", {}),
                ("klines", {"symbol": "BTCUSDT", "interval": "7m"}),
                ("trades", {"symbol": "BTCUSDT", "limit": "x"}),
            )
        ]

    assert int(second.headers["x-mbx-used-weight-1m"]) - int(first.headers["x-mbx-used-weight-1m"]) == 1
    assert int(first.headers["x-mbx-used-weight-1m"]) == 250
    assert [each["code"] for each in refusals] == [-1121, -1102, -1120, -1100]


TIMES = {
    "binance": "/api/v3/time",
    "kraken": "/0/public/Time",
    "coinbase_exchange": "/time",
    "coinbase_advanced": "/api/v3/brokerage/time",
}


@pytest.mark.parametrize(("venue_name", "path"), TIMES.items())
async def test_a_limit_says_when_to_come_again_and_then_lets_through(venue_name: str, path: str) -> None:
    async with loopback(small(), venue_name) as venue:
        venue.faults.put_all("429=1,418=1,retry=7s")
        answers = [await asked(venue, path) for _ in range(3)]

    assert [each.status_code for each in answers] == [429, 418, 200]
    assert [each.headers.get("retry-after") for each in answers] == ["7", "7", None]


async def test_binance_answers_subscriptions_and_what_is_none() -> None:
    async with loopback(small()) as venue, connect(f"{venue.socket_url}/ws/btcusdt@trade") as socket:
        assert await told(socket, method="SUBSCRIBE", params=["btcusdt@depth"], id=7) == {"result": None, "id": 7}
        listed = await told(socket, method="LIST_SUBSCRIPTIONS", id=8)
        wrong = await told(socket, method="SHOUT", id=9)
        await socket.send("{")
        garbled = json.loads(await socket.recv())

    assert listed["result"] == ["btcusdt@trade", "btcusdt@depth"]
    assert (wrong["error"]["code"], wrong["id"]) == (2, 9)
    assert garbled["error"]["code"] == 3


async def test_binance_lets_go_who_sends_more_than_five_messages_in_a_second() -> None:
    async with loopback(small()) as venue, connect(f"{venue.socket_url}/ws") as socket:
        with pytest.raises(ConnectionClosed) as closed:  # noqa: PT012 - which of them it is, does not matter
            for number in range(7):
                await told(socket, method="LIST_SUBSCRIPTIONS", id=number)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


async def test_binance_has_1024_streams_for_a_connection() -> None:
    names = [f"btcusdt@kline_{number}" for number in range(1_025)]
    async with loopback(small()) as venue, connect(f"{venue.socket_url}/stream", max_size=None) as socket:
        assert "error" in await told(socket, method="SUBSCRIBE", params=names, id=1)
        assert await told(socket, method="SUBSCRIBE", params=names[1:], id=2) == {"result": None, "id": 2}


async def test_a_socket_elsewhere_is_not_found() -> None:
    async with loopback(small(), "kraken") as venue:
        with pytest.raises(InvalidStatus, match="404"):
            await connect(f"{venue.socket_url}/v1")


async def test_the_slow_depth_stream_says_what_the_fast_one_said() -> None:
    async with loopback(small()) as venue, connect(f"{venue.socket_url}/ws") as socket:
        await told(socket, method="SUBSCRIBE", params=["btcusdt@depth", "btcusdt@depth@100ms"], id=1)
        await venue.play(Nanos(venue.stage.market.now + SECOND))
        fast: list[Any] = []
        slow: Any = None
        async with asyncio.timeout(10):
            while slow is None or fast[-1]["u"] < slow["u"]:
                event = json.loads(await socket.recv())
                if slow is None and fast and event["U"] == fast[0]["U"]:
                    slow = event
                else:
                    fast.append(event)

    assert slow["u"] == fast[-1]["u"]
    for side in ("b", "a"):
        merged = {price: qty for each in fast for price, qty in each[side]}
        assert dict(slow[side]) == merged


async def test_candles_are_those_of_the_prints() -> None:
    async with loopback(small()) as venue:
        await venue.play(END)
        rows = (await asked(venue, "/api/v3/klines", symbol="BTCUSDT", interval="1s", limit=1000)).json()
        prints = list(venue.stage.market.pairs[BTC].prints)

    by_second: dict[int, list[Any]] = {}
    for each in prints:
        by_second.setdefault(each.at // SECOND * 1_000, []).append(each)
    assert [row[0] for row in rows] == list(range(min(by_second), rows[-1][0] + 1, 1_000))
    for row in rows:
        own = by_second.get(row[0], [])
        assert row[8] == len(own)
        assert float(row[5]) == pytest.approx(sum(float(each.qty) for each in own))
        if own:
            prices = [float(each.price) for each in own]
            found = [float(text) for text in row[1:5]]
            assert found == [prices[0], max(prices), min(prices), prices[-1]]


async def test_the_first_bars_of_the_simulated_market_are_its_past() -> None:
    async with loopback(demo(BTC)) as venue:
        before = (await asked(venue, "/api/v3/klines", symbol="BTCUSDT", interval="1h", limit=30)).json()
        since = before[5][0]
        page = (await asked(venue, "/api/v3/klines", symbol="BTCUSDT", interval="1h", startTime=since, limit=3)).json()

    assert [row[0] for row in before] == list(range(before[0][0], before[-1][0] + 1, 3_600_000))
    assert page == before[5:8]


async def test_a_bar_that_had_begun_before_holds_what_was_before() -> None:
    source = SimulatedSource(3, origin=Nanos(1_790_000_000 * SECOND), symbols=(BTC,))  # 14:13:20
    async with loopback(source) as venue:
        venue.stage.play(Nanos(venue.stage.market.now + 5 * SECOND))
        hour = (await asked(venue, "/api/v3/klines", symbol="BTCUSDT", interval="1h", limit=1)).json()[-1]
        minutes = (await asked(venue, "/api/v3/klines", symbol="BTCUSDT", interval="1m", limit=34)).json()

    within = [row for row in minutes if row[0] >= hour[0]]
    assert len(within) == 14
    assert hour[1] == within[0][1]
    assert float(hour[2]) == max(float(row[2]) for row in within)
    assert float(hour[3]) == min(float(row[3]) for row in within)
    assert hour[4] == within[-1][4]
    assert float(hour[5]) == pytest.approx(sum(float(row[5]) for row in within))


# Kraken and Coinbase


async def test_kraken_answers_pings_and_refuses_in_its_words() -> None:
    async with loopback(small(), "kraken") as venue, connect(f"{venue.socket_url}/v2") as socket:
        assert json.loads(await socket.recv())["channel"] == "status"
        pong = await told(socket, method="ping", req_id=3)
        unknown = await told(socket, method="subscribe", params={"channel": "book", "symbol": ["NO/NE"]}, req_id=4)
        depth = {"channel": "book", "symbol": [BTC], "depth": 7}
        shallow = await told(socket, method="subscribe", params=depth)
        rest = (await asked(venue, "/0/public/Depth", pair="NONE")).json()

    assert (pong["method"], pong["req_id"]) == ("pong", 3)
    assert (unknown["error"], unknown["symbol"]) == ("Currency pair not supported NO/NE", "NO/NE")
    assert shallow["error"] == "Subscription depth not supported"
    assert rest == {"error": ["EQuery:Unknown asset pair"]}


@pytest.mark.parametrize("venue_name", ["coinbase_exchange", "coinbase_advanced"])
async def test_coinbase_closes_what_does_not_subscribe(venue_name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("exchange", "advanced"):
        monkeypatch.setattr(f"engine.adapters.exchanges.loopback.coinbase.{module}.SUBSCRIBE_S", 0.05)
    async with loopback(small(), venue_name) as venue, connect(venue.socket_url) as socket:
        with pytest.raises(ConnectionClosed):
            await socket.recv()


async def test_coinbase_says_which_product_is_none() -> None:
    async with loopback(small(), "coinbase_exchange") as venue, connect(venue.socket_url) as socket:
        error = await told(socket, type="subscribe", product_ids=["NO-NE"], channels=["level2"])
        missing = await asked(venue, "/products/NO-NE/book")

    assert (error["type"], error["reason"]) == ("error", "NO-NE is not a valid product")
    assert (missing.status_code, missing.json()) == (404, {"message": "NotFound"})


# Faults and time


async def test_faults_and_time_can_be_asked_for_while_it_runs() -> None:
    async with loopback(small()) as venue:
        set_now = (await asked(venue, "/_loopback/fault", drop="1%", skew="-1.3s")).json()
        wrong = await asked(venue, "/_loopback/fault", drop="often")
        for page in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example:80"}):
            async with httpx.AsyncClient() as browser:  # a page in a browser of this machine
                refused = await browser.get(f"{venue.rest_url}/_loopback/fault?hangup=next", headers=page)
            assert refused.status_code == 403
        before = venue.stage.market.now
        played = (await asked(venue, "/_loopback/stage", play="2s")).json()
        cleared = (await asked(venue, "/_loopback/fault", clear="")).json()

    assert set_now["faults"] == {"wire": {"drop": 0}, "skew_ms": -1300, "stale": 0, "limits": {}}
    assert (wrong.status_code, "often" in wrong.json()["error"]) == (400, True)
    assert played["now"] == before + 2 * SECOND
    assert cleared["faults"]["wire"] == {}


async def test_the_clock_is_as_wrong_as_was_asked_for() -> None:
    async with loopback(small()) as venue:
        right = (await asked(venue, "/api/v3/time")).json()["serverTime"]
        venue.faults.put("skew", "1300ms")
        wrong = (await asked(venue, "/api/v3/time")).json()["serverTime"]

    assert wrong - right == 1_300


async def test_time_runs_as_fast_as_it_was_asked_to() -> None:
    async with loopback(small()) as venue, connect(f"{venue.socket_url}/ws/btcusdt@trade", max_queue=None) as socket:
        venue.stage.run(50.0)
        first, *_, last = [json.loads(await socket.recv()) for _ in range(60)]

    assert first["t"] + 59 == last["t"]


@pytest.mark.parametrize(
    "text", ["drop", "drop=", "drop=101%", "fly=1%", "delay=5", "429=many", "drop=1%@moon", "skew=1"]
)
def test_what_is_no_fault_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(InvalidInput):
        Faults().put_all(text)


def test_the_same_seed_strikes_the_same_frames() -> None:
    first, second, other = Share(0.1, 4), Share(0.1, 4), Share(0.1, 5)
    drawn = [first.strikes() for _ in range(2_000)]

    assert drawn == [second.strikes() for _ in range(2_000)]
    assert drawn != [other.strikes() for _ in range(2_000)]
    assert 150 < sum(drawn) < 250


async def test_several_venues_share_one_market() -> None:
    stage = Stage(small())
    async with Loopback(stage, "binance") as one, Loopback(stage, "kraken") as other:
        stage.play(Nanos(stage.market.now + 3 * SECOND))
        first = (await asked(one, "/api/v3/ticker/price", symbol="BTCUSDT")).json()["price"]
        second = (await asked(other, "/0/public/Ticker", pair="XBTUSDT")).json()["result"]["XBTUSDT"]["c"][0]
    await stage.close()

    assert first == second
