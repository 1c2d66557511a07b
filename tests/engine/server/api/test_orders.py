"""Orders over REST: what is sent, repeated, changed, cancelled and listed, by their owner only."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.engine.server.harness import InLoop
from tests.engine.server.traders import bid, fund, of, send, trading_floor

LIMIT = {"symbol": "BTC/USDT", "side": "buy", "type": "limit", "qty": "0.01"}
MARKET = {"symbol": "BTC/USDT", "side": "buy", "type": "market", "qty": "0.05"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def floor(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[InLoop]:
    """Lend one server to all tests of this module; each uses traders of its own."""
    directory: Path = tmp_path_factory.mktemp("floor")
    async with trading_floor(directory / "data") as server:
        yield server


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _resting(server: InLoop, name: str, key: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Send a bid that rests far below the market and return its order."""
    price = f"{await bid(server) * 0.9:.2f}"
    answer = await send(server, name, LIMIT | {"price": price} | more, idempotency_key=key)
    assert answer.status_code == 200, answer.text
    order: dict[str, Any] = answer.json()["order"]
    return order


async def test_a_repeat_is_answered_as_the_first_and_is_one_order(floor: InLoop) -> None:
    await fund(floor, "repeats")
    order = LIMIT | {"price": f"{await bid(floor) * 0.9:.2f}"}

    first = await send(floor, "repeats", order, idempotency_key="k1")
    second = await send(floor, "repeats", order | {"order_id": "k1"})
    other = await send(floor, "repeats", order | {"qty": "0.02"}, idempotency_key="k1")
    listed = await floor.http.get("/v1/orders", headers=of("repeats"))

    assert (first.status_code, second.status_code, other.status_code) == (200, 200, 422)
    assert first.json() == second.json()
    assert ("idempotent-replay" in first.headers, second.headers["idempotent-replay"]) == (False, "true")
    assert other.json()["type"] == "/problems/duplicate_id"
    assert [each["order_id"] for each in listed.json()["orders"]] == ["k1"]


async def test_a_repeated_market_order_tells_of_the_same_fills(floor: InLoop) -> None:
    await fund(floor, "fills")

    first = (await send(floor, "fills", MARKET, idempotency_key="m")).json()
    again = (await send(floor, "fills", MARKET, idempotency_key="m")).json()
    listed = (await floor.http.get("/v1/fills", headers=of("fills"))).json()["fills"]

    assert first["order"]["status"] == "filled"
    assert first == again
    assert first["fills"] == listed[::-1]
    assert sum(Decimal(each["qty"]) for each in listed) == Decimal("0.05")
    value = sum(Decimal(each["qty"]) * Decimal(each["price"]) for each in listed)
    assert Decimal(first["order"]["filled_value"]) == value


async def test_what_an_order_answers_is_what_its_row_says(floor: InLoop) -> None:
    await fund(floor, "rows")
    price = await bid(floor)
    sent: list[dict[str, Any]] = [
        MARKET,
        LIMIT | {"price": f"{price * 0.9:.2f}", "post_only": True, "display_qty": "0.005"},
        LIMIT | {"type": "stop_limit", "price": f"{price * 1.2:.2f}", "stop_price": f"{price * 1.1:.2f}"},
        {"symbol": "BTC/USDT", "side": "sell", "type": "trailing_stop", "qty": "0.01", "trail_bps": "150.5"},
        LIMIT | {"price": f"{price * 0.9:.2f}", "tif": "IOC"},
        LIMIT | {"price": f"{price * 0.9:.2f}", "tif": "GTD", "expire_ms": floor.services.core.now // 10**6 + 10**7},
    ]

    for place, order in enumerate(sent):
        told = (await send(floor, "rows", order, idempotency_key=f"r{place}")).json()["order"]
        assert (await floor.http.get(f"/v1/orders/r{place}", headers=of("rows"))).json() == told


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"price": "1.005"}, "off_tick"),
        ({"qty": "0.0000001"}, "off_lot"),
        ({"qty": "0"}, "bad_quantity"),
        ({"price": "0"}, "bad_price"),
        ({"symbol": "AA/BB"}, "unknown_symbol"),
        ({"qty": "90"}, "insufficient_funds"),
        ({"price": "1"}, "min_notional"),
        ({"tif": "GTD", "expire_ms": 2**53}, "bad_order"),
        ({"type": "stop"}, "bad_order"),
        ({"reduce_only": True}, "reduce_only"),
        ({"qty": "999999999999999999999999", "price": "999999999999999999999999"}, "insufficient_funds"),
    ],
)
async def test_every_refusal_has_the_engines_word_and_a_sentence(floor: InLoop, change: Any, word: str) -> None:  # noqa: ANN401 - JSON
    await fund(floor, "refused")
    order = LIMIT | {"price": f"{await bid(floor) * 0.9:.2f}"}

    answer = await send(floor, "refused", order | change)

    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{word}")
    assert answer.json()["detail"].endswith(".")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_without_a_deposit_there_is_no_money_and_no_unknown_account(floor: InLoop) -> None:
    answer = await send(floor, "penniless", MARKET)
    balances = await floor.http.get("/v1/balances", headers=of("penniless"))

    assert answer.json()["type"] == "/problems/insufficient_funds"
    assert balances.json() == {"account": "penniless", "balances": []}


async def test_an_order_is_changed_and_cancelled_once(floor: InLoop) -> None:
    await fund(floor, "changes")
    await _resting(floor, "changes", "c")

    changed = await floor.http.patch("/v1/orders/c", json={"qty": "0.02"}, headers=of("changes"))
    off = await floor.http.patch("/v1/orders/c", json={"price": "1.001"}, headers=of("changes"))
    gone = await floor.http.delete("/v1/orders/c", headers=of("changes"))
    again = await floor.http.delete("/v1/orders/c", headers=of("changes"))
    late = await floor.http.patch("/v1/orders/c", json={"qty": "0.03"}, headers=of("changes"))

    assert changed.json()["order"]["qty"] == "0.02000"
    assert off.json()["type"] == "/problems/off_tick"
    assert (gone.json()["order"]["status"], gone.json()["order"]["reason"]) == ("cancelled", "user")
    assert (again.status_code, late.status_code) == (404, 404)
    assert again.json()["type"] == late.json()["type"] == "/problems/unknown_order"


async def test_all_orders_of_a_pair_are_cancelled_with_the_lists_they_are_in(floor: InLoop) -> None:
    await fund(floor, "sweep")
    price = await bid(floor)
    await _resting(floor, "sweep", "one")
    await _resting(floor, "sweep", "other", symbol="ETH/USDT", price="100", qty="1")
    oto = {
        "kind": "oto",
        "list_id": "pair",
        "orders": [LIMIT | {"price": f"{price * 0.9:.2f}"}, LIMIT | {"side": "sell", "price": f"{price * 1.2:.2f}"}],
    }
    assert (await floor.http.post("/v1/order-lists", json=oto, headers=of("sweep"))).status_code == 200

    gone = await floor.http.delete("/v1/orders?symbol=BTC/USDT", headers=of("sweep"))
    left = await floor.http.get("/v1/orders?status=open", headers=of("sweep"))

    assert {each["order_id"] for each in gone.json()["orders"]} == {"one", "pair-1", "pair-2"}
    assert [each["order_id"] for each in left.json()["orders"]] == ["other"]


async def test_a_list_is_sent_whole_repeated_and_cancelled_whole(floor: InLoop) -> None:
    await fund(floor, "lists")
    price = await bid(floor)
    await send(floor, "lists", MARKET)
    body = {
        "kind": "oco",
        "orders": [
            {"symbol": "BTC/USDT", "side": "sell", "type": "limit", "qty": "0.02", "price": f"{price * 1.2:.2f}"},
            {"symbol": "BTC/USDT", "side": "sell", "type": "stop", "qty": "0.02", "stop_price": f"{price * 0.8:.2f}"},
        ],
    }

    sent = await floor.http.post("/v1/order-lists", json=body, headers=of("lists", idempotency_key="L"))
    again = await floor.http.post("/v1/order-lists", json=body, headers=of("lists", idempotency_key="L"))
    shown = await floor.http.get("/v1/order-lists/L", headers=of("lists"))
    gone = await floor.http.delete("/v1/order-lists/L", headers=of("lists"))
    late = await floor.http.delete("/v1/order-lists/L", headers=of("lists"))

    assert [each["status"] for each in sent.json()["orders"]] == ["working", "waiting"]
    assert sent.json() == again.json() == shown.json()
    assert again.headers["idempotent-replay"] == "true"
    assert [each["status"] for each in gone.json()["orders"]] == ["cancelled", "cancelled"]
    assert late.status_code == 404


async def test_pages_hold_every_order_once_newest_first(floor: InLoop) -> None:
    await fund(floor, "pages")
    for place in range(7):
        await _resting(floor, "pages", f"p{place}")

    seen: list[str] = []
    query = "limit=3"
    while True:
        page = (await floor.http.get(f"/v1/orders?{query}", headers=of("pages"))).json()
        seen += [each["order_id"] for each in page["orders"]]
        if "next" not in page or page["next"] is None:
            break
        query = f"limit=3&cursor={page['next']}"

    assert seen == [f"p{place}" for place in reversed(range(7))]


@pytest.mark.parametrize("cursor", ["x", "MTI_", "LTE", "MS4y", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OQ"])
async def test_a_cursor_that_no_page_gave_is_a_bad_request(floor: InLoop, cursor: str) -> None:
    assert (await floor.http.get(f"/v1/orders?cursor={cursor}", headers=of("pages"))).status_code == 400


async def test_nothing_of_another_account_is_seen_or_touched(floor: InLoop) -> None:
    await fund(floor, "owner")
    await _resting(floor, "owner", "mine")
    thief = of("thief")

    answers = [
        await floor.http.get("/v1/orders/mine", headers=thief),
        await floor.http.patch("/v1/orders/mine", json={"qty": "1"}, headers=thief),
        await floor.http.delete("/v1/orders/mine", headers=thief),
        *[
            await floor.http.get(f"/v1/{what}?account=owner", headers=thief)
            for what in ("orders", "fills", "balances", "positions", "transactions", "journal", "orders/mine")
        ],
        await floor.http.delete("/v1/orders?account=owner", headers=thief),
        await floor.http.post("/v1/orders?account=owner", json=MARKET, headers=thief),
        await floor.http.post("/v1/order-lists?account=owner", json={"kind": "oco", "orders": []}, headers=thief),
    ]
    still = await floor.http.get("/v1/orders/mine", headers=of("other+owner"), params={"account": "owner"})

    assert {each.status_code for each in answers} == {404}
    assert still.json()["status"] == "working"


async def test_an_id_is_made_when_none_is_given_and_a_contradiction_is_refused(floor: InLoop) -> None:
    await fund(floor, "ids")
    made = await _resting(floor, "ids", "given")

    free = (await send(floor, "ids", MARKET)).json()["order"]["order_id"]
    both = await send(floor, "ids", MARKET | {"order_id": "a"}, idempotency_key="b")
    bad = await send(floor, "ids", MARKET, idempotency_key="no spaces")

    assert made["order_id"] == "given"
    assert re.fullmatch(r"crs-[0-9a-f]{24}", free)
    assert (both.status_code, bad.status_code) == (400, 400)
