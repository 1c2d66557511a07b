"""The facade's REST under the same fire: every answer is JSON as Binance writes it, and never an error of ours."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from engine.server.facade.operation import Operation
from engine.server.facade.routes import OPERATIONS
from tests.engine.server.facade.signers import signed
from tests.engine.server.fuzz.test_injection import CLASSICS, owned, twin
from tests.engine.server.fuzz.town import Town

pytestmark = pytest.mark.integration

LIKELY = {
    "symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01", "price": "100.00",
    "interval": "1m", "orderId": "1", "orderListId": "1", "newQty": "0.01", "cancelReplaceMode": "STOP_ON_FAILURE",
    "cancelOrderId": "1", "aboveType": "LIMIT_MAKER", "abovePrice": "900000.00", "belowType": "STOP_LOSS",
    "belowStopPrice": "100.00", "workingType": "LIMIT", "workingPrice": "100.00", "workingSide": "BUY",
    "workingQuantity": "0.01", "workingTimeInForce": "GTC", "pendingType": "MARKET", "pendingSide": "SELL",
    "pendingQuantity": "0.01", "stopPrice": "100.00",
}  # fmt: skip


def send(town: Town, operation: Operation, told: Mapping[str, str], shown: tuple[str, str]) -> httpx.Response:
    """Send a signed request."""
    raw = urlencode({**told, "timestamp": int(time.time() * 1000)} if operation.security.is_signed else told)
    if operation.security.is_signed:
        raw += f"&signature={signed(raw.encode(), shown[1])}"
    url = f"{operation.base}{operation.path}?{raw}"
    return town.client.request(operation.method, url, headers={"X-MBX-APIKEY": shown[0]})


def said(answer: httpx.Response, told: object) -> tuple[int, int]:
    """Return status and code of an answer that is as one of Binance's must be."""
    assert answer.headers["content-type"] == "application/json;charset=UTF-8", told
    assert answer.status_code < 500, (told, answer.text)
    body: Any = answer.json()
    if answer.status_code == 200:
        return 200, 0
    assert isinstance(body["code"], int), told
    assert body["code"] < 0, told
    assert isinstance(body["msg"], str), told
    assert body["msg"], told
    return answer.status_code, body["code"]


def put_everywhere(town: Town, texts: tuple[str, ...]) -> None:
    """Put strings into every parameter of every operation, and compare with what their twins are told."""
    shown, before = town.key, owned(town)
    for operation in OPERATIONS:
        likely = {name: LIKELY[name] for name in operation.takes if name in LIKELY}
        for name in operation.takes:
            for text in texts:
                told = (operation.method, operation.path, name, text)
                answers = [send(town, operation, likely | {name: each}, shown) for each in (text, twin(text))]
                assert said(answers[0], told) == said(answers[1], told), (told, [each.text for each in answers])
    assert owned(town) == before


@pytest.mark.no_cover
def test_no_string_is_more_than_a_string_to_the_facade(anywhere: Town) -> None:
    put_everywhere(anywhere, ("a\x00' OR 1=1 --",))


@pytest.mark.soak
def test_no_string_of_all_is_more_than_a_string_to_the_facade(anywhere: Town) -> None:
    put_everywhere(anywhere, CLASSICS)


def test_a_signature_over_anything_is_looked_at_before_anything_is_done(here: Town) -> None:
    key, secret = here.key
    for raw in (
        "",
        "%",
        "&&&",
        "=",
        "a",
        "a=%ff",
        "timestamp=1&timestamp=1",
        "timestamp=" + "9" * 400,
        "x=" + "y" * 8_000,
    ):
        for operation in OPERATIONS[::4]:
            for query in (raw, f"{raw}&signature={signed(raw.encode(), secret)}", f"{raw}&signature=%00"):
                url = f"{operation.base}{operation.path}?{query}"
                said(here.client.request(operation.method, url, headers={"X-MBX-APIKEY": key}), url[:100])
            forged = {b"X-MBX-APIKEY": b"a\xff' OR 1=1"}
            said(here.client.request(operation.method, f"{operation.base}{operation.path}", headers=forged), "forged")


def test_paths_and_methods_that_are_none_are_answered_in_its_words(here: Town) -> None:
    paths = {f"{each.base}{each.path}" for each in OPERATIONS}
    for path in (*paths, "/api/v3/", "/api/v3/nothing", "/api/v1/order", "/sapi/v1/x", "/api/v3/order/", "/api/v3/%00"):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
            answer = here.client.request(method, path, content=b"\x00\xff{[")
            status, _ = said(answer, (method, path))
            if status == 405:
                assert method not in answer.headers["allow"].split(", "), (method, path)
