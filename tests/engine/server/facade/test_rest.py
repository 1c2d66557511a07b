"""The facade's REST: who may, in which time; answers and refusals to the letter."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.engine.server.facade.floor import Floor, Keys
from tests.engine.server.facade.signers import signed

pytestmark = pytest.mark.integration
LIMIT: dict[str, Any] = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01"}


def now_ms() -> int:
    return int(time.time() * 1000)


def low(floor: Floor, factor: float = 0.9) -> str:
    price = floor.client.get("/api/v3/ticker/price?symbol=BTCUSDT").json()["price"]
    return f"{float(price) * factor:.2f}"


def ask(floor: Floor, method: str, path: str, keys: Keys | None = None, **params: object) -> httpx.Response:
    """Send a signed request of cat's unless told otherwise."""
    who = keys or floor.cat
    raw = urlencode({"timestamp": now_ms(), **params})
    url = f"/api/v3/{path}?{raw}&signature={signed(raw.encode(), who.secret)}"
    return floor.client.request(method, url, headers={"X-MBX-APIKEY": who.api_key})


def test_who_asks_and_when_is_checked_to_the_letter(floor: Floor) -> None:
    key, now = floor.cat.api_key, now_ms()
    cases: list[tuple[int, str, dict[str, object]]] = [
        (-2014, "", {}),
        (-2015, "s" * 64, {}),
        (-1022, key, {"signature": "0" * 64}),
        (-1021, key, {"timestamp": now - 60_000}),
        (-1131, key, {"recvWindow": 60_001}),
        (-1104, key, {"colour": "blue"}),
    ]
    for code, shown, case in cases:
        forged = case.pop("signature", None)
        raw = urlencode({"timestamp": now_ms(), **case})
        url = f"/api/v3/account?{raw}&signature={forged or signed(raw.encode(), floor.cat.secret)}"
        answer = floor.client.get(url, headers={"X-MBX-APIKEY": shown} if shown else {})
        assert answer.json()["code"] == code, answer.text
        assert answer.status_code == (401 if code in (-2014, -2015) else 400)
        assert "x-ratelimit-limit" in answer.headers
        assert "x-request-id" in answer.headers
    ahead = ask(floor, "GET", "account", timestamp=now_ms() + 5_000)
    within = ask(floor, "GET", "account", timestamp=now_ms() - 20_000, recvWindow=30_000)
    micros = ask(floor, "GET", "account", timestamp=now_ms() * 1_000)

    assert ahead.json()["msg"] == "Timestamp for this request was 1000ms ahead of the server's time."
    assert (within.status_code, micros.status_code) == (200, 200)


def test_the_signature_is_over_query_and_body_as_they_were_sent(floor: Floor) -> None:
    query = f"symbol=BTCUSDT&side=BUY&timestamp={now_ms()}"
    body = f"type=LIMIT&timeInForce=GTC&quantity=0.01&price={low(floor)}"
    url, headers = f"/api/v3/order/test?{query}", {"X-MBX-APIKEY": floor.cat.api_key}
    right = signed(f"{query}{body}".encode(), floor.cat.secret)
    turned = signed(f"{body}{query}".encode(), floor.cat.secret)
    good = floor.client.post(url, content=f"{body}&signature={right}", headers=headers)
    bad = floor.client.post(url, content=f"{body}&signature={turned}", headers=headers)

    assert (good.status_code, good.json()) == (200, {})
    assert bad.json()["code"] == -1022


def test_a_key_that_reads_does_not_trade(floor: Floor) -> None:
    seen = ask(floor, "GET", "account", keys=floor.reader)
    refused = ask(floor, "POST", "order", keys=floor.reader, **LIMIT, price=low(floor))

    assert (seen.status_code, seen.json()["canTrade"]) == (200, False)
    assert (refused.status_code, refused.json()["code"]) == (401, -2015)


def test_the_answer_has_as_much_as_was_asked_for(floor: Floor) -> None:
    price = low(floor)
    short = (ask(floor, "POST", "order", **LIMIT, price=price, newOrderRespType="ACK")).json()
    more = (ask(floor, "POST", "order", **LIMIT, price=price, newOrderRespType="RESULT")).json()
    bought = ask(floor, "POST", "order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.01")
    found = (ask(floor, "GET", "order", symbol="BTCUSDT", orderId=bought.json()["orderId"])).json()

    assert set(short) == {"symbol", "orderId", "orderListId", "clientOrderId", "transactTime"}
    assert set(more) > set(short)
    assert "fills" not in more
    full = bought.json()
    assert full["status"] == "FILLED"
    assert full["executedQty"] == "0.01000000"
    assert {name: found[name] for name in ("executedQty", "cummulativeQuoteQty", "status", "clientOrderId")} == {
        name: full[name] for name in ("executedQty", "cummulativeQuoteQty", "status", "clientOrderId")
    }
    assert int(bought.headers["x-mbx-order-count-10s"]) >= 1
    assert int(bought.headers["x-mbx-used-weight-1m"]) >= 3


def test_a_repeated_id_is_a_duplicate_and_sends_nothing(floor: Floor) -> None:
    order = LIMIT | {"price": low(floor), "newClientOrderId": "x-once"}
    first = ask(floor, "POST", "order", **order)
    again = ask(floor, "POST", "order", **order)
    other = ask(floor, "POST", "order", **(order | {"quantity": "0.02"}))
    listed = (ask(floor, "GET", "openOrders", symbol="BTCUSDT")).json()

    assert first.json()["clientOrderId"] == "x-once"
    assert again.json() == other.json() == {"code": -2010, "msg": "Duplicate order sent."}
    assert [each["clientOrderId"] for each in listed].count("x-once") == 1


def test_a_test_order_is_judged_and_not_sent(floor: Floor) -> None:
    before = ask(floor, "GET", "openOrders").json()
    fine = ask(floor, "POST", "order/test", **LIMIT, price=low(floor))
    small = ask(floor, "POST", "order/test", **(LIMIT | {"quantity": "0.00001"}), price=low(floor))
    far = ask(floor, "POST", "order/test", **LIMIT, price=low(floor, 1.6))
    rates = ask(floor, "POST", "order/test", **LIMIT, price=low(floor), computeCommissionRates="true")
    after = ask(floor, "GET", "openOrders").json()

    assert (fine.json(), after) == ({}, before)
    assert small.json() == {"code": -1013, "msg": "Filter failure: NOTIONAL"}
    assert far.json() == {"code": -1013, "msg": "Filter failure: PERCENT_PRICE_BY_SIDE"}
    assert rates.json()["standardCommissionForOrder"] == {"maker": "0.00100000", "taker": "0.00100000"}


def test_a_replacement_says_which_half_of_it_failed(floor: Floor) -> None:
    first = (ask(floor, "POST", "order", **LIMIT, price=low(floor))).json()
    new = LIMIT | {"price": low(floor, 0.8), "cancelReplaceMode": "STOP_ON_FAILURE"}
    done = ask(floor, "POST", "order/cancelReplace", **new, cancelOrderId=first["orderId"])
    none = ask(floor, "POST", "order/cancelReplace", **new, cancelOrderId=first["orderId"])
    half = ask(
        floor, "POST", "order/cancelReplace",
        **(new | {"cancelReplaceMode": "ALLOW_FAILURE"}), cancelOrderId=first["orderId"],
    )  # fmt: skip

    assert (done.json()["cancelResult"], done.json()["newOrderResult"]) == ("SUCCESS", "SUCCESS")
    assert (none.status_code, none.json()["code"], none.json()["data"]["newOrderResult"]) == (
        400,
        -2022,
        "NOT_ATTEMPTED",
    )
    assert (half.status_code, half.json()["code"]) == (409, -2021)
    assert half.json()["data"]["cancelResponse"] == {"code": -2011, "msg": "Unknown order sent."}


def test_an_order_is_made_smaller_and_never_larger(floor: Floor) -> None:
    first = (ask(floor, "POST", "order", **LIMIT, price=low(floor))).json()
    which = {"symbol": "BTCUSDT", "orderId": first["orderId"]}
    less = ask(floor, "PUT", "order/amend/keepPriority", **which, newQty="0.004")
    more = ask(floor, "PUT", "order/amend/keepPriority", **which, newQty="0.005")

    assert less.json()["amendedOrder"]["origQty"] == "0.00400000"
    assert more.json()["code"] == -2038


def test_a_list_is_found_by_number_and_by_id(floor: Floor) -> None:
    ask(floor, "POST", "order", symbol="BTCUSDT", side="BUY", type="MARKET", quantity="0.02")
    placed = ask(
        floor, "POST", "orderList/oco", symbol="BTCUSDT", side="SELL", quantity="0.01", aboveType="LIMIT_MAKER",
        abovePrice=low(floor, 1.2), belowType="STOP_LOSS", belowStopPrice=low(floor), listClientOrderId="L-rest",
    )  # fmt: skip
    number = placed.json()["orderListId"]
    by_number = (ask(floor, "GET", "orderList", orderListId=number)).json()
    by_id = (ask(floor, "GET", "orderList", origClientOrderId="L-rest")).json()
    strangers = ask(floor, "GET", "orderList", keys=floor.bob, orderListId=number)
    opened = (ask(floor, "GET", "openOrderList")).json()
    gone = (ask(floor, "DELETE", "orderList", symbol="BTCUSDT", listClientOrderId="L-rest")).json()
    everything = (ask(floor, "GET", "allOrderList")).json()

    assert by_number == by_id == opened[-1]
    assert [each["orderId"] for each in by_id["orders"]] == [number, number + 1]
    assert strangers.json()["code"] == -2018
    assert (gone["listOrderStatus"], len(gone["orderReports"])) == ("ALL_DONE", 2)
    assert everything[-1]["listOrderStatus"] == "ALL_DONE"


def test_symbols_are_one_some_or_all(floor: Floor) -> None:
    one = (floor.client.get("/api/v3/ticker/price?symbol=BTCUSDT")).json()
    some = (floor.client.get('/api/v3/ticker/price?symbols=["BTCUSDT","ETHUSDT"]')).json()
    every = (floor.client.get("/api/v3/ticker/price")).json()
    both = (floor.client.get('/api/v3/ticker/price?symbol=BTCUSDT&symbols=["ETHUSDT"]')).json()
    none = (floor.client.get("/api/v3/ticker/price?symbol=NOPE")).json()
    broken = (floor.client.get("/api/v3/ticker/price?symbols=BTCUSDT")).json()

    assert one["symbol"] == "BTCUSDT"
    assert [each["symbol"] for each in some] == ["BTCUSDT", "ETHUSDT"]
    assert {each["symbol"] for each in every} > {"BTCUSDT", "ETHUSDT"}
    assert (both["code"], none["code"], broken["code"]) == (-1128, -1121, -1100)


def test_what_binance_has_and_we_have_not_is_not_found_in_its_own_words(floor: Floor) -> None:
    missing = floor.client.get("/sapi/v1/lending/union/account")
    wrong = floor.client.put("/api/v3/ping")

    assert (missing.status_code, missing.json()["code"]) == (404, -1000)
    assert (wrong.status_code, wrong.json()["code"]) == (405, -1000)


def test_listen_keys_belong_to_their_owner(floor: Floor) -> None:
    headers = {"X-MBX-APIKEY": floor.cat.api_key}
    key = (floor.client.post("/api/v3/userDataStream", headers=headers)).json()["listenKey"]
    same = (floor.client.post("/api/v3/userDataStream", headers=headers)).json()["listenKey"]
    url = f"/api/v3/userDataStream?listenKey={key}"
    others = floor.client.put(url, headers={"X-MBX-APIKEY": floor.bob.api_key})
    kept = floor.client.put(url, headers=headers)
    ended = floor.client.delete(url, headers=headers)
    gone = floor.client.put(url, headers=headers)

    assert same == key
    assert (kept.json(), ended.json()) == ({}, {})
    assert others.json()["code"] == gone.json()["code"] == -1125
