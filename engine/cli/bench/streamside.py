"""The servers of `crs bench streams`, each in a process of its own: `python -m engine.cli.bench.streamside ours|bare`.

`ours` is the hub, its channels and our WebSocket protocol on uvicorn; `bare` is the `websockets` library's own
broadcast. It says its port, then answers each line of its input: `go COUNT HZ` sends so many messages to everybody
and answers with the CPU seconds that took. Messages carry their number and the instant of sending, both with a fixed
number of digits. A client of `/stalled` is also flooded, so that it is behind at once if it does not read.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.types import Receive, Scope, Send
from websockets.asyncio.server import ServerConnection, broadcast, serve

from engine.bus import Bus
from engine.ports.clock import SystemClock
from engine.server.descriptors import allow_many_files
from engine.server.settings import ServerSettings
from engine.server.ws.channel import Channel
from engine.server.ws.hub import Hub
from engine.server.ws.outlet import EXTENSION
from engine.server.ws.protocol import stream_options

FIRST_NUMBER, FIRST_INSTANT = 10**9, 10**18
"""Added to numbers and instants so that they have the same number of digits."""

FILLING = "x" * 240
"""Makes a message as long as one of a ticker."""

FLOOD = b'{"flood":"' + b"x" * 400_000 + b'"}'


def message(number: int) -> bytes:
    """Return a message as of now."""
    instant = FIRST_INSTANT + time.monotonic_ns()
    return b'{"seq":%d,"at":%d,"text":"%s"}' % (FIRST_NUMBER + number, instant, FILLING.encode())


@contextlib.asynccontextmanager
async def ours() -> AsyncIterator[tuple[int, Callable[[int], None], Callable[[], dict[str, int]]]]:
    """Lend the port of our server, what sends a message, and its counts."""
    settings = ServerSettings(data_dir=Path("unused"))
    hub = Hub(Bus(), SystemClock(), settings.streams)
    hub.start()
    told, flood = Channel("bench"), Channel("flood")

    async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        client = hub.open(scope["extensions"][EXTENSION], ip="127.0.0.1")
        await send({"type": "websocket.accept"})
        for channel in (told, flood) if scope["path"] == "/stalled" else (told,):
            hub.listen(client, channel)
        while (await receive())["type"] != "websocket.disconnect":
            pass
        hub.drop(client)

    def tell(number: int) -> None:
        if flood.clients:
            flood.replace(FLOOD)
        told.publish(message(number))

    def counts() -> dict[str, int]:
        return {"clients": len(hub.clients), "conflated": hub.counters.conflated, "slow": hub.counters.closed[4008]}

    app = Starlette(routes=[WebSocketRoute(path, Raw(endpoint)) for path in ("/", "/stalled")])
    config = uvicorn.Config(
        app, port=0, http="httptools", lifespan="off", log_config=None, **stream_options(settings)
    )  # fmt: skip
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    yield server.servers[0].sockets[0].getsockname()[1], tell, counts
    await hub.close()
    await server.shutdown()


class Raw:
    """An ASGI application, for a router that would take a plain function for a view."""

    def __init__(self, application: Any) -> None:  # noqa: ANN401 - an ASGI application
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on."""
        await self._application(scope, receive, send)


@contextlib.asynccontextmanager
async def bare() -> AsyncIterator[tuple[int, Callable[[int], None], Callable[[], dict[str, int]]]]:
    """Lend the same of the library's own server."""
    connections: set[ServerConnection] = set()

    async def handle(connection: ServerConnection) -> None:
        connections.add(connection)
        await connection.wait_closed()
        connections.discard(connection)

    async with serve(handle, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield (
            port,
            lambda number: broadcast(connections, message(number).decode()),
            lambda: {"clients": len(connections)},
        )


async def _serve(what: str) -> None:
    loop = asyncio.get_running_loop()
    number = 0
    async with {"ours": ours, "bare": bare}[what]() as (port, tell, counts):
        _say({"port": port})
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            words = line.split()
            if words[0] == "counts":
                _say(counts())
                continue
            count, pause = int(words[1]), 1 / float(words[2])
            due, begun = loop.time(), time.process_time()
            for _ in range(count):
                number += 1
                tell(number)
                due += pause
                await asyncio.sleep(max(0.0, due - loop.time()))
            _say({"cpu_s": time.process_time() - begun, "last": number})


def _say(values: dict[str, Any]) -> None:
    print(json.dumps(values), flush=True)


if __name__ == "__main__":
    allow_many_files()
    uvloop.run(_serve(sys.argv[1]))
