"""A whole server on a socket, in a thread of its own, with people who come back when they are thrown out."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

import httpx
import uvicorn

from engine.domain.command import Deposit
from engine.domain.number import Units
from engine.domain.order import AccountId
from engine.server.app import make_app
from engine.server.http.protocol import guarded
from engine.server.listening import Listener
from engine.server.principal import Role
from engine.server.ws.protocol import stream_options
from tests.engine.server.auth.house import House, Person, house

T = TypeVar("T")
ASSETS = ("USDT", "BTC", "ETH")
TOKEN_S = 300.0
"""After this long somebody signs in again, well before the token ends."""
RESIDENTS = ("trader", "admin", "stepped_up")


@dataclass(slots=True)
class Town:
    """The server and who lives there; every method may be called from the test's thread."""

    house: House
    loop: asyncio.AbstractEventLoop
    url: str
    client: httpx.Client
    people: dict[str, Person] = field(default_factory=dict)
    came_s: dict[str, float] = field(default_factory=dict)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Let the server's loop do something, and return what came of it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    @property
    def key(self) -> tuple[str, str]:
        """Make an API key of the trader's that reads and trades; return it and its secret."""
        made = self.house.staff.add_key("trader@crs.example", "fuzz")
        return made.api_key, made.secret

    def headers(self, name: str, *, fresh: bool = False) -> dict[str, str]:
        """Return what somebody shows; a stranger shows nothing, `stepped_up` is an admin who proved presence."""
        if name == "stranger":
            return {}
        if fresh or name not in self.people or time.monotonic() - self.came_s[name] > TOKEN_S:
            self.people[name] = self.do(self._come(name))
            self.came_s[name] = time.monotonic()
        return self.people[name].bearer

    async def _come(self, name: str) -> Person:
        """Let somebody sign in, whatever was done to that person before."""
        role = Role.TRADER if name == "trader" else Role.ADMIN
        person = self.people.get(name) or self.house.person(f"{name}@crs.example", role)
        self.house.staff.unlock(person.user_id)
        self.house.staff.set_role(person.user_id, role)
        answer = await person.login()
        assert answer.status_code == httpx.codes.OK, answer.text
        if name == "stepped_up":
            await person.step_up()
        for asset in ASSETS:
            money = Deposit(AccountId(person.account), asset, Units(10**24))
            await self.house.services.core.carry_out(money)
        return person


@contextmanager
def town(data_dir: Path, **options: Any) -> Iterator[Town]:  # noqa: ANN401 - settings
    """Lend a server that listens; its limits are off unless they are asked for."""
    opened: SimpleQueue[tuple[House, asyncio.AbstractEventLoop, int] | BaseException] = SimpleQueue()
    stop = asyncio.Event()

    async def live() -> None:
        async with house(data_dir, **options) as here:
            services = here.services
            config = uvicorn.Config(
                make_app(services), host="127.0.0.1", port=0, lifespan="off", log_config=None, access_log=False,
                server_header=False, timeout_graceful_shutdown=2, **stream_options(services.settings),
                interface="asgi3", http=guarded(services.keeper, services.settings.request_timeout_s),
            )  # fmt: skip
            server = Listener(config, lambda: opened.put((here, loop, server.servers[0].sockets[0].getsockname()[1])))
            loop = asyncio.get_running_loop()
            serving = asyncio.create_task(server.serve())
            await stop.wait()
            server.should_exit = True
            await serving

    def run() -> None:
        try:
            asyncio.run(live())
        except BaseException as error:
            opened.put(error)

    thread = threading.Thread(target=run, name="town")
    thread.start()
    found = opened.get(timeout=60)
    if isinstance(found, BaseException):
        raise found
    here, loop, port = found
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=url, timeout=30) as client:
            opened_town = Town(here, loop, url, client)
            for name in RESIDENTS:  # before somebody signs up under their addresses
                opened_town.headers(name)
            yield opened_town
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
