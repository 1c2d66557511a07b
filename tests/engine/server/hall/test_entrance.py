"""Paths that try to reach a hall, or the root, by another way than its own; and halls beside each other."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.server.hall.entrance import Halls


def told(name: str) -> ASGIApp:
    """An application that answers with its name, and the paths that it was given."""

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        body = f"{name} {scope['path']} {scope['raw_path'].decode()}".encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    return app


async def asked(path: str, raw: bytes | None = None, kind: str = "http") -> str:
    sent: list[Any] = []

    async def send(message: Any) -> None:  # noqa: ANN401 - ASGI's own
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    halls = Halls(told("root"), {"binance": told("binance"), "kraken": told("kraken")})
    await halls({"type": kind, "path": path, "raw_path": raw or quote(path).encode()}, receive, send)
    return str(sent[1]["body"].decode())


@pytest.mark.parametrize(
    ("path", "who", "inside"),
    [
        ("/binance/v1/orders", "binance", "/v1/orders"),
        ("/kraken/v1/orders", "kraken", "/v1/orders"),
        ("/v1/orders", "root", "/v1/orders"),
        ("/binance", "root", "/binance"),
        ("/", "root", "/"),
        ("", "root", ""),
        ("//binance/v1/orders", "root", "//binance/v1/orders"),
        ("/binance//v1/orders", "binance", "//v1/orders"),
        ("/BINANCE/v1/orders", "root", "/BINANCE/v1/orders"),
        ("/binance/kraken/v1/orders", "binance", "/kraken/v1/orders"),
        ("/binance/../v1/orders", "binance", "/../v1/orders"),
        ("/./binance/v1/orders", "root", "/./binance/v1/orders"),
        ("/binance;x/v1/orders", "root", "/binance;x/v1/orders"),
        ("/binance\\v1/orders", "root", "/binance\\v1/orders"),
        ("/binance /v1", "root", "/binance /v1"),
        ("/binance\x00/v1", "root", "/binance\x00/v1"),
    ],
)
async def test_the_first_part_of_a_path_alone_says_whose_it_is(path: str, who: str, inside: str) -> None:
    for kind in ("http", "websocket"):
        name, _, rest = (await asked(path, kind=kind)).partition(" ")
        assert (name, rest[: len(inside)]) == (who, inside)


@given(st.text(st.characters(codec="ascii"), max_size=30))
@settings(max_examples=200)
async def test_no_path_is_of_two(path: str) -> None:
    answer = await asked(path)
    name = answer.partition(" ")[0]
    first = path[: path.find("/", 1)] if path.find("/", 1) > 0 else ""
    assert (name != "root") == (first in ("/binance", "/kraken"))


async def test_what_was_signed_keeps_the_halls_name() -> None:
    assert await asked("/binance/v1/orders", b"/%62inance/v1/orders") == "binance /v1/orders /%62inance/v1/orders"
