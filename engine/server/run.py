"""Running a server: sockets, parts, application; from the first byte to a drained end.

The order of the end: nothing new is accepted and sockets are told that the server goes away, requests under way are
answered, the journal is flushed and the market's state kept, the ports are given back.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import uvicorn

from engine.errors import InvalidSetting
from engine.server.app import make_app
from engine.server.assembly import assembled
from engine.server.control import shown
from engine.server.descriptors import allow_many_files
from engine.server.http.protocol import guarded
from engine.server.listening import Listener, address_of, asked_to_stop, taken
from engine.server.logs import logged
from engine.server.observe.routes import metrics_route
from engine.server.ops.app import make_ops_app
from engine.server.services import Services
from engine.server.settings import ServerSettings
from engine.server.ws.protocol import stream_options

if TYPE_CHECKING:
    from socket import socket

OPS_DRAIN_S = 1

COLLECTED = (20_000, 20, 50)
"""New objects between searches of the young, and searches of each generation before one of the next."""

log = logging.getLogger(__name__)


def serve(settings: ServerSettings) -> int:
    """Run until SIGTERM or SIGINT; return the exit status.

    Raises:
        CrsError: a port, the data directory, a database or the disk is in the way; the sentence says which.
        InvalidSetting: there would be no market.
    """
    if settings.market == "none" and not settings.upstream:
        raise InvalidSetting("--market none needs --upstream: the server would have no market at all.")
    allow_many_files()
    gc.disable()  # until it is up: what a start makes stays, and to search it over and over takes a quarter of its time
    try:
        return _served(settings)
    finally:
        gc.enable()


def _served(settings: ServerSettings) -> int:
    with logged(settings), asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_serve(settings))


async def _serve(settings: ServerSettings) -> int:
    if settings.is_readable_outside:
        log.warning(
            "plain HTTP leaves this machine: put TLS in front and set behind_tls", extra={"host": settings.host}
        )
    with ExitStack() as stack:
        main = stack.enter_context(taken(settings.host, settings.port))
        ops = stack.enter_context(taken(settings.ops_host, settings.ops_port, "ops_port in server.toml"))
        stop = stack.enter_context(asked_to_stop())
        async with assembled(settings) as services:
            token = None if settings.is_gateway else stack.enter_context(shown(settings.control_file, address_of(ops)))
            _spare_the_collector()
            await _until(stop, services, main, ops, token)
    log.info("server ended")
    return 0


async def _until(stop: asyncio.Event, services: Services, main: socket, ops: socket, token: str | None) -> None:
    """Serve until the event is set, then until what is under way has been answered."""
    server = Listener(_config(services), lambda: _say(services, address_of(main)))
    second = Listener(_ops_config(services, token))
    serving = [
        asyncio.create_task(each.serve(sockets=[on]), name=name)
        for each, on, name in ((server, main, "server"), (second, ops, "ops"))
    ]
    asked = asyncio.create_task(stop.wait(), name="asked to stop")
    try:
        await asyncio.wait((asked, *serving), return_when=asyncio.FIRST_COMPLETED)
        services.stopping.set()
        server.should_exit = True
        await serving[0]
    finally:
        second.should_exit = True
        asked.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


def _config(services: Services) -> uvicorn.Config:
    settings = services.settings
    return uvicorn.Config(
        make_app(services),
        interface="asgi3",
        http=guarded(services.keeper, settings.request_timeout_s),
        **stream_options(settings),
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=int(settings.drain_s),
    )


def _ops_config(services: Services, token: str | None) -> uvicorn.Config:
    return uvicorn.Config(
        make_ops_app(services, token, metrics_route(services)),
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=OPS_DRAIN_S,
    )


def _say(services: Services, address: str) -> None:
    """Print the line that says where the server is, and one for each upstream market."""
    settings = services.settings
    print(f"CRS server listens on {address} (market {settings.market}, data in {settings.data_dir}).", flush=True)
    for hall in services.halls.values():
        if hall.hall is not None:
            print(f"{hall.hall.title} is at {address}/{hall.hall.name} (paper accounts).", flush=True)


def _spare_the_collector() -> None:
    """Keep what was loaded out of the collector's search, and let it search less often: a sixth of an order's cost."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED)
    gc.enable()


def _loop_factory() -> Any:  # noqa: ANN401 - a callable that makes a loop
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return asyncio.new_event_loop
    return uvloop.new_event_loop
