"""Requests over many connections at once, as cheap as a client can be: the answers are counted, not understood."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from engine.errors import CrsError


class Answered(NamedTuple):
    """What came back."""

    statuses: dict[int, int]
    """How often each status was answered."""
    wall_s: float
    latencies_ms: list[float]


async def post(port: int, requests: Sequence[bytes], connections: int) -> Answered:
    """Send prepared HTTP/1.1 requests, each connection one after the other, and wait for every answer.

    Raises:
        CrsError: a connection broke.
    """
    pending = iter(requests)
    answered = Answered({}, 0.0, [])
    begun = time.perf_counter()
    await asyncio.gather(*(_connection(port, lambda: next(pending, None), answered) for _ in range(connections)))
    return answered._replace(wall_s=time.perf_counter() - begun)


async def _connection(port: int, following: Callable[[], bytes | None], answered: Answered) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while (request := following()) is not None:
            begun = time.perf_counter()
            writer.write(request)
            status = await _answer(reader)
            answered.latencies_ms.append((time.perf_counter() - begun) * 1000)
            answered.statuses[status] = answered.statuses.get(status, 0) + 1
    except (OSError, asyncio.IncompleteReadError, ValueError) as error:
        raise CrsError(f"A connection of the load broke: {error}.") from error
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lowered = head.lower()
    place = lowered.index(b"content-length:") + 15
    length = int(lowered[place : lowered.index(b"\r\n", place)])
    if length:
        await reader.readexactly(length)
    return int(head[9:12])


def request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return a POST as bytes."""
    told = {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body
