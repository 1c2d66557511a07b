"""Exchanges on this machine and a server over them: for tests of halls."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from engine.adapters.exchanges.loopback.server import Loopback
from engine.server.limits.port import Unlimited
from engine.server.services import Services
from tests.engine.adapters.exchanges.loopback import demo, loopback
from tests.engine.server.traders import of
from tests.engine.server.ws.served import Served, served

PAIRS = ("BTC/USDT", "ETH/USDT")
BUY = {"symbol": "BTC/USDT", "side": "buy", "type": "market", "qty": "0.01"}


@dataclass(slots=True)
class District:
    """A server, what it is connected to, and a client of it."""

    server: Served
    venues: dict[str, Loopback]
    http: httpx.AsyncClient

    def hall(self, name: str) -> Services:
        """Return the parts of a hall."""
        return self.server.services.halls[name]

    def streams(self, name: str) -> str:
        """Return where the streams of a hall are."""
        return f"ws://127.0.0.1:{self.server.port}/{name}/v1/ws"

    async def venue(self, name: str) -> dict[str, Any]:
        """Return what the server tells of a venue."""
        told = (await self.http.get("/v1/venues")).json()["venues"]
        return next(each for each in told if each["name"] == name)

    async def is_synced(self, name: str) -> bool:
        """Whether a hall's data is whole."""
        return bool((await self.venue(name))["state"] == "synced")

    async def send(self, hall: str, who: str, order: dict[str, Any]) -> httpx.Response:
        """Send an order."""
        return await self.http.post(f"/{hall}/v1/orders", json=order, headers=of(who))

    async def balances(self, hall: str, who: str) -> dict[str, str]:
        """Return what somebody has free, by asset."""
        told = (await self.http.get(f"/{hall}/v1/balances", headers=of(who))).json()
        return {each["asset"]: each["free"] for each in told["balances"]}


@asynccontextmanager
async def district(data_dir: Path, *names: str, **options: Any) -> AsyncIterator[District]:  # noqa: ANN401 - settings
    """Lend a server over loopback exchanges whose time runs as ours, all of them in sync."""
    async with AsyncExitStack() as stack:
        venues = {}
        for seed, name in enumerate(names, 3):
            venues[name] = await stack.enter_async_context(loopback(demo(*PAIRS, seed=seed), name))
            venues[name].stage.run(1.0)
        told = {"market": "none", "upstream": names, "upstream_pairs": PAIRS, "limits": "off"}
        urls = {name: venue.rest_url for name, venue in venues.items()}
        server = await stack.enter_async_context(served(data_dir, **{**told, "upstream_urls": urls, **options}))
        server.services.limiter = Unlimited()
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=server.rest, timeout=20))
        found = District(server, venues, http)
        for name in names:
            await until(lambda name=name: found.is_synced(name))  # type: ignore[misc]
        yield found


async def until(wanted: Callable[[], Any], timeout_s: float = 15.0) -> Any:  # noqa: ANN401 - what it returns
    """Wait until something is true, and return it."""
    async with asyncio.timeout(timeout_s):
        while True:
            found = wanted()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return found
            await asyncio.sleep(0.02)
