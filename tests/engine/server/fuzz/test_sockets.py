"""The sockets under fire: each message is answered or ends the socket with a code that is documented; nothing stays."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from engine.server.facade.routes import OPERATIONS
from engine.wire.stream import POLICY, SLOW_CONSUMER, UNAUTHORIZED
from tests.engine.server.facade.signers import signed
from tests.engine.server.fuzz.likely import LIKELY
from tests.engine.server.fuzz.town import Town

pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore:Do not use the `random` module"),  # the server's thread does, meanwhile
]

DOCUMENTED = frozenset({1000, 1002, 1003, 1007, 1009, POLICY, UNAUTHORIZED, SLOW_CONSUMER})
ANSWERS = {"/v1/ws": "op", "/stream": "id", "/ws/btcusdt@trade": "id", "/ws-api/v3": "status"}
"""The sockets, and what an answer of each has that no event has."""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
CHANNELS = st.sampled_from(
    ["book:BTC/USDT", "book20:BTC/USDT", "trades:ETH/USDT", "ticker:*", "bars:BTC/USDT:1m", "status", "orders", "fills",
     "balances", "journal", "session", "book:", "bars:BTC/USDT:", "bars:BTC/USDT:9z", "book:BTC/USDT:1", "*", ""]
) | st.text(max_size=20)  # fmt: skip
ASKS = st.fixed_dictionaries(
    {"op": st.sampled_from(["subscribe", "unsubscribe", "auth", "ping"]) | st.text(max_size=8)},
    optional={
        "id": st.integers() | JSON, "channels": st.lists(CHANNELS, max_size=5) | JSON, "ticket": st.text() | JSON,
        "account": st.text() | JSON, "more": JSON,
    },
)  # fmt: skip
STREAMS = st.sampled_from(
    ["btcusdt@trade", "btcusdt@depth@100ms", "ethusdt@kline_1m", "!ticker@arr", "btcusdt@depth5", "btcusdt@", "@", "!"]
) | st.text(max_size=20)  # fmt: skip
METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY")
REQUESTS = st.fixed_dictionaries(
    {"method": st.sampled_from(METHODS) | JSON},
    optional={"id": JSON, "params": st.lists(STREAMS, max_size=4) | st.just(["combined", True]) | JSON},
)
WORDS = [each.word for each in OPERATIONS if each.word] + ["session.logon", "userDataStream.subscribe.signature"]
VALUES = st.sampled_from([value for each in LIKELY.values() for value in each] + ["BTCUSDT", "BUY", "LIMIT"]) | JSON
PARAMETERS = sorted({name for each in OPERATIONS for name in (*each.takes, "apiKey", "signature", "timestamp")})
CALLS = st.fixed_dictionaries(
    {"method": st.sampled_from(WORDS) | st.text(max_size=8)},
    optional={
        "id": JSON,
        "params": st.dictionaries(
            st.sampled_from(PARAMETERS),
            VALUES, max_size=6,
        ) | JSON,
    },
)  # fmt: skip
SHAPES = {"/v1/ws": ASKS, "/stream": REQUESTS, "/ws/btcusdt@trade": REQUESTS, "/ws-api/v3": CALLS}


def encoded(value: Any) -> bytes | str:  # noqa: ANN401 - what JSON can say
    """Return a message as it is sent; what is bytes already goes as it is."""
    return value if isinstance(value, bytes) else msgspec.json.encode(value).decode("utf-8", "replace")


def signed_call(call: dict[str, Any], shown: tuple[str, str]) -> dict[str, Any]:
    """Return a call of `/ws-api` that its key's owner signed, where it has parameters that can be signed."""
    params = call.get("params", {})
    if not isinstance(params, dict) or not all(isinstance(each, str | int) for each in params.values()):
        return call
    told = {name: each for name, each in params.items() if name != "signature"}
    told |= {"apiKey": shown[0], "timestamp": int(time.time() * 1000)}
    payload = "&".join(f"{name}={told[name]}" for name in sorted(told))
    return call | {"params": told | {"signature": signed(payload.encode("utf-8", "replace"), shown[1])}}


def talk(town: Town, path: str, messages: list[bytes | str]) -> None:
    """Send messages one by one, each of which is answered unless the socket ends."""
    with connect(town.url.replace("http", "ws") + path, compression=None, max_size=None) as wire:
        try:
            for message in messages:
                wire.send(message)
                hear(wire, ANSWERS[path])
        except ConnectionClosed:
            code = wire.close_code
            assert code in DOCUMENTED, (path, code, wire.close_reason)


def hear(wire: ClientConnection, mark: str) -> Any:  # noqa: ANN401 - JSON
    """Return the next answer."""
    while True:
        told = msgspec.json.decode(wire.recv(timeout=10))
        if isinstance(told, dict) and mark in told:
            return told


@pytest.fixture(autouse=True)
def nothing_stays(here: Town) -> Iterator[None]:
    """When all sockets have ended there is no client and no task of one, and the server is well."""
    before = len(asyncio.all_tasks(here.loop))
    yield
    until = time.monotonic() + 10
    hub = here.house.services.hub
    while (hub.clients or len(asyncio.all_tasks(here.loop)) > before) and time.monotonic() < until:
        time.sleep(0.02)
    assert not hub.clients
    assert len(asyncio.all_tasks(here.loop)) <= before
    assert here.client.get("/health/ready").json()["state"] != "critical"


def fuzz(town: Town, path: str, examples: int) -> None:
    """Talk nonsense of many kinds, as one who is signed in where one can be."""
    shape, shown = SHAPES[path], town.key
    if path == "/ws-api/v3":
        shape = shape | shape.map(lambda call: signed_call(call, shown))
    whole = shape.map(encoded)
    messages = st.one_of(whole, whole, whole, JSON.map(encoded), st.binary(max_size=60), st.text(max_size=60))

    @settings(max_examples=examples, derandomize=True, database=None, deadline=None)
    @given(st.lists(messages, min_size=1, max_size=12))
    def check(each: list[bytes | str]) -> None:
        greeting: list[bytes | str] = []
        if path == "/v1/ws" and len(each) % 2:
            ticket = town.client.post("/v1/auth/ws-ticket", headers=town.headers("trader")).json()["ticket"]
            greeting = [encoded({"op": "auth", "ticket": ticket})]
        talk(town, path, [*greeting, *each])

    check()


@pytest.mark.parametrize("path", SHAPES)
def test_every_message_is_answered_or_ends_the_socket(here: Town, path: str) -> None:
    fuzz(here, path, 15)


@pytest.mark.soak
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("path", SHAPES)
def test_every_message_is_answered_or_ends_the_socket_1000_times(here: Town, path: str) -> None:
    fuzz(here, path, 1_000)


def test_a_message_that_is_too_large_or_too_deep_ends_in_words(here: Town) -> None:
    for path in SHAPES:
        talk(here, path, ["[" * 10_000, '{"op":' * 2_000, '{"id":' + "9" * 5_000 + "}", '{"op":"ping","op":"ping"}'])
        talk(here, path, ["x" * 20_000, "x" * 200_000])
        talk(here, path, [r'{"op":"\ud800"}', r'{"method":"\u0000","id":"\u0000"}', '{"id":1e400}'])


@pytest.mark.parametrize("path", SHAPES)
def test_bytes_that_are_no_frames_end_the_socket(here: Town, path: str) -> None:
    chance = Random(path)  # noqa: S311 - the same bytes every time
    host, port = here.url.removeprefix("http://").split(":")
    key = b64encode(os.urandom(16)).decode()
    head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    head += f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    for _ in range(8):
        with socket.create_connection((host, int(port)), timeout=10) as wire:
            wire.sendall(head.encode())
            assert b" 101 " in wire.recv(4_096)
            with suppress(ConnectionError):
                wire.sendall(chance.randbytes(chance.randrange(1, 400)))
                wire.shutdown(socket.SHUT_WR)
                while wire.recv(65_536):
                    pass
