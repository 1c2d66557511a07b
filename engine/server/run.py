"""Running a server: parts, application, sockets; from the first byte to a drained end."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import uvicorn

from engine.server.app import make_app
from engine.server.assembly import assembled
from engine.server.descriptors import allow_many_files
from engine.server.http.protocol import guarded
from engine.server.settings import ServerSettings
from engine.server.ws.protocol import stream_options

log = logging.getLogger(__name__)


def serve(settings: ServerSettings) -> int:
    """Run until SIGTERM or SIGINT; return the exit status."""
    allow_many_files()
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_serve(settings))


async def _serve(settings: ServerSettings) -> int:
    async with assembled(settings) as services:
        config = uvicorn.Config(
            make_app(services),
            host=settings.host,
            port=settings.port,
            http=guarded(services.keeper, settings.request_timeout_s),
            **stream_options(settings),
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=int(settings.drain_s),
        )
        server = uvicorn.Server(config)
        await server.serve()
        return 0 if server.started else 1


def _loop_factory() -> Any:  # noqa: ANN401 - a callable that makes a loop
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return asyncio.new_event_loop
    return uvloop.new_event_loop
