"""A whole server on a real socket, in a thread of its own, shared by the tests of a module; and people to sign in."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import uvicorn

from engine.domain.command import Deposit
from engine.domain.number import Units
from engine.domain.order import AccountId
from engine.server.app import make_app
from engine.server.auth.staff import Staff
from engine.server.limits.port import Unlimited
from engine.server.services import Services
from engine.server.settings import load_settings
from engine.server.ws.protocol import stream_options
from tests.engine.server.opening import opened_at_once

T = TypeVar("T")

PASSWORD = "correct horse battery staple 7"
_NUMBERS = count(1)


@dataclass(slots=True)
class RunningServer:
    """A server and its loop."""

    services: Services
    port: int
    _loop: asyncio.AbstractEventLoop

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something on the server's loop and return what came of it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    def hold_market(self, *, still: bool = True) -> None:
        """Let the simulated flow rest, or go on."""
        runner = self.services.core._engine.runner  # type: ignore[attr-defined]  # of the core in this process
        self._loop.call_soon_threadsafe(runner.pause if still else runner.resume)

    def person(self, *, usdt: int = 100_000) -> tuple[str, AccountId]:
        """Add a user with money; return the e-mail address and the account."""
        email = f"trader{next(_NUMBERS)}@example.org"
        listed = Staff(self.services.identity.parts).add_user(email, PASSWORD)
        account = AccountId(listed.accounts[0].account)
        if usdt:
            self.pay(account, usdt)
        return email, account

    def pay(self, account: AccountId, amount: int, asset: str = "USDT") -> None:
        """Give an account money."""
        self.do(self.services.core.carry_out(Deposit(account, asset, Units(amount * 10**18))))


@contextmanager
def running_server(data_dir: Path, **options: Any) -> Iterator[RunningServer]:  # noqa: ANN401 - settings
    """Lend a server; it is drained at the end."""
    ready: Future[RunningServer] = Future()
    stop: list[Any] = []

    async def live() -> None:
        loop, ending = asyncio.get_running_loop(), asyncio.Event()
        stop.append(lambda: loop.call_soon_threadsafe(ending.set))
        async with opened_at_once(load_settings(data_dir, **options)) as services:
            services.limiter = Unlimited()  # all tests come from one address
            config = uvicorn.Config(
                make_app(services), host="127.0.0.1", port=0, lifespan="off", log_config=None, access_log=False,
                timeout_graceful_shutdown=2, interface="asgi3", **stream_options(services.settings),
            )  # fmt: skip
            config.load()
            server = uvicorn.Server(config)
            server.lifespan = config.lifespan_class(config)
            await server.startup()
            ticking = asyncio.create_task(server.main_loop())
            port = server.servers[0].sockets[0].getsockname()[1]
            ready.set_result(RunningServer(services, port, loop))
            await ending.wait()
            server.should_exit = True
            await ticking
            await server.shutdown()

    def run() -> None:
        try:
            asyncio.run(live())
        except BaseException as error:
            if not ready.done():
                ready.set_exception(error)
            else:
                raise

    thread = threading.Thread(target=run, name="test server", daemon=True)
    thread.start()
    try:
        yield ready.result(60)
    finally:
        if stop:
            stop[0]()
        thread.join(30)
