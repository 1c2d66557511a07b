"""Something that answers on a port, with whatever it is told to say: what a server is not, or once was."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Reply = tuple[int, dict[str, str], bytes]
JSON = {"content-type": "application/json"}
PROBLEM = {"content-type": "application/problem+json"}
VERSION = b'{"version":"0.1.0","oldest_client":"0.1.0","market":"demo"}'
TIME = b'{"time_ms":1700000000000,"market_ms":1700000000000}'


@dataclass(slots=True)
class Canned:
    """A port and what was asked there: method and path."""

    port: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is, without TLS."""
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def canned(say: Callable[[str, str], Reply], tls: ssl.SSLContext | None = None) -> AsyncIterator[Canned]:
    """Lend something that answers each request (method, path) as `say` does, and closes."""
    found = Canned()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first = await reader.readexactly(1)
            if first == b"\x16":  # a client that wants TLS: answered as any web server would
                writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
                return
            head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            method, target, _ = head.split("\r\n", 1)[0].split(" ")
            lines = [line.partition(":") for line in head.split("\r\n")[1:]]
            length = next((int(value) for name, _, value in lines if name.lower() == "content-length"), 0)
            await reader.readexactly(length)
            path = target.partition("?")[0]
            found.asked.append((method, path))
            status, headers, body = say(method, path)
            rows = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            writer.write(
                f"HTTP/1.1 {status} -\r\n{rows}content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body
            )
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    found.port = listener.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        listener.close()
        await listener.wait_closed()
