"""WebSocket clients by the thousand, as cheap as a client can be: frames are cut, numbers and instants read.

What they measure is a server's part of the delay, so they must not be slow themselves: no library, no JSON.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from typing import cast

from engine.cli.bench.rounds import WrongAnswerError
from engine.errors import CrsError

FIRST_NUMBER, FIRST_INSTANT = 10**9, 10**18

_HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


_PING, _PONG = 0x89, 0x8A
"""First bytes of frames."""


class Listener(asyncio.Protocol):
    """One client: the number that it heard last, and how late each message was."""

    def __init__(self, late_ns: list[int]) -> None:
        self._late_ns = late_ns
        self._rest = b""
        self._transport: asyncio.Transport | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.last = 0
        self.missed = 0
        """Messages that did not come in their turn."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for a WebSocket."""
        self._transport = stream = cast(asyncio.Transport, transport)
        stream.write(_HANDSHAKE.format(path="/").encode())

    def connection_lost(self, _error: Exception | None) -> None:
        """Whoever waits must not wait for ever."""
        if not self.ready.done():
            self.ready.set_exception(CrsError("A server of the measurement let a client not in."))

    def data_received(self, data: bytes) -> None:
        """Cut frames, answer pings, note how late messages are."""
        now = time.monotonic_ns()
        rest = self._rest + data if self._rest else data
        if not self.ready.done():
            head, mark, rest = rest.partition(b"\r\n\r\n")
            if not mark:
                self._rest = head
                return
            self.ready.set_result(None)
        at = 0
        while (found := _frame(rest, at)) is not None:
            first, (begin, at) = rest[at], found
            if first == _PING and self._transport is not None:
                self._transport.write(bytes((_PONG, 0x80 | (at - begin), 0, 0, 0, 0)) + rest[begin:at])
            if rest[begin : begin + 7] != b'{"seq":':
                continue
            number = int(rest[begin + 7 : begin + 17]) - FIRST_NUMBER
            self._late_ns.append(now - (int(rest[begin + 23 : begin + 42]) - FIRST_INSTANT))
            self.missed += number != self.last + 1
            self.last = number
        self._rest = rest[at:]

    def close(self) -> None:
        """Go away."""
        if self._transport is not None:
            self._transport.abort()


def _frame(data: bytes, at: int) -> tuple[int, int] | None:
    """Return where the payload of the frame at a place begins and ends; None if it is not whole."""
    if len(data) < at + 2:
        return None
    size, begin = data[at + 1], at + 2
    if size == 126:
        size, begin = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
    elif size == 127:
        size, begin = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
    return (begin, begin + size) if len(data) >= begin + size else None


class Crowd:
    """So many clients of one port."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._clients: list[Listener] = []
        self.late_ns: list[int] = []

    async def gather(self, count: int) -> None:
        """Connect clients."""
        loop = asyncio.get_running_loop()
        for _ in range(count):
            _, client = await loop.create_connection(lambda: Listener(self.late_ns), "127.0.0.1", self._port)
            async with asyncio.timeout(10):
                await client.ready
            self._clients.append(client)

    async def heard(self, last: int, timeout_s: float = 20.0) -> list[int]:
        """Wait until everybody heard a message; return how late all of them were since the last call, in ns.

        Raises:
            WrongAnswerError: somebody did not hear all of them, each once and in order.
        """
        until = time.monotonic() + timeout_s
        while any(each.last != last for each in self._clients) and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        behind = sum(each.last != last or each.missed > 0 for each in self._clients)
        if behind:
            raise WrongAnswerError(f"{behind} of {len(self._clients)} clients did not hear everything in order.")
        heard = self.late_ns[:]
        self.late_ns.clear()
        return heard

    def close(self) -> None:
        """Let all of them go."""
        for each in self._clients:
            each.close()


async def deaf(port: int) -> Callable[[], None]:
    """Connect a client that never reads; return what ends it."""
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    plain.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(plain, ("127.0.0.1", port))
    await loop.sock_sendall(plain, _HANDSHAKE.format(path="/stalled").encode())
    await loop.sock_recv(plain, 1_000)
    return plain.close
