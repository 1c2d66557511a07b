"""One connection to a real server: how it stays, how it ends, what it says of that."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.adapters.crs import link
from engine.adapters.crs.http import CrsHttp
from engine.adapters.crs.link import Frame, Link
from engine.adapters.secrets.memory import MemorySecrets
from engine.bus import Bus
from engine.errors import NotACrsServer, VenueUnavailable
from engine.ports.server import ConnectionChanged, ConnectionState
from engine.server.auth import token
from engine.server.ws import hub
from engine.services.backoff import Backoff
from engine.services.session import ServerSession
from engine.wire.stream import Ask
from tests.engine.adapters.crs.canned import JSON, TIME, VERSION, canned
from tests.engine.adapters.crs.running_server import PASSWORD, RunningServer, running_server

pytestmark = pytest.mark.integration


class Listening:
    """A listener that keeps what it hears."""

    def __init__(self, *channels: str) -> None:
        self._channels = channels
        self.frames: list[Frame] = []
        self.said: list[str] = []
        self.good = True

    def channels(self) -> tuple[str, ...]:
        return self._channels

    def heard(self, frame: Frame) -> None:
        self.frames.append(frame)
        if not self.good:
            raise NotACrsServer("This cannot be.")

    def opened(self) -> None:
        self.said.append("opened")

    async def caught_up(self) -> None:
        self.said.append("caught up")

    def lost(self, text: str, retry_in_s: float) -> None:
        self.said.append(text)

    def quiet(self, seconds: float) -> None:
        self.said.append("quiet")


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    """A server whose access tokens end after three seconds, with a warning two seconds before."""
    monkeypatch.setattr(token, "ACCESS_S", 3)
    monkeypatch.setattr(hub, "WARNING_NS", 2 * 10**9)
    monkeypatch.setattr(hub, "SWEEP_S", 0.1)
    with running_server(tmp_path / "data") as found:
        yield found


async def online(bus: Bus) -> None:
    """Wait until a connection is there."""
    there = asyncio.Event()
    subscription = bus.subscribe(
        ConnectionChanged, lambda event: there.set() if event.state is ConnectionState.ONLINE else None
    )
    await asyncio.wait_for(there.wait(), 15)
    subscription.close()


async def test_a_stream_outlives_its_access_token_and_ends_with_a_reason(server: RunningServer) -> None:
    email, account = server.person()
    http, bus = CrsHttp(server.url, version="0.1.0"), Bus()
    session = ServerSession(http, MemorySecrets(), Bus())
    await session.sign_in(email, PASSWORD)
    hears = Listening("status", "journal")
    connection = Link(http, bus, (hears,), ticket=session.ticket, account=account)
    connection.start()
    await online(bus)
    await asyncio.sleep(4.0)
    server.pay(account, 5)
    await asyncio.sleep(0.3)

    assert connection.state is ConnectionState.ONLINE
    assert connection.connects == 1
    assert hears.said == ["opened", "caught up"]
    assert [frame for frame in hears.frames if frame.ch == "journal"], "and it is still told what is private"
    server.do(_close_all(server))
    await online(bus)
    assert "stops or begins anew" in hears.said[2]
    await connection.close()
    await http.close()


async def _close_all(server: RunningServer) -> None:
    for client in tuple(server.services.hub.clients):
        client.close(1001, "Going away.")


async def test_data_that_cannot_be_ends_the_connection_and_a_new_one_begins(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        http, bus = CrsHttp(server.url, version="0.1.0"), Bus()
        hears = Listening("book:BTC/USDT")
        connection = Link(http, bus, (hears,), backoff=Backoff(lambda _low, _high: 0.0))
        hears.good = False
        connection.start()
        await asyncio.sleep(0.5)
        hears.good = True
        await online(bus)

        assert "This cannot be." in hears.said
        await connection.close()
        assert connection.state is ConnectionState.CLOSED
        await http.close()


async def test_whoever_waits_for_an_answer_is_told_that_the_connection_broke(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_server(tmp_path / "data") as server:
        http, bus = CrsHttp(server.url, version="0.1.0"), Bus()
        connection = Link(http, bus, (Listening("status"),))
        connection.start()
        await online(bus)
        monkeypatch.setattr(connection, "_take", lambda _text: None)  # the answer comes too late

        asking = asyncio.create_task(connection.ask(Ask(op="ping")))
        await asyncio.sleep(0.05)
        connection.drop()
        with pytest.raises(VenueUnavailable, match="broke"):
            await asking

        await connection.close()
        await http.close()


async def test_what_opens_no_stream_is_told_and_tried_again_more_and_more_seldom() -> None:
    pages = {"/v1/version": VERSION, "/v1/time": TIME}
    said: list[ConnectionChanged] = []
    async with canned(lambda _method, path: (200, JSON, pages.get(path, b"{}"))) as found:
        http, bus = CrsHttp(found.url, version="0.1.0"), Bus()
        bus.subscribe(ConnectionChanged, said.append)
        connection = Link(http, bus, (), backoff=Backoff(lambda _low, high: high / 100))
        connection.start()
        await asyncio.sleep(0.5)
        await connection.close()
        await http.close()
    waits = [each.retry_in_s or 0.0 for each in said if each.state is ConnectionState.WAITING]

    assert waits[0] == 0
    assert waits[1:] == sorted(set(waits[1:]))
    assert len(waits) >= 4
    assert "no stream" in said[1].text
    assert link.QUIET_S < link.DEAD_S
