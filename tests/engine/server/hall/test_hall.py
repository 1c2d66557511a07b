"""A server as a hub: one connection per venue, its market and paper accounts for everybody, told apart by the path."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio

from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import Side
from engine.server.api import ROUTES
from engine.server.auth.port import AccessEnded
from engine.server.facade.operation import Security
from engine.server.facade.routes import OPERATIONS
from engine.server.http.route import Access, Route
from engine.server.observe.families import ServerCollector
from engine.server.observe.figures import figures_of
from engine.wire.metrics import State
from engine.wire.stream import UNAUTHORIZED
from tests.engine.adapters.exchanges.following import quick
from tests.engine.server.hall.district import BUY, District, district, until
from tests.engine.server.traders import of
from tests.engine.server.ws.served import end_of, listening, trader

__all__ = ["quick"]

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.integration]

BTC = "BTC/USDT"
PRIVATE = [route for route in ROUTES if route.access is not Access.PUBLIC]
HALLS = ("binance", "kraken", "binance_usdm")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[District]:
    async with district(tmp_path_factory.mktemp("halls") / "data", *HALLS) as found:
        yield found


def levels(side: Any) -> list[tuple[Decimal, Decimal]]:  # noqa: ANN401 - levels of the wire
    return [(Decimal(price), Decimal(qty)) for price, qty, *_ in side]


async def test_two_clients_see_the_venues_book_over_one_connection(town: District) -> None:
    venue, hall = town.venues["binance"], town.hall("binance")
    async with (
        listening(town.streams("binance"), "book20:BTC/USDT") as one,
        listening(town.streams("binance"), "book:BTC/USDT") as other,
    ):
        venue.stage.stop()
        try:
            before = hall.market.snapshot(BTC, 1).seq
            await venue.play(Nanos(venue.stage.now + 2 * NANOS_PER_SECOND))
            bids, asks = (levels(side) for side in venue.stage.market.pairs[BTC].top(20))
            seen = await until(lambda: _as_shown(town, bids, asks))
            told = await one.until(lambda told: told["seq"] == seen)
            await other.until(lambda told: told["seq"] == seen)
        finally:
            venue.stage.run(1.0)

    assert seen > before
    assert (levels(told["data"]["bids"]), levels(told["data"]["asks"])) == (bids, asks)
    assert venue.clients == 1


def _as_shown(town: District, bids: list[Any], asks: list[Any]) -> int:
    """Return the number of the hall's book if it is that one."""
    book = town.hall("binance").market.book(BTC, 20)
    return book.seq if (levels(book.bids), levels(book.asks)) == (bids, asks) else 0


async def test_the_same_pair_is_traded_in_two_halls_with_separate_accounts_and_the_venues_fees(town: District) -> None:
    begun = await town.balances("kraken", "ann")
    bought = (await town.send("binance", "ann", BUY)).json()
    here, there = await town.balances("binance", "ann"), await town.balances("kraken", "ann")

    value, fee = Decimal(bought["order"]["filled_value"]), Decimal(bought["order"]["fee"])
    assert begun == there == {"USDT": "10000"}
    assert here == {"BTC": "0.01", "USDT": f"{Decimal(10000) - value - fee:f}"}
    taker = {name: (await _market(town, name))["taker_fee"] for name in ("binance", "kraken")}
    assert fee == value * Decimal(taker["binance"])
    assert taker["binance"] != taker["kraken"]


async def _market(town: District, hall: str) -> dict[str, str]:
    told = (await town.http.get(f"/{hall}/v1/markets")).json()["markets"]
    found: dict[str, str] = next(each for each in told if each["symbol"] == BTC)
    return found


async def test_a_fill_says_why_and_met_what_the_venue_shows(town: District) -> None:
    best = town.venues["binance"].stage.market.pairs[BTC].best(Side.SELL)
    answer = await town.send("binance", "why", BUY)
    records = (await town.http.get("/binance/v1/journal", headers=of("why"))).json()["records"]

    fill = answer.json()["fills"][0]
    assert best is not None
    assert abs(Decimal(fill["price"]) / Decimal(best[0]) - 1) < Decimal("0.01")
    explained = [each["data"] for each in records if each["kind"] == "FillExplained"]
    assert [each["order_id"] for each in explained] == [answer.json()["order"]["order_id"]]


async def test_contracts_are_shown_and_orders_in_them_refused_in_a_sentence(town: District) -> None:
    listed = (await town.http.get("/binance_usdm/v1/markets")).json()["markets"]
    symbol = listed[0]["symbol"]
    book = (await town.http.get(f"/binance_usdm/v1/markets/{symbol.replace('/', '-')}/book")).json()
    refused = await town.send("binance_usdm", "ann", BUY | {"symbol": symbol})

    assert symbol == "BTC/USDT:USDT"
    assert book["bids"]
    assert book["asks"]
    assert refused.status_code == 422
    assert refused.json()["detail"] == (
        f"{symbol} of Binance perpetuals is shown, not traded: paper orders are for spot pairs."
    )
    assert await town.balances("binance_usdm", "ann") == {}


async def test_a_broken_connection_is_told_as_stale_and_mended(town: District, quick: None) -> None:
    venue, before = town.venues["kraken"], await town.venue("kraken")
    async with listening(town.streams("kraken"), "status", "book:BTC/USDT") as client:
        assert before["state"] == "synced"
        venue.faults.put("disconnect", "next")
        stale = await client.until(lambda told: told["ch"] == "status" and told["data"]["state"] == "stale")
        await client.until(lambda told: told["ch"] == "status" and told["ts"] >= stale["ts"] and _is_synced(told))
        seen = len(client.heard)
        await client.until(lambda told: told["ch"] == "book:BTC/USDT" and client.heard.index(told) >= seen - 1)
    figures = town.server.services.halls["kraken"].hall
    assert figures is not None
    assert stale["data"]["text"]
    assert figures.figures().reconnects >= 1
    assert (await town.venue("kraken"))["state"] == "synced"
    assert venue.clients == 1


def _is_synced(told: dict[str, Any]) -> bool:
    return bool(told["data"]["state"] == "synced")


async def test_private_channels_tell_of_one_hall_and_end_with_the_session(town: District) -> None:
    ticket = town.server.door.issue(trader(41, "dora"))
    async with listening(town.streams("binance")) as client:
        assert (await client.ask("auth", ticket=ticket))["ok"]
        assert (await client.ask("subscribe", channels=["balances"]))["ok"]
        await town.send("binance", "dora", BUY)
        told = await client.until(lambda told: told["ch"] == "balances" and told["data"]["asset"] == "BTC")
        heard = len(client.heard)
        await town.send("kraken", "dora", BUY)
        await client.ask("ping")
        assert len(client.heard) == heard, "what happens in one hall is told in another"
        town.server.services.bus.publish(AccessEnded(frozenset({"session:s41"})))
        code = await end_of(client.socket)
    assert told["data"]["free"] == "0.01"
    assert code == UNAUTHORIZED


async def test_a_listen_key_of_a_hall_ends_with_its_api_key(town: District) -> None:
    heard: list[AccessEnded] = []
    subscription = town.hall("binance").bus.subscribe(AccessEnded, heard.append)
    ended = AccessEnded(frozenset({"key:7"}))
    town.server.services.bus.publish(ended)
    subscription.close()
    assert heard == [ended], "listen keys, which are kept by hall, hear of what ended"


@pytest.mark.parametrize("route", PRIVATE, ids=lambda route: f"{route.method} {route.path}")
async def test_every_route_of_a_hall_refuses_strangers(town: District, route: Route) -> None:
    path = route.path
    for place in ("order_id", "list_id", "session_id", "key_id", "user_id"):
        path = path.replace("{" + place + "}", "1")
    for headers in ({}, {"authorization": "Bearer x.y.z"}):
        body = b"{}" if route.body is not None else None
        answer = await town.http.request(route.method, f"/kraken{path}", headers=headers, content=body)
        assert answer.status_code == 401, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


async def test_every_signed_operation_of_a_halls_facade_refuses_strangers(town: District) -> None:
    for operation in OPERATIONS:
        if operation.security is not Security.NONE:
            path = f"/binance{operation.base}{operation.path}"
            answer = await town.http.request(operation.method, path, headers={"x-mbx-apikey": "n" * 64})
            assert answer.status_code in (400, 401), answer.text
            assert answer.json()["code"] < 0


async def test_nobody_reaches_anothers_account_by_way_of_a_hall(town: District) -> None:
    order = (await town.send("binance", "ann", BUY | {"type": "limit", "price": "1000.00"})).json()["order"]
    path = f"/v1/orders/{order['order_id']}"
    asked = [
        await town.http.get(f"/binance{path}", headers=of("bob")),
        await town.http.delete(f"/binance{path}", headers=of("bob")),
        await town.http.get("/binance/v1/balances?account=ann", headers=of("bob")),
        await town.http.get(f"/kraken{path}", headers=of("ann")),
    ]
    assert [each.status_code for each in asked] == [404] * 4
    assert (await town.http.delete(f"/binance{path}", headers=of("ann"))).status_code == 200


async def test_the_root_has_no_market_and_says_where_there_are_some(town: District) -> None:
    told = (await town.http.get("/v1/venues")).json()["venues"]
    about = {name: (await town.http.get(f"{name}/v1/version")).json() for name in ("", "/kraken")}

    assert [(each["path"], each["state"], each["trades"]) for each in told] == [
        ("/binance", "synced", True), ("/kraken", "synced", True), ("/binance_usdm", "synced", False),
    ]  # fmt: skip
    assert (about[""]["market"], about["/kraken"]["market"], about["/kraken"]["title"]) == ("none", "kraken", "Kraken")
    assert (await town.http.get("/v1/markets")).json() == {"markets": []}
    described = [(await town.http.get(f"{name}/v1/openapi.json")).json() for name in ("", "/kraken")]
    assert [each.get("servers") for each in described] == [None, [{"url": "/kraken"}]]
    assert set(described[1]["paths"]) - set(described[0]["paths"]) >= {"/v1/orders", "/v1/balances"}
    for path in ("/v1/orders", "/api/v3/time", "/coinbase/v1/time", "/binancex/v1/time", "/binance"):
        assert (await town.http.get(path, headers=of("ann"))).status_code == 404


async def test_figures_and_health_tell_of_every_upstream(town: District) -> None:
    figures = figures_of(town.server.services.watch)
    assert [(each.name, each.state) for each in figures.upstreams] == [(name, "synced") for name in HALLS]
    assert all(each.frames and each.age_ms is not None for each in figures.upstreams)
    assert {f"upstream {name}" for name in HALLS} <= {check.name for check in figures.health.checks}
    assert all(check.state is State.HEALTHY for check in figures.health.checks if check.name.startswith("upstream"))
    exported = {each.name: each for each in ServerCollector(town.server.services.watch).collect()}
    synced = {each.labels["venue"]: each.value for each in exported["crs_upstream_synced"].samples}
    assert synced == dict.fromkeys(HALLS, 1.0)
