"""The implementations that the contract suites run on: an engine per offline market, and an account on a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from engine.adapters.secrets.memory import MemorySecrets
from engine.bootstrap import Engine, open_engine
from engine.bootstrap.public import PublicEngine, open_public
from engine.bootstrap.remote import RemoteEngine, close_server, find_server, open_remote
from engine.bus import Bus
from engine.domain.market import BookDiff
from engine.domain.number import NANOS_PER_SECOND, Ticks
from engine.ports.feed import MarketFeed
from engine.ports.venue import Venue
from engine.profile import Profile
from engine.settings import Settings, changed, save
from tests.engine.adapters.crs.running_server import PASSWORD, RunningServer, running_server
from tests.engine.bootstrap.played_exchange import PlayedExchange

KINDS = ("simulated", "replay", "server", "public")


class Running:
    """A venue and its feed, some seconds into their life."""

    moves = False
    """Whether the market goes on by itself."""

    def __init__(self, engine: Engine | RemoteEngine | PublicEngine, kind: str) -> None:
        self.kind = kind
        self.bus: Bus = engine.bus
        self.venue: Venue = engine.venue
        self.feed: MarketFeed = engine.feed
        self._engine = engine

    def best_bid(self, symbol: str) -> Ticks:
        """Return the best displayed bid."""
        return self.feed.snapshot(symbol, 1).bids[0].price

    def last_price(self, symbol: str) -> int | None:
        """Return the price of the newest print."""
        assert isinstance(self._engine, Engine)
        return self._engine.venue.market.exchange.book(symbol).last_price

    async def more(self) -> None:
        """Let some more happen in the market."""
        assert isinstance(self._engine, Engine)
        for _ in range(10):
            await self._engine.runner.step()


class RunningAccount(Running):
    """Likewise on a server, of which the market cannot be held still."""

    moves = True

    def last_price(self, symbol: str) -> int | None:
        """Return the price of the newest print."""
        return self._engine.market_data.last_price(symbol)

    async def more(self) -> None:
        """Wait until some more has happened."""
        enough, diffs = asyncio.Event(), list[BookDiff]()

        def hear(diff: BookDiff) -> None:
            diffs.append(diff)
            if len(diffs) == 20:
                enough.set()

        subscription = self.bus.subscribe(BookDiff, hear)
        await asyncio.wait_for(enough.wait(), 10)
        subscription.close()


class RunningPublic(Running):
    """Paper trading on a public exchange, here one that is played from the shipped recording."""

    def last_price(self, symbol: str) -> int | None:
        """Return the price of the newest print."""
        return self._engine.market_data.last_price(symbol)

    async def more(self) -> None:
        """Let some more happen in the market."""
        assert isinstance(self._engine, PublicEngine)
        feed = self._engine.feed
        assert isinstance(feed, PlayedExchange)
        feed.play(10 * NANOS_PER_SECOND)


@asynccontextmanager
async def public(profile_dir: Path) -> AsyncIterator[PublicEngine]:
    """Lend a new account on a public exchange, without latency."""
    profile, bus = Profile(profile_dir), Bus()
    profile.create()
    save(changed(Settings(), "market.latency", "off"), profile.settings_file)
    feed = PlayedExchange(bus)
    engine = await open_public(profile, "binance", feed=feed, bus=bus)
    try:
        feed.play(5 * NANOS_PER_SECOND)
        yield engine
    finally:
        await engine.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One server for a module's tests."""
    with running_server(tmp_path_factory.mktemp("server") / "data") as found:
        yield found


@asynccontextmanager
async def account_on(server: RunningServer, profile_dir: Path) -> AsyncIterator[RemoteEngine]:
    """Lend a new person's account as an engine."""
    email, _ = server.person()
    session = await find_server(Profile(profile_dir), server.url, MemorySecrets())
    try:
        await session.sign_in(email, PASSWORD)
        engine = await open_remote(Profile(profile_dir), session)
        try:
            yield engine
        finally:
            await engine.close()
    finally:
        await close_server(session)


@pytest.fixture(params=KINDS)
async def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """Each implementation, some seconds into its life; the offline ones are held still."""
    profile_dir = tmp_path_factory.mktemp("profile")
    if request.param == "server":
        async with account_on(request.getfixturevalue("server"), profile_dir) as remote:
            yield RunningAccount(remote, request.param)
        return
    if request.param == "public":
        async with public(profile_dir) as engine_there:
            yield RunningPublic(engine_there, request.param)
        return
    engine = await open_engine(Profile(profile_dir), market=request.param, seed=11)
    engine.runner.pause()
    for _ in range(5):
        await engine.runner.step()
    yield Running(engine, request.param)
    await engine.close()
