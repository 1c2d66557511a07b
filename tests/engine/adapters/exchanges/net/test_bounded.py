"""A venue, or a network, that means harm: bombs, drips, redirects, cookies, floods, somebody else's certificate."""

from __future__ import annotations

import asyncio
import gzip
import http
import re
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Response

from engine.adapters.exchanges.net import bounded
from engine.adapters.exchanges.net import rest as rest_module
from engine.adapters.exchanges.net.refused import MOST_REST_S, refused, retry_after
from engine.adapters.exchanges.net.rest import RestLimits, VenueRest
from engine.adapters.exchanges.net.socket import Socket, SocketLimits
from engine.errors import ServerUntrusted, VenueUnavailable
from tests.engine.adapters.crs.authority import Authority
from tests.engine.adapters.crs.canned import JSON, canned
from tests.engine.adapters.exchanges.net.test_line import PlainDialect

pytestmark = pytest.mark.integration

LIMITS = RestLimits(per_minute=6_000, burst=3_000)
MB = 2**20
BOMB = gzip.compress(bytes(60 * MB), 3)


@asynccontextmanager
async def asking(url: str) -> AsyncIterator[VenueRest]:
    rest = VenueRest("Binance", url, LIMITS)
    try:
        yield rest
    finally:
        await rest.close()
        await asyncio.sleep(0.05)  # the other side notices


@asynccontextmanager
async def raw(serve: Callable[[str, asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[str]:
    """Lend the address of something that is told each request's head and writes what it likes."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await serve(head.decode(), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


def socket(url: str) -> Socket:
    limits = SocketLimits(streams=10, messages_per_s=100)
    return Socket("Plain", url, PlainDialect(), limits, hear=lambda *_: None, spoilt=lambda _: None,
                  quiet=lambda *_: None)  # fmt: skip


# -- requests --------------------------------------------------------------------------------------


async def test_an_answer_may_come_packed() -> None:
    packed = gzip.compress(b'{"serverTime":1}')
    async with (
        canned(lambda *_: (200, JSON | {"content-encoding": "gzip"}, packed)) as there,
        asking(there.url) as rest,
    ):
        assert await rest.get("/a", patience_s=0) == b'{"serverTime":1}'


@pytest.mark.parametrize("status", [200, 400, 429, 503])
async def test_a_small_answer_never_unpacks_into_a_large_one(status: int) -> None:
    async with (
        canned(lambda *_: (status, JSON | {"content-encoding": "gzip"}, BOMB)) as there,
        asking(there.url) as rest,
    ):
        tracemalloc.start()
        try:
            with pytest.raises(Exception, match="Binance"):
                await rest.get("/a", patience_s=0, most_bytes=2 * MB)
            assert tracemalloc.get_traced_memory()[1] < 10 * MB
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize(
    ("packing", "body", "text"),
    [
        ("br", b"\x0b\x02\x80{}\x03", "not asked for"),
        ("zstd", b"\x28\xb5\x2f\xfd", "not asked for"),
        ("deflate", zlib.compress(b"{}"), "not asked for"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"{}")), "not asked for"),
        ("gzip", gzip.compress(b'{"a":' + bytes(range(256)).hex().encode() + b"}")[:-20], "broke off"),
        ("gzip", b"no gzip", "broke off"),
    ],
    ids=["br", "zstd", "deflate", "twice", "cut", "none"],
)
async def test_nothing_is_unpacked_that_was_not_asked_for(packing: str, body: bytes, text: str) -> None:
    async with canned(lambda *_: (200, JSON | {"content-encoding": packing}, body)) as there, asking(there.url) as rest:
        with pytest.raises(VenueUnavailable, match=text):
            await rest.get("/a", patience_s=0)


async def test_an_answer_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest_module, "WHOLE_S", 0.3)

    async def drip(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with raw(drip) as url, asking(url) as rest:
        with pytest.raises(VenueUnavailable, match="took more than"):
            await rest.get("/a", patience_s=0)
        await rest.close()
        await asyncio.sleep(0.3)  # until the other side has noticed


async def test_no_cookie_is_kept_and_nothing_says_who_asks() -> None:
    heads: list[str] = []

    async def answer(head: str, writer: asyncio.StreamWriter) -> None:
        heads.append(head.lower())
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nset-cookie: id=you; Path=/\r\n"
                     b"content-length: 2\r\n\r\n{}")  # fmt: skip

    async with raw(answer) as url, asking(url) as rest:
        for _ in range(2):
            await rest.get("/a", patience_s=0)
    rows = {line.partition(":")[0]: line.partition(":")[2].strip() for line in heads[1].split("\r\n")[1:] if line}
    assert rows.pop("host").startswith("127.0.0.1")
    assert rows == {
        "accept": "application/json", "accept-encoding": "gzip", "connection": "keep-alive", "user-agent": "crs-desktop"
    }  # fmt: skip


async def test_deep_answers_are_no_mistake_of_ours() -> None:
    answers = iter([(200, JSON, b"[" * 500_000), (400, JSON, b'{"msg":' * 9_000), (400, JSON, b"[" * 60_000)])
    async with canned(lambda *_: next(answers)) as there, asking(there.url) as rest:
        for _ in range(3):
            with pytest.raises(Exception, match="Binance"):
                await rest.get("/a", patience_s=0)


@pytest.mark.parametrize(
    "said",
    [
        "999999999999", "9" * 5_000, "-5", "nan", "inf", "1e9", "Fri, 31 Dec 9999 23:59:59 GMT",
        "Thu, 01 Jan 0001 00:00:00 +2359", "Thu, 99 Jan 2020 99:99:99 -9999", "\u0663", "Mon", "1;2",
    ],
)  # fmt: skip
def test_no_wait_is_longer_than_three_days_or_shorter_than_none(said: str) -> None:
    reply = httpx.Response(429, headers=[(b"retry-after", said.encode())])
    assert 0 <= (retry_after(reply) or 0.0) <= MOST_REST_S
    assert 0 <= refused(reply, b"", "X").rest_s <= MOST_REST_S


@pytest.mark.parametrize("made", [{}, {"names": ("example.org",)}, {"until": -1, "since": -2}])
async def test_whoever_has_no_certificate_for_the_address_is_told_nothing(tmp_path: Path, made: dict[str, Any]) -> None:
    tls = Authority(tmp_path).server(**made)
    async with canned(lambda *_: (200, JSON, b"{}"), tls) as there:
        async with asking(there.url.replace("http:", "https:")) as rest:
            with pytest.raises(ServerUntrusted):
                await rest.get("/a", patience_s=0)
        with pytest.raises(ServerUntrusted):
            await socket(there.url.replace("http:", "wss:")).open()
        assert there.asked == []


def test_no_source_switches_the_check_of_certificates_off() -> None:
    off = re.compile(r"verify *= *False|CERT_NONE|check_hostname *= *False|_create_unverified_context|ssl *= *False")
    root = Path(__file__).parents[5]
    sources = [path for name in ("engine", "crs_desktop") for path in (root / name).rglob("*.py")]
    assert len(sources) > 500
    assert [path.name for path in sources if off.search(path.read_text("utf-8"))] == []


# -- sockets ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_stream_leads_nowhere_else(status: int) -> None:
    reached: list[str] = []

    async def elsewhere(connection: ServerConnection) -> None:
        reached.append("here")

    async with serve(elsewhere, "127.0.0.1", 0) as other:
        there = f"ws://127.0.0.1:{next(iter(other.sockets)).getsockname()[1]}/"

        def refer(_connection: ServerConnection, _request: object) -> Response:
            return Response(status, http.HTTPStatus(status).phrase, Headers({"Location": there}))

        async with serve(elsewhere, "127.0.0.1", 0, process_request=refer) as server:
            port = next(iter(server.sockets)).getsockname()[1]
            with pytest.raises(VenueUnavailable, match=f"status {status}"):
                await socket(f"ws://127.0.0.1:{port}").open()
    assert reached == []


async def test_a_stream_that_asks_to_wait_for_years_is_tried_again_within_days() -> None:
    def refuse(_connection: ServerConnection, _request: object) -> Response:
        return Response(429, "Too Many Requests", Headers({"Retry-After": "999999999"}))

    async def nothing(_connection: ServerConnection) -> None:
        return

    async with serve(nothing, "127.0.0.1", 0, process_request=refuse) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        with pytest.raises(VenueUnavailable) as found:
            await socket(f"ws://127.0.0.1:{port}").open()
    assert found.value.retry_after_s == MOST_REST_S


async def test_a_flood_that_cannot_be_read_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "MOST_WAITING", 2 * MB)

    async def flood(connection: ServerConnection) -> None:
        frame = '"' + "x" * 200_000 + '"'
        for _ in range(100):
            await connection.send(frame)

    async with serve(flood, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        ear = socket(f"ws://127.0.0.1:{port}")
        await ear.open()
        await asyncio.sleep(0.5)  # nothing is read meanwhile
        assert "more than can be read" in await ear.run()


async def test_what_is_read_in_time_may_be_as_much_as_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "MOST_WAITING", MB // 2)

    async def talk(connection: ServerConnection) -> None:
        for _ in range(30):
            for _ in range(10):
                await connection.send('"' + "x" * 10_000 + '"')
            await asyncio.sleep(0.01)

    async with serve(talk, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        ear = socket(f"ws://127.0.0.1:{port}")
        await ear.open()
        assert "closed the connection" in await ear.run()
        assert ear.frames == 300


async def test_nothing_is_packed_within_a_stream() -> None:
    offered: list[str] = []

    async def look(connection: ServerConnection) -> None:
        assert connection.request is not None
        offered.extend(connection.request.headers.get_all("Sec-WebSocket-Extensions"))
        offered.extend(connection.request.headers.get_all("Cookie"))
        assert connection.request.headers["User-Agent"] == "crs-desktop"

    async with serve(look, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        ear = socket(f"ws://127.0.0.1:{port}")
        await ear.open()
        await ear.run()
    assert offered == []
