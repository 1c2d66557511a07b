"""A TCP proxy that does to a connection what networks do: delay, drip, stall, cut, reset, lose, repeat, reorder.

It stands between a client and a server on this machine. What goes from the server to the client can also be changed
by whole WebSocket frames (`frames`); the handshake before them passes as it is. All knobs may be turned while
connections are open and hold for every connection.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

CHUNK = 65_536

Frames = Callable[[int, bytes], Iterable[bytes]]
"""Takes the number of a frame within its connection (from 0) and the whole frame; gives what is sent instead."""


@dataclass(slots=True)
class _Pair:
    """One connection: both of its sockets and who pumps between them."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    pumps: list[asyncio.Task[None]] = field(default_factory=list)

    def end(self, *, reset: bool) -> None:
        for pump in self.pumps:
            pump.cancel()
        for side in (self.client, self.server):
            if reset:
                _reset(side)
            else:
                side.close()


class FaultProxy:
    """Forwards connections to a port of this machine, as badly as it is told to."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._pairs: list[_Pair] = []
        self._listener: asyncio.Server | None = None
        self._open = asyncio.Event()
        self._open.set()
        self.port = 0
        self.latency_s = 0.0
        """Added to every chunk, each way."""
        self.bytes_per_s: float | None = None
        """The pace of what goes to the client; None = as it comes."""
        self.plain = False
        """Whether what passes is no WebSocket, and so has no frames."""
        self.refuse = False
        """Whether new connections are reset at once."""
        self.swallow_replies = False
        """Whether what the server says is thrown away, while what the client says arrives."""
        self.cut_after: int | None = None
        """Reset a connection once so many bytes went to its client."""
        self.frames: Frames | None = None
        """What is done to the server's WebSocket frames."""
        self.accepted = 0
        """Connections that were let through."""

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._pairs)

    async def start(self) -> None:
        """Listen on a free port."""
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """End everything."""
        assert self._listener is not None
        self._listener.close()
        pumps = [pump for pair in self._pairs for pump in pair.pumps]
        self.reset()
        await asyncio.gather(*pumps, return_exceptions=True)

    def hold(self) -> None:
        """Go silent both ways with every socket open: half-open connections, new ones too."""
        self._open.clear()

    def release(self) -> None:
        """Forward again, beginning with what was held."""
        self._open.set()

    def reset(self) -> None:
        """Break all connections with RST."""
        for pair in tuple(self._pairs):
            pair.end(reset=True)

    def finish(self) -> None:
        """End all connections with FIN, in the middle of whatever is said."""
        for pair in tuple(self._pairs):
            pair.end(reset=False)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuse:
            _reset(writer)
            return
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            _reset(writer)
            return
        self.accepted += 1
        pair = _Pair(writer, server_writer)
        self._pairs.append(pair)
        pair.pumps = [
            asyncio.create_task(self._up(pair, reader, server_writer)),
            asyncio.create_task(self._down(pair, server_reader, writer)),
        ]
        await asyncio.gather(*pair.pumps, return_exceptions=True)
        self._pairs.remove(pair)
        pair.end(reset=False)

    async def _up(self, pair: _Pair, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(CHUNK):
                await self._pause()
                sink.write(data)
                await sink.drain()
        await self._open.wait()
        pair.pumps[1].cancel()

    async def _down(self, pair: _Pair, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        sent, split = 0, FrameSplitter()
        with suppress(ConnectionError):
            while data := await source.read(CHUNK):
                await self._pause()
                if self.swallow_replies:
                    continue
                data = data if self.plain else split.take(data, self.frames)
                if self.cut_after is not None and sent + len(data) >= self.cut_after:
                    await self._send(sink, data[: self.cut_after - sent])
                    pair.end(reset=True)
                    return
                await self._send(sink, data)
                sent += len(data)
        await self._open.wait()
        pair.pumps[0].cancel()

    async def _pause(self) -> None:
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        await self._open.wait()

    async def _send(self, sink: asyncio.StreamWriter, data: bytes) -> None:
        if self.bytes_per_s is None:
            sink.write(data)
        else:
            for at in range(len(data)):
                sink.write(data[at : at + 1])
                await asyncio.sleep(1 / self.bytes_per_s)
        await sink.drain()


class FrameSplitter:
    """Cuts what a WebSocket server sends into its frames (RFC 6455, section 5.2), the handshake first."""

    def __init__(self) -> None:
        self._rest = b""
        self._greeted = self._plain = False
        self._number = 0

    def take(self, data: bytes, change: Frames | None) -> bytes:
        """Return what is to be sent for some more bytes; an unfinished frame waits."""
        if self._plain:
            return data
        self._rest += data
        done: list[bytes] = []
        if not self._greeted:
            head, mark, rest = self._rest.partition(b"\r\n\r\n")
            if not mark:
                return b""
            done.append(head + mark)
            self._greeted, self._rest = True, rest
            if not head.startswith(b"HTTP/1.1 101"):  # no WebSocket: everything passes as it is
                self._rest, self._plain = b"", True
                return head + mark + rest
        while (size := self._frame_size()) is not None:
            frame, self._rest = self._rest[:size], self._rest[size:]
            done += [frame] if change is None else change(self._number, frame)
            self._number += 1
        return b"".join(done)

    def _frame_size(self) -> int | None:
        rest = self._rest
        if len(rest) < 2:
            return None
        size, head = rest[1] & 0x7F, 2
        if size == 126:
            size, head = int.from_bytes(rest[2:4], "big"), 4
        elif size == 127:
            size, head = int.from_bytes(rest[2:10], "big"), 10
        return head + size if len(rest) >= head + size else None


def drop(*numbers: int) -> Frames:
    """Lose the frames of these numbers."""
    return lambda number, frame: () if number in numbers else (frame,)


def repeat(*numbers: int) -> Frames:
    """Send the frames of these numbers twice."""
    return lambda number, frame: (frame, frame) if number in numbers else (frame,)


def truncate(number: int, to: int) -> Frames:
    """Send only the first bytes of a frame; what follows is read as the rest of it."""
    return lambda at, frame: (frame[:to],) if at == number else (frame,)


def delay(number: int, behind: int) -> Frames:
    """Send a frame after so many later ones."""
    kept: list[bytes] = []

    def change(at: int, frame: bytes) -> Iterable[bytes]:
        if at == number:
            kept.append(frame)
            return ()
        if at == number + behind and kept:
            return (frame, kept.pop())
        return (frame,)

    return change


@asynccontextmanager
async def fault_proxy(target: int) -> AsyncIterator[FaultProxy]:
    """Lend a proxy before a port of this machine."""
    proxy = FaultProxy(target)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    with suppress(OSError):  # it is closed already
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
