"""Requests signed with an API key: whose they are, for what, and how old they may be."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from engine.server.auth.staff import Staff
from engine.wire.auth import KeySecret
from tests.engine.server.harness import InLoop, in_loop

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORDER = {"symbol": "BTC/USDT", "side": "buy", "type": "market", "qty": "0.01", "order_id": "k-1"}


class Robot:
    """A program with a key."""

    def __init__(self, server: InLoop, made: KeySecret) -> None:
        self.server, self.made = server, made

    async def ask(self, method: str, target: str, told: Any = None, **changed: str) -> httpx.Response:  # noqa: ANN401
        body = b"" if told is None else json.dumps(told).encode()
        stamp = changed.get("stamp", str(time.time_ns() // 1_000_000))
        signed_target = changed.get("signed_target", target)
        text = b"\n".join((stamp.encode(), method.encode(), signed_target.encode(), body))
        secret = changed.get("secret", self.made.secret)
        headers = {
            "X-CRS-Key": changed.get("key", self.made.api_key),
            "X-CRS-Timestamp": stamp,
            "X-CRS-Signature": hmac.new(secret.encode(), text, "sha256").hexdigest(),
            "Content-Type": "application/json",
        }
        return await self.server.http.request(method, target, content=body, headers=headers)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[InLoop]:
    async with in_loop(tmp_path_factory.mktemp("signature") / "data") as running:
        yield running


def robot(server: InLoop, name: str, *scopes: str) -> Robot:
    staff = Staff(server.services.identity.parts)
    email = f"{name}@example.org"
    staff.add_user(email, "nine correct horses battery")
    made = staff.add_key(email, "robot", scopes=scopes)
    return Robot(server, KeySecret(made.id, made.api_key, made.secret))


async def test_a_signed_request_is_its_owners(server: InLoop) -> None:
    trader = robot(server, "one", "read", "trade")

    balances = await trader.ask(
        "GET", "/v1/balances?account=" + (await trader.ask("GET", "/v1/balances")).json()["account"]
    )
    order = await trader.ask("POST", "/v1/orders", ORDER)

    assert balances.status_code == 200
    assert (order.status_code, order.json()["type"]) == (422, "/problems/insufficient_funds")
    assert int(order.headers["x-ratelimit-limit"]) == 100


@pytest.mark.parametrize(
    ("changed", "status", "word"),
    [
        ({"secret": "not this key's"}, 401, "bad_signature"),
        ({"key": "nobody's"}, 401, "bad_key"),
        ({"signed_target": "/v1/balances?account=U-1"}, 401, "bad_signature"),
        ({"stamp": "1700000000000"}, 401, "timestamp"),
        ({"stamp": "now"}, 400, "bad_request"),
        ({"stamp": "9" * 30}, 400, "bad_request"),
    ],
)
async def test_what_is_not_signed_right_is_refused(
    server: InLoop, changed: dict[str, str], status: int, word: str
) -> None:
    trader = robot(server, f"two-{word}-{status}-{len(str(changed))}", "read")

    answer = await trader.ask("GET", "/v1/balances", **changed)

    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{word}")


async def test_a_key_does_what_its_scopes_say_and_nothing_of_a_person(server: InLoop) -> None:
    reader = robot(server, "three", "read")

    order = await reader.ask("POST", "/v1/orders", ORDER)
    sessions = await reader.ask("GET", "/v1/auth/sessions")
    keys = await reader.ask("GET", "/v1/auth/keys")

    assert [each.status_code for each in (order, sessions, keys)] == [403, 403, 403]
    assert order.json()["type"] == "/problems/scope"
