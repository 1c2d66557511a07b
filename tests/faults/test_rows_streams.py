"""Faults of the streams: connections that break, stall, lose and reorder, and clients that misbehave.

Over a small market that moves all the time, through the fault proxy, with the reference client; its twin is connected
without a proxy and never drops.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any, cast

import psutil
import pytest
from websockets.asyncio.client import connect

from engine.server.ws import protocol
from engine.server.ws.protocol import StreamProtocol
from tests.engine.server.ws.follower import Follower, following, pause_s
from tests.engine.server.ws.served import Served, listening, streams_of
from tests.engine.server.ws.small import SmallCore
from tests.faults.proxy import FaultProxy, Frames, delay, drop, fault_proxy, repeat

BTC = "BTC/USDT"


@asynccontextmanager
async def moving(core: SmallCore) -> AsyncIterator[None]:
    """Let the book of BTC move a few hundred times a second, never crossing."""
    task = asyncio.create_task(_move(core))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _move(core: SmallCore) -> None:
    chance = random.Random(11)  # noqa: S311 - a script, no secret
    while True:
        below, above = chance.randrange(9_000, 10_000), chance.randrange(10_001, 11_000)
        core.move(BTC, {below: chance.randrange(3)}, {above: chance.randrange(3)})
        await asyncio.sleep(0.003)


def url_of(proxy: FaultProxy) -> str:
    return f"ws://127.0.0.1:{proxy.port}/v1/ws"


async def equal(core: SmallCore, *followers: Follower) -> None:
    """Wait until everybody has the last update of the market, and check that it is the same book."""
    seq = core.snapshot(BTC, 1).seq
    for follower in followers:
        await follower.until(lambda each=follower: each.books[BTC].seq == seq)  # type: ignore[misc]
    first = followers[0].books[BTC].sides
    assert all(each.books[BTC].sides == first for each in followers)
    pair = core.pairs()[0]
    book = core.snapshot(BTC, 5_000)
    assert first["bids"] == {pair.price_text(each.price): pair.qty_text(each.qty) for each in book.bids}
    assert first["asks"] == {pair.price_text(each.price): pair.qty_text(each.qty) for each in book.asks}
    assert not any(each.was_crossed for each in followers)


async def test_row_08_a_dropped_stream_comes_back_and_equals_a_twin_that_never_dropped() -> None:
    core = SmallCore()
    async with streams_of(core) as server, fault_proxy(server.port) as proxy:
        follower, twin = Follower(url_of(proxy), BTC, seed=3), Follower(server.url, BTC)
        async with following(follower, twin):
            async with moving(core):
                for number in range(6):
                    await follower.until(lambda: follower.books[BTC].seq is not None)
                    await asyncio.sleep(0.05)
                    proxy.reset() if number % 2 else proxy.finish()
                    await follower.until(lambda wanted=number + 2: follower.connected >= wanted)  # type: ignore[misc]
                await follower.until(lambda: follower.books[BTC].seq is not None)
            await equal(core, follower, twin)
        assert (follower.connected, twin.connected) == (7, 1)
    assert all(pause <= 0.5 for pause in follower.pauses)


async def test_row_08_pauses_grow_from_nothing_to_half_a_minute_with_full_jitter() -> None:
    chance = random.Random(1)  # noqa: S311 - jitter
    drawn = [[pause_s(failures, chance) for _ in range(400)] for failures in range(12)]

    assert set(drawn[0]) == {0.0}
    for failures, each in enumerate(drawn[1:], 1):
        bound = min(30.0, 0.5 * 2 ** (failures - 1))
        assert bound * 0.9 < max(each) <= bound
        assert min(each) < bound * 0.1


async def reconnect_all(clients: int) -> None:
    """Let so many clients lose their connection at once and check that all come back, spread, with the same book."""
    core = SmallCore()
    async with streams_of(core) as server, fault_proxy(server.port) as proxy:
        options: dict[str, Any] = {"ping_interval": None, "open_timeout": 60}
        followers = [Follower(url_of(proxy), BTC, seed=number, **options) for number in range(clients)]
        async with following(*followers):
            for each in followers:
                await each.until(lambda each=each: each.books[BTC].seq is not None, 60)  # type: ignore[misc]
            proxy.refuse = True
            proxy.reset()
            for each in followers:
                while len(each.pauses) < 2:  # noqa: ASYNC110 - its tries fail, nothing tells of them
                    await asyncio.sleep(0.01)
            proxy.refuse = False
            core.move(BTC, {9_000: 1})
            for each in followers:
                await each.until(lambda each=each: each.books[BTC].seq == 1, 60)  # type: ignore[misc]
            assert len(server.services.hub.clients) == clients
            second = sorted(each.pauses[1] for each in followers)
            assert all(pause <= 0.5 for pause in second)
            assert max(b - a for a, b in zip([0.0, *second], [*second, 0.5], strict=True)) < 0.5 * 20 / clients
            await equal(core, *followers)


async def test_row_09_a_hundred_clients_reconnect_at_once_and_all_come_back() -> None:
    await reconnect_all(100)


@pytest.mark.soak
async def test_row_09_a_thousand_clients_reconnect_at_once_and_all_come_back() -> None:
    await reconnect_all(1_000)


async def test_row_10_a_half_open_connection_is_noticed_on_both_sides_and_left() -> None:
    core = SmallCore()
    async with streams_of(core, ping_s=0.2, pong_s=0.3) as server, fault_proxy(server.port) as proxy:
        follower = Follower(url_of(proxy), BTC, ping_interval=0.2, ping_timeout=0.3, close_timeout=0.2, open_timeout=1)
        async with following(follower):
            await follower.until(lambda: follower.books[BTC].seq is not None)
            (before,) = server.services.hub.clients
            proxy.hold()
            async with asyncio.timeout(15):
                while before in server.services.hub.clients or follower.books[BTC].seq is not None:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            assert server.services.hub.counters.closed[1011] >= 1
            proxy.release()
            core.move(BTC, {9_000: 1})
            await equal(core, follower)


@pytest.mark.parametrize(
    ("frames", "resnapshots"),
    [(drop(5), 1), (drop(5, 6, 7, 20), 2)],
    ids=["one diff", "several"],
)
async def test_row_11_a_gap_in_the_book_is_mended_by_a_snapshot_and_nothing_crossed_is_shown(
    frames: Frames, resnapshots: int
) -> None:
    await mended(frames, resnapshots)


@pytest.mark.parametrize(
    ("frames", "resnapshots"),
    [(repeat(*range(2, 40)), 0), (delay(6, 3), 1), (delay(4, 1), 1)],
    ids=["every message twice", "one three late", "two swapped"],
)
async def test_row_12_repeated_and_reordered_messages_change_nothing(frames: Frames, resnapshots: int) -> None:
    await mended(frames, resnapshots)


async def test_row_13_diffs_that_come_before_their_snapshot_wait_for_it() -> None:
    await mended(delay(1, 4), 0)


async def test_row_13_a_snapshot_older_than_the_diffs_that_wait_is_asked_for_again() -> None:
    old: list[bytes] = []

    def stale(number: int, frame: bytes) -> list[bytes]:
        if number == 1:
            old.append(frame)
        if number == 5:
            return []
        if b'"snapshot"' in frame and number > 1 and len(old) == 1:
            old.append(frame)
            return [old[0]]  # the first snapshot again instead of the one that was asked for
        return [frame]

    await mended(stale, 2)


async def mended(frames: Frames, resnapshots: int) -> None:
    """Follow a moving book through changed frames; check that it ends equal, mended so many times."""
    core = SmallCore()
    async with streams_of(core) as server, fault_proxy(server.port) as proxy:
        proxy.frames = frames
        follower, twin = Follower(url_of(proxy), BTC), Follower(server.url, BTC)
        async with following(follower, twin):
            async with moving(core):
                await twin.until(lambda: (twin.books[BTC].seq or 0) > 60)
            await equal(core, follower, twin)
        assert (follower.connected, follower.resnapshots) == (1, resnapshots)


HANDSHAKE = (
    b"GET /v1/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


async def raw(server: Served) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return a socket after the handshake."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=2**20)
    writer.write(HANDSHAKE)
    assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
    return reader, writer


def frame(first: int, payload: bytes, *, size: int | None = None, mask: bool = True) -> bytes:
    """Return a client's frame; `size` lies about the length."""
    length = len(payload) if size is None else size
    head = bytes((first, (0x80 if mask else 0) | (length if length < 126 else 126 if length < 65_536 else 127)))
    if length >= 65_536:
        head += struct.pack("!Q", length)
    elif length >= 126:
        head += struct.pack("!H", length)
    return head + (b"\0\0\0\0" if mask else b"") + payload


CODES: dict[str, tuple[bytes, int]] = {
    "invalid UTF-8": (frame(0x81, b"\xff\xfe"), 1007),
    "UTF-8 cut between fragments": (frame(0x01, b'{"op":"\xe2\x82') + frame(0x80, b'"}'), 1007),
    "oversized": (frame(0x81, b"x" * 20_000), 1009),
    "oversized by its header": (frame(0x81, b"", size=2**62), 1009),
    "oversized in fragments": (frame(0x01, b"x" * 9_000) + frame(0x80, b"x" * 9_000), 1009),
    "not masked": (frame(0x81, b"{}", mask=False), 1002),
    "reserved bits": (frame(0xF1, b"{}"), 1002),
    "reserved opcode": (frame(0x83, b"{}"), 1002),
    "a fragmented ping": (frame(0x09, b"x"), 1002),
    "HTTP": (b"GET / HTTP/1.1\r\n\r\n", 1002),
    "a continuation of nothing": (frame(0x80, b"x"), 1002),
}


async def test_row_14_frames_that_are_none_close_with_their_code_and_harm_nobody() -> None:
    core = SmallCore()
    async with streams_of(core) as server, listening(server.url) as bystander:
        for name, (sent, code) in CODES.items():
            reader, writer = await raw(server)
            writer.write(sent)
            said = await asyncio.wait_for(reader.read(200), 5)
            assert (said[0], int.from_bytes(said[2:4], "big")) == (0x88, code), name
            writer.close()
        for broken in (frame(0x81, b"{}", size=100), frame(0x81, b"{}")[:3], b"\x81"):
            _, writer = await raw(server)
            writer.write(broken)
            await writer.drain()
            writer.transport.abort()
        assert (await bystander.ask("ping"))["ok"]
        async with asyncio.timeout(5):
            while len(server.services.hub.clients) > 1:  # noqa: ASYNC110 - the server's side of the ends
                await asyncio.sleep(0.01)
        closed = server.services.hub.counters.closed
        assert (closed[1007], closed[1009], closed[1002]) == (2, 3, 6)


@pytest.mark.soak
async def test_row_14_random_bytes_harm_nobody() -> None:
    chance, core = random.Random(2), SmallCore()  # noqa: S311 - a script, no secret
    async with streams_of(core) as server, listening(server.url) as bystander:
        for _ in range(3_000):
            _, writer = await raw(server)
            writer.write(chance.randbytes(chance.randrange(1, 200)))
            await writer.drain()
            writer.close() if chance.random() < 0.5 else writer.transport.abort()
        assert (await bystander.ask("ping"))["ok"]


async def deaf(server: Served, *channels: str) -> socket.socket:
    """Return a socket that subscribed and never reads again."""
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    plain.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(plain, ("127.0.0.1", server.port))
    names = ",".join(f'"{each}"' for each in channels)
    await loop.sock_sendall(plain, HANDSHAKE)
    assert b" 101 " in await loop.sock_recv(plain, 1_000)
    await loop.sock_sendall(plain, frame(0x81, f'{{"op":"subscribe","channels":[{names}]}}'.encode()))
    return plain


async def test_row_15_a_client_that_does_not_read_is_closed_and_the_others_miss_nothing() -> None:
    core = SmallCore()
    async with streams_of(core) as server, listening(server.url, f"trades:{BTC}") as reader:
        plain = await deaf(server, f"trades:{BTC}", f"book:{BTC}")
        async with asyncio.timeout(5):
            while len(server.services.hub.clients) < 2:  # noqa: ASYNC110 - the server's side of the handshake
                await asyncio.sleep(0.01)
        counters, sent = server.services.hub.counters, 0
        for sent in count(1):
            core.trade(BTC, 10_000, sent)
            core.move(BTC, {9_000: sent})
            if sent % 20 == 0:
                await reader.hear(20)
            if counters.closed[4008]:
                break
        await reader.hear(sent % 20)
        plain.close()

    assert [each["seq"] for each in reader.heard] == list(range(1, sent + 1))
    assert counters.conflated > 500
    assert counters.dropped > 1_000


async def test_row_15_a_client_of_books_alone_waits_in_one_place_and_is_closed_when_it_takes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "LINGER_S", 0.2)
    core = SmallCore()
    async with streams_of(core, stalled_s=1.0) as server:
        plain = await deaf(server, f"book:{BTC}")
        counters = server.services.hub.counters
        (client,) = server.services.hub.clients
        most = 0
        async with asyncio.timeout(20):
            while not counters.closed[4008]:
                for price in range(8_000, 8_200):
                    core.move(BTC, {price: 1 + counters.conflated % 7})
                most = max([most, *(each.waiting for each in server.services.hub.clients)])
                await asyncio.sleep(0.005)
        async with asyncio.timeout(5):
            while not cast(StreamProtocol, client.outlet).disconnected:  # noqa: ASYNC110 - nobody reads the goodbye
                await asyncio.sleep(0.02)
        plain.close()

    assert most == 1


async def connect_many(connections: int) -> None:
    """Come and go so many times, politely or not, and check that no file stays open."""
    core = SmallCore()
    async with streams_of(core) as server:
        async with connect(server.url):
            pass
        process = psutil.Process(os.getpid())
        before = process.num_fds()
        for number in range(connections):
            _, writer = await raw(server)
            if number % 3 == 0:
                writer.write(frame(0x81, b'{"op":"subscribe","channels":["book:BTC/USDT"]}'))
            if number % 3 == 1:
                writer.write(frame(0x88, struct.pack("!H", 1000)))
                await writer.drain()
            if number % 3 == 2:
                writer.transport.abort()
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
        async with asyncio.timeout(10):
            while server.services.hub.clients:  # noqa: ASYNC110 - the server's side of the ends
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        assert abs(process.num_fds() - before) <= 5
        assert server.services.channels.open == 0


async def test_row_41_no_file_stays_open_after_five_hundred_connections() -> None:
    await connect_many(500)


@pytest.mark.soak
async def test_row_41_no_file_stays_open_after_ten_thousand_connections() -> None:
    await connect_many(10_000)
