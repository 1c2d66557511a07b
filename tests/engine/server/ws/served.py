"""A server on a real socket in the test's own loop, and a plain client of its streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import uvicorn
from sqlalchemy import create_engine
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from engine.domain.order import AccountId
from engine.ports.clock import SystemClock
from engine.server.app import make_app
from engine.server.market import MarketView
from engine.server.principal import Principal
from engine.server.refusal import unauthorized
from engine.server.services import Services
from engine.server.settings import ServerSettings, Streams, load_settings
from engine.server.ws.endpoint import StreamEndpoint
from engine.server.ws.protocol import stream_options
from engine.server.ws.streams import opened
from tests.engine.server.opening import opened_at_once
from tests.engine.server.traders import Named
from tests.engine.server.ws.small import SmallCore


class Door(Named):
    """An authenticator for tests: tickets are what `issue` gave out, and each opens once; tokens are names."""

    def __init__(self) -> None:
        self._tickets: dict[str, Principal] = {}

    def issue(self, principal: Principal) -> str:
        """Return a new ticket."""
        ticket = f"ticket-{len(self._tickets)}-{principal.user_id}"
        self._tickets[ticket] = principal
        return ticket

    async def ticket(self, ticket: str, *, ip: str) -> Principal:
        """Return whose ticket it is."""
        found = self._tickets.pop(ticket, None)
        if found is None:
            raise unauthorized("This ticket is not good.")
        return found


def trader(user_id: int, *accounts: str, **changes: Any) -> Principal:  # noqa: ANN401 - fields
    """Return somebody with these accounts."""
    mine = tuple(AccountId(each) for each in accounts or (f"u{user_id}",))
    return replace(Principal(user_id, mine[0], mine, session_id=f"s{user_id}"), **changes)


@dataclass(slots=True)
class Served:
    """A running server."""

    services: Services
    port: int
    door: Door

    @property
    def url(self) -> str:
        """Where the streams are."""
        return f"ws://127.0.0.1:{self.port}/v1/ws"

    @property
    def rest(self) -> str:
        """Where REST is."""
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def served(data_dir: Path, **options: Any) -> AsyncIterator[Served]:  # noqa: ANN401 - settings
    """Lend a whole server; it is drained at the end."""
    async with opened_at_once(load_settings(data_dir, **options)) as services:
        services.authenticator = door = Door()
        async with _listening(make_app(services), services.settings) as port:
            yield Served(services, port, door)


@asynccontextmanager
async def streams_of(core: SmallCore, **limits: Any) -> AsyncIterator[Served]:  # noqa: ANN401 - fields of `Streams`
    """Lend the streams alone, over a small market."""
    settings = ServerSettings(
        data_dir=Path("unused"), allowed_origins=("https://desk.test",), streams=Streams(**limits)
    )
    view = MarketView(core.bus, core)
    await view.start()
    database = create_engine("sqlite://")
    async with opened(core.bus, SystemClock(), view, database, settings.streams) as (hub, channels):
        door = Door()
        parts = SimpleNamespace(
            settings=settings, core=core, bus=core.bus, hub=hub, channels=channels, authenticator=door
        )  # fmt: skip
        services = cast(Services, parts)
        app = Starlette(routes=[WebSocketRoute("/v1/ws", StreamEndpoint(services))])
        async with _listening(app, settings) as port:
            yield Served(services, port, door)
    view.close()
    database.dispose()


@asynccontextmanager
async def _listening(app: ASGIApp, settings: ServerSettings) -> AsyncIterator[int]:
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, http="httptools", lifespan="off", log_config=None, interface="asgi3",
        access_log=False, timeout_graceful_shutdown=3, **stream_options(settings),
    )  # fmt: skip
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()  # not `serve`: signals stay the test runner's
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        await server.shutdown()


class Listener:
    """A plain client: what it asked for and everything that came."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []
        """Messages of channels, in order."""

    async def ask(self, op: str, **rest: Any) -> dict[str, Any]:  # noqa: ANN401 - fields
        """Ask, and return the reply; what comes before it is kept."""
        await self.socket.send(msgspec.json.encode({"op": op, **rest}).decode())
        return await self.reply()

    async def reply(self) -> dict[str, Any]:
        """Return the next reply; what comes before it is kept."""
        while True:
            message: dict[str, Any] = msgspec.json.decode(await asyncio.wait_for(self.socket.recv(), 5))
            if "op" in message:
                return message
            self.heard.append(message)

    async def hear(self, count: int) -> None:
        """Wait for so many more messages of channels."""
        until = len(self.heard) + count
        while len(self.heard) < until:
            message = msgspec.json.decode(await asyncio.wait_for(self.socket.recv(), 5))
            if "ch" in message:
                self.heard.append(message)

    async def until(self, wanted: Callable[[dict[str, Any]], bool], timeout_s: float = 30.0) -> dict[str, Any]:
        """Return the first message, heard before or not, of which that is true."""
        seen = 0
        async with asyncio.timeout(timeout_s):
            while True:
                while seen < len(self.heard):
                    if wanted(self.heard[seen]):
                        return self.heard[seen]
                    seen += 1
                message = msgspec.json.decode(await self.socket.recv())
                if "ch" in message:
                    self.heard.append(message)


@asynccontextmanager
async def listening(url: str, *channels: str, **options: Any) -> AsyncIterator[Listener]:  # noqa: ANN401 - of connect
    """Lend a client that listens to channels."""
    async with connect(url, compression=None, **options) as socket:
        listener = Listener(socket)
        if channels:
            reply = await listener.ask("subscribe", channels=channels)
            assert reply["ok"], reply
        yield listener


async def end_of(socket: ClientConnection) -> int | None:
    """Read until the end; return the code that the server closed with."""
    with suppress(ConnectionClosed):
        async with asyncio.timeout(6):
            async for _ in socket:
                pass
    return socket.close_code
