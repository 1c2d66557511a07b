"""The proxy itself does what its knobs say: a broken tool would prove nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.faults.proxy import FaultProxy, Frames, delay, drop, fault_proxy, repeat, truncate


async def counting(socket: ServerConnection) -> None:
    """Send the numbers up to nine, then echo."""
    for number in range(10):
        await socket.send(str(number))
    async for message in socket:
        await socket.send(message)


@asynccontextmanager
async def counting_behind() -> AsyncIterator[tuple[FaultProxy, str]]:
    """Lend a server that counts, behind the proxy."""
    async with (
        serve(counting, "127.0.0.1", 0, compression=None) as server,
        fault_proxy(server.sockets[0].getsockname()[1]) as proxy,
    ):
        yield proxy, f"ws://127.0.0.1:{proxy.port}/"


async def heard(url: str, count: int) -> list[str]:
    """Return the first messages that come."""
    async with connect(url, compression=None) as socket:
        return [str(await asyncio.wait_for(socket.recv(), 3)) for _ in range(count)]


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        (None, "0123456789"),
        (drop(3, 4), "01256789"),
        (repeat(0, 9), "001234567899"),
        (delay(2, 3), "0134526789"),
    ],
    ids=["nothing", "drop", "repeat", "delay"],
)
async def test_whole_frames_are_lost_repeated_and_reordered(frames: Frames | None, expected: Iterable[str]) -> None:
    async with counting_behind() as (proxy, url):
        proxy.frames = frames
        assert await heard(url, len(list(expected))) == list(expected)


async def test_a_truncated_frame_swallows_what_follows() -> None:
    async with counting_behind() as (proxy, url):
        proxy.frames = truncate(1, 2)
        with pytest.raises(ConnectionClosed):
            assert await heard(url, 10) == []


async def test_a_reset_and_a_cut_end_a_connection_without_a_goodbye() -> None:
    async with counting_behind() as (proxy, url):
        async with connect(url, compression=None) as socket:
            await socket.recv()
            proxy.reset()
            with pytest.raises(ConnectionClosed) as ended:
                await heard_all(socket)
            assert ended.value.rcvd is None
        proxy.cut_after = 140
        with pytest.raises((OSError, InvalidHandshake, ConnectionClosed)):
            await heard(url, 10)
        assert proxy.accepted == 2


async def heard_all(socket: ClientConnection) -> None:
    """Read until it breaks."""
    while True:
        await socket.recv()


async def test_a_held_connection_is_silent_both_ways_and_goes_on_when_released() -> None:
    async with counting_behind() as (proxy, url), connect(url, compression=None, ping_interval=None) as socket:
        for _ in range(10):
            await socket.recv()
        proxy.hold()
        await socket.send("hello")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.recv(), 0.2)
        proxy.release()
        assert await asyncio.wait_for(socket.recv(), 3) == "hello"


async def test_latency_and_a_slow_drip_take_their_time_and_a_refusal_none() -> None:
    async with counting_behind() as (proxy, url):
        proxy.latency_s = 0.1
        begun = time.monotonic()
        await heard(url, 1)
        assert time.monotonic() - begun >= 0.2  # the handshake goes there and back
        proxy.latency_s, proxy.bytes_per_s = 0.0, 2_000.0
        assert await heard(url, 10) == list("0123456789")
        proxy.refuse = True
        with pytest.raises((OSError, InvalidHandshake)):
            await heard(url, 1)


async def test_replies_are_swallowed_while_asks_arrive() -> None:
    async with counting_behind() as (proxy, url), connect(url, compression=None) as socket:
        for _ in range(10):
            await socket.recv()
        proxy.swallow_replies = True
        await socket.send("lost")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.recv(), 0.2)
        proxy.swallow_replies = False
        await socket.send("kept")
        assert await asyncio.wait_for(socket.recv(), 3) == "kept"
