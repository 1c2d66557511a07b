"""Servers for tests: the application in this loop, or the whole program in a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from engine.server.app import make_app
from engine.server.services import Services
from engine.server.settings import load_settings
from tests.engine.server.opening import opened_at_once


@dataclass(slots=True)
class InLoop:
    """A server's parts and a client that calls its application without a socket."""

    services: Services
    http: httpx.AsyncClient


@asynccontextmanager
async def in_loop(data_dir: Path, **options: Any) -> AsyncIterator[InLoop]:  # noqa: ANN401 - settings
    """Lend a server that runs in this loop."""
    async with opened_at_once(load_settings(data_dir, **options)) as services:
        transport = httpx.ASGITransport(app=make_app(services), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://server.test") as http:
            yield InLoop(services, http)


@dataclass(slots=True)
class Program:
    """A server in its own process."""

    process: subprocess.Popen[bytes]
    data_dir: Path
    port: int

    @property
    def url(self) -> str:
        """Where REST is."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self, sent: int = signal.SIGTERM, timeout_s: float = 60.0) -> int:
        """Ask it to end and return its status."""
        if self.process.poll() is None:
            self.process.send_signal(sent)
        return self.process.wait(timeout_s)


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def program(
    data_dir: Path, *arguments: str, env: dict[str, str] | None = None, port: int | None = None
) -> Iterator[Program]:
    """Lend a server that runs in a process of its own; it is killed at the end if it still runs."""
    port = port or free_port()
    command = [sys.executable, "-m", "engine.cli", "server", "run", "--data-dir", str(data_dir), "--port", str(port)]
    with (data_dir.parent / f"{data_dir.name}.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, *arguments], stdout=log, stderr=log, env={**os.environ, **(env or {})}
        )  # fmt: skip
    running = Program(process, data_dir, port)
    try:
        wait_until_up(running)
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)


def wait_until_up(running: Program, timeout_s: float = 90.0) -> None:
    """Wait until it answers.

    Raises:
        RuntimeError: it ended, or did not answer in time.
    """
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        if running.process.poll() is not None:
            said = (running.data_dir.parent / f"{running.data_dir.name}.log").read_text(errors="replace")
            raise RuntimeError(f"the server ended with {running.process.returncode}: {said[-2000:]}")
        try:
            socket.create_connection(("127.0.0.1", running.port), timeout=2.0).close()
            return  # it listens once it can answer
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not answer in time")
