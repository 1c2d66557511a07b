"""Whatever is sent, the facade has an answer: none of its operations ends in an error of ours."""

from __future__ import annotations

import time
from random import Random
from urllib.parse import urlencode

import httpx
import pytest

from engine.server.facade.operation import Operation
from engine.server.facade.routes import OPERATIONS
from tests.engine.server.facade.floor import Floor
from tests.engine.server.facade.signers import signed

pytestmark = pytest.mark.integration

NASTY = (
    "0", "1", "-1", "0.00000001", "9" * 18, "9" * 30, "1e400", "NaN", "Infinity", "true", "[]", '["BTCUSDT"]', "{}",
    "BTCUSDT", "SELL", "BUY", "LIMIT", "MARKET", "STOP_LOSS", "GTC", "3m", "\x00", "ü", "' OR 1=1 --",
    "x" * 300, "253402300800000", "4102444800000", "FULL", "1970", "",
)  # fmt: skip
LIKELY = {
    "symbol": ("BTCUSDT", "ETHUSDT"),
    "side": ("BUY", "SELL"),
    "pendingSide": ("BUY", "SELL"),
    "workingSide": ("BUY", "SELL"),
    "interval": ("1m", "3m", "1s"),
    "type": ("LIMIT", "MARKET", "STOP_LOSS", "TAKE_PROFIT_LIMIT", "LIMIT_MAKER"),
    "quantity": ("0.01", "1"),
    "price": ("100.00", "1000000.00"),
    "timeInForce": ("GTC", "IOC", "FOK"),
    "cancelReplaceMode": ("ALLOW_FAILURE",),
}


def params_of(operation: Operation, random: Random) -> dict[str, str]:
    """Return parameters that the operation knows, some likely, some not."""
    told = {}
    for name in operation.takes:
        if name in LIKELY and random.random() < 0.8:
            told[name] = random.choice(LIKELY[name])
        elif random.random() < 0.35:
            told[name] = random.choice(NASTY)
    return told


def sent(floor: Floor, operation: Operation, told: dict[str, str]) -> httpx.Response:
    raw = urlencode({"timestamp": int(time.time() * 1000), **told} if operation.security.is_signed else told)
    url = f"{operation.base}{operation.path}?{raw}"
    if operation.security.is_signed:
        url += f"&signature={signed(raw.encode(), floor.cat.secret)}"
    return floor.client.request(operation.method, url, headers={"X-MBX-APIKEY": floor.cat.api_key})


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.method} {each.path}")
def test_nonsense_is_refused_with_a_code_and_a_text(floor: Floor, operation: Operation) -> None:
    random = Random(f"{operation.method} {operation.path}")  # noqa: S311 - the same nonsense every time
    for _ in range(10 if operation.takes else 1):
        told = params_of(operation, random)
        answer = sent(floor, operation, told)

        assert answer.status_code < 500, (told, answer.text)
        if answer.status_code != 200:
            assert answer.json()["code"] < 0, told
            assert answer.json()["msg"], told


@pytest.mark.parametrize("path", ["klines", "aggTrades", "allOrders", "myTrades", "allOrderList"])
def test_instants_beyond_all_calendars_are_none(floor: Floor, path: str) -> None:
    operation = next(each for each in OPERATIONS if each.path == path)
    for start, end in (("9" * 18, "9" * 18), ("0", "9" * 18), ("253402300800000", "0")):
        for interval in ("1s", "3m"):
            told = {"symbol": "BTCUSDT", "interval": interval, "startTime": start, "endTime": end, "limit": "5"}
            answer = sent(floor, operation, {name: told[name] for name in told if name in operation.takes})

            assert answer.status_code == 200, answer.text
