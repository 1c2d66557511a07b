"""Lines against a small server of our own: bursts, limits, subscriptions that outlive connections."""

from __future__ import annotations

import asyncio
import http
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from engine.adapters.exchanges.book.sync import Rule
from engine.adapters.exchanges.book.unnumbered import UnnumberedRule
from engine.adapters.exchanges.dialect.stream import Channel
from engine.adapters.exchanges.net import line as line_module
from engine.adapters.exchanges.net import socket as socket_module
from engine.adapters.exchanges.net.line import LinePlan
from engine.adapters.exchanges.net.lines import Lines
from engine.adapters.exchanges.net.socket import SocketLimits
from engine.adapters.exchanges.wire.heard import Answered, GoingAway, Heard, Numbered, TickerHeard
from engine.errors import Garbled
from tests.engine.adapters.exchanges.following import until

pytestmark = pytest.mark.integration

BOTH = (Channel.BOOK, Channel.TRADES)


class PlainDialect:
    """Words of a venue that says numbers, and answers every message."""

    venue = "plain"

    def hear(self, frame: str | bytes) -> Sequence[Heard]:
        try:
            said = json.loads(frame)
        except ValueError as error:
            raise Garbled("no JSON") from error
        if said == "bye":
            return (GoingAway("soon"),)
        if isinstance(said, list):
            return (Numbered(said[0]), TickerHeard(str(said[0])))
        return (Answered(None),) if isinstance(said, dict) else (TickerHeard(str(said)),)

    def subscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        return (json.dumps(["+", channel, *natives]),)

    def unsubscribe(self, channel: Channel, natives: Sequence[str]) -> Sequence[str]:
        return (json.dumps(["-", channel, *natives]),)

    def ping(self) -> str | None:
        return None

    def rule(self) -> Rule:
        return UnnumberedRule()

    def native(self, symbol: str) -> str:
        return symbol


class Ear:
    """A `LineListener` that remembers."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.told: list[str] = []
        self.texts: list[str] = []
        self.thread: threading.Thread | None = None

    def ready(self, heard: Sequence[Heard]) -> Sequence[Heard]:
        self.thread = threading.current_thread()
        return heard

    def heard(self, heard: Sequence[Heard]) -> None:
        self.said.extend(each.native for each in heard if isinstance(each, TickerHeard))

    def opened(self, natives: Sequence[str]) -> None:
        self.told.append("opened")

    def repeating(self, natives: Sequence[str], *, begins: bool) -> None:
        self.said.append("(" if begins else ")")

    def spoilt(self, natives: Sequence[str]) -> None:
        self.told.append("spoilt")

    def lost(self, natives: Sequence[str], text: str, retry_in_s: float) -> None:
        self.told.append("lost")
        self.texts.append(text)

    def quiet(self, natives: Sequence[str], seconds: float) -> None:
        self.told.append("quiet" if seconds else "lively")


class Venue:
    """What was said to a small server, connection by connection."""

    def __init__(self) -> None:
        self.messages: list[list[list[str]]] = []
        self.open: list[ServerConnection] = []
        self.refusal: Callable[[], Response | None] = lambda: None
        self.answers = asyncio.Event()
        """While it is not set, whoever connects waits."""
        self.answers.set()
        self.knocks = 0
        self.server: Server | None = None

    async def serve(self, socket: ServerConnection) -> None:
        said: list[list[str]] = []
        self.messages.append(said)
        self.open.append(socket)
        try:
            async for message in socket:
                said.append(json.loads(message))
                await socket.send("{}")
        except ConnectionClosed:
            pass
        finally:
            self.open.remove(socket)

    async def answer(self, _socket: ServerConnection, _request: Request) -> Response | None:
        self.knocks += 1
        await self.answers.wait()
        return self.refusal()

    def subscribed(self, connection: int) -> set[tuple[str, str]]:
        """What is subscribed on a connection now."""
        found: set[tuple[str, str]] = set()
        for word, channel, *natives in self.messages[connection]:
            pairs = {(channel, native) for native in natives}
            found = found | pairs if word == "+" else found - pairs
        return found


@asynccontextmanager
async def lines(streams: int = 1_000, **limits: float) -> AsyncIterator[tuple[Venue, Lines, Ear]]:
    venue, ear = Venue(), Ear()
    async with serve(venue.serve, "127.0.0.1", 0, process_request=venue.answer, ping_interval=None) as server:
        venue.server = server
        port = next(iter(server.sockets)).getsockname()[1]
        known = SocketLimits(streams=streams, messages_per_s=1_000, natives_per_message=10, **limits)
        found = Lines(LinePlan("Plain", f"ws://127.0.0.1:{port}", PlainDialect, known), ear)
        try:
            yield venue, found, ear
        finally:
            await found.close()


async def test_a_burst_loses_nothing_and_leaves_the_loop_its_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_module, "SLICE_S", 0.0005)
    count = 10_000
    async with lines() as (venue, found, ear):
        found.subscribe("A", BOTH)
        await until(lambda: bool(venue.open))
        turns = 0

        async def window() -> None:
            nonlocal turns
            while len(ear.said) < count:
                await asyncio.sleep(0)
                turns += 1

        showing = asyncio.create_task(window())
        for number in range(count):
            await venue.open[0].send(str(number))
        await until(lambda: len(ear.said) >= count)
        await showing

        assert ear.said == [str(number) for number in range(count)]
        assert turns > 10
        assert found.frames >= count
        assert ear.told == ["opened"]


async def test_nothing_connects_before_somebody_asks() -> None:
    async with lines() as (venue, _found, _):
        await asyncio.sleep(0.05)
        assert venue.messages == []


async def test_pairs_are_spread_over_connections_and_messages() -> None:
    async with lines(streams=40) as (venue, found, _):
        names = [f"P{number}" for number in range(50)]
        for name in names:
            found.subscribe(name, BOTH)
        await until(lambda: len(venue.messages) == 3 and sum(map(len, venue.messages)) == 10)

        on = [venue.subscribed(each) for each in range(3)]
        assert sorted(map(len, on)) == [20, 40, 40]
        assert {native for each in on for _, native in each} == set(names)
        assert all(len(message) <= 12 for said in venue.messages for message in said)
        assert all(len({channel for channel, _ in each}) == 2 for each in on)

        for name in names:
            await found.unsubscribe(name)
        await until(lambda: not venue.open)


async def test_what_is_asked_one_by_one_is_sent_together_and_in_order() -> None:
    async with lines() as (venue, found, _):
        found.subscribe("first", BOTH)
        await until(lambda: bool(venue.open) and len(venue.subscribed(0)) == 2)
        for number in range(30):
            found.subscribe(f"P{number}", BOTH)
        found.again("P3", Channel.BOOK)
        await until(lambda: len(venue.messages[0]) == 10)

        said = venue.messages[0][2:]
        assert [(word, len(natives)) for word, _, *natives in said] == [("+", 10)] * 6 + [("-", 1), ("+", 1)]
        assert len(venue.subscribed(0)) == 62


async def test_after_a_break_everything_is_subscribed_again_and_nothing_else() -> None:
    async with lines() as (venue, found, ear):
        for name in ("A", "B", "C"):
            found.subscribe(name, BOTH)
        await until(lambda: bool(venue.open) and len(venue.subscribed(0)) == 6)
        await found.unsubscribe("B")
        await until(lambda: len(venue.subscribed(0)) == 4)
        venue.open[0].transport.abort()
        await until(lambda: len(venue.messages) == 2 and len(venue.subscribed(1)) == 4)

        assert venue.subscribed(1) == {(channel, native) for channel in BOTH for native in ("A", "C")}
        assert ear.told == ["opened", "lost", "opened"]
        assert found.reconnects == 1


async def test_one_that_goes_away_is_relieved_while_it_still_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_module, "OVERLAP_S", 0.1)
    async with lines() as (venue, found, ear):
        found.subscribe("A", BOTH)
        await until(lambda: bool(venue.open) and len(venue.subscribed(0)) == 2)
        await venue.open[0].send('"bye"')
        await until(lambda: len(venue.messages) == 2 and len(venue.subscribed(1)) == 2)
        old, new = venue.open
        await new.send("2")
        await old.send("1")
        await until(lambda: len(venue.open) == 1)
        await new.send("3")
        await until(lambda: "3" in ear.said)

        assert ear.said == ["1", "(", "2", ")", "3"]  # what the new one says waits until it takes over
        assert ear.told == ["opened"]
        assert found.reconnects == 1


async def test_before_its_time_is_over_another_one_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_module, "OVERLAP_S", 0.05)
    async with lines(life_s=0.3) as (venue, found, ear):
        found.subscribe("A", BOTH)
        await until(lambda: found.reconnects == 2)

        assert ear.told == ["opened"]
        assert len(venue.open) <= 2


async def test_one_that_ends_before_another_is_there_is_told_at_once() -> None:
    async with lines() as (venue, found, ear):
        found.subscribe("A", BOTH)
        await until(lambda: bool(venue.open) and len(venue.subscribed(0)) == 2)
        venue.answers.clear()
        await venue.open[0].send('"bye"')
        await until(lambda: venue.knocks == 2)
        venue.open[0].transport.abort()
        await until(lambda: "lost" in ear.told)  # though nobody answers the next one yet
        venue.answers.set()
        await until(lambda: len(ear.told) == 3)

        assert ear.told == ["opened", "lost", "opened"]


async def test_what_another_one_said_is_heard_in_slices_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_module, "OVERLAP_S", 0.2)
    monkeypatch.setattr(line_module, "SLICE_S", 0.0)  # the loop has a turn after each
    async with lines() as (venue, found, ear):
        found.subscribe("A", BOTH)
        await until(lambda: bool(venue.open) and len(venue.subscribed(0)) == 2)
        await venue.open[0].send('"bye"')
        await until(lambda: len(venue.messages) == 2 and len(venue.subscribed(1)) == 2)
        new = venue.open[1]
        for number in range(300):
            await new.send("[1]" if number == 250 else f"{number}")
        for number in range(300, 600):  # some come while it is taken over
            await new.send(f"{number}")
            await asyncio.sleep(0.001)
        await until(lambda: "599" in ear.said)

        said = [each for each in ear.said if each not in "()"]
        assert said == [f"{1 if number == 250 else number}" for number in range(600)]
        assert ear.told == ["opened"]


async def test_one_that_says_too_much_before_it_takes_over_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_module, "OVERLAP_S", 5.0)
    monkeypatch.setattr(line_module, "MOST_HELD", 50)
    async with lines() as (venue, found, ear):
        found.subscribe("A", BOTH)
        await until(lambda: bool(venue.open) and len(venue.subscribed(0)) == 2)
        await venue.open[0].send('"bye"')
        await until(lambda: len(venue.messages) == 2 and len(venue.subscribed(1)) == 2)
        flood = venue.open[1]
        with suppress(ConnectionClosed):
            for number in range(5_000):
                await flood.send(f"{number}")
        await until(lambda: flood not in venue.open)
        await venue.open[0].send('"still"')
        await until(lambda: "still" in ear.said)

        assert ear.said == ["still"]
        assert ear.told == ["opened"]


async def test_a_bug_in_what_hears_it_does_not_leave_it_looking_alive(caplog: pytest.LogCaptureFixture) -> None:
    async with lines() as (_venue, found, ear):
        ear.said = None  # type: ignore[assignment]
        found.subscribe("A", BOTH)
        await until(lambda: "lost" in ear.told)  # the answer to it is enough

        assert ear.told[:2] == ["opened", "lost"]
        assert {type(each.exc_info[1]) for each in caplog.records if each.exc_info} == {AttributeError}
        ear.said = []
        await until(lambda: ear.told[-1] == "opened")  # and the line goes on


async def test_a_machine_that_slept_connects_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock:
        """A count that jumps by an hour when it is told to."""

        jump = 0

        def elapsed(self) -> int:
            return time.monotonic_ns() + Clock.jump

    monkeypatch.setattr(socket_module, "SystemClock", Clock)
    monkeypatch.setattr(socket_module, "WATCH_S", 0.05)
    async with lines() as (venue, found, ear):
        found.subscribe("A", BOTH)
        await until(lambda: bool(venue.open))
        await asyncio.sleep(0.1)
        Clock.jump = 3_600_000_000_000
        await until(lambda: len(venue.messages) == 2)

        assert "slept for 3600 s" in ear.texts[0]
        assert ear.told == ["opened", "lost", "opened"]


async def test_a_number_or_a_frame_that_is_missing_spoils_what_is_known() -> None:
    async with lines() as (venue, found, ear):
        found.subscribe("A", BOTH)
        await until(lambda: bool(venue.open))
        for text in ("[7]", "[8]", "[10]", '["', "[11]"):
            await venue.open[0].send(text)
        await until(lambda: "11" in ear.said)

        assert ear.said == ["7", "8", "10", "11"]
        assert ear.told == ["opened", "spoilt", "spoilt"]


async def test_a_connection_that_brings_only_garbage_is_left() -> None:
    async with lines() as (venue, found, ear):
        found.subscribe("A", BOTH)
        await until(lambda: bool(venue.open))
        for _ in range(socket_module.MOST_SPOILT + 1):
            await venue.open[0].send("{")
        await until(lambda: len(venue.messages) == 2)

        assert "cannot be read" in ear.texts[0]


async def test_a_frame_that_is_too_large_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_module, "MOST_BYTES", 10_000)
    async with lines() as (venue, found, ear):
        found.subscribe("A", BOTH)
        await until(lambda: bool(venue.open))
        await venue.open[0].send("1" * 20_000)
        await until(lambda: "lost" in ear.told)

        assert ear.said == []  # none of it was taken


async def test_a_large_frame_is_made_ready_on_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_module, "LARGE_BYTES", 100)
    async with lines() as (venue, found, ear):
        found.subscribe("A", BOTH)
        await until(lambda: bool(venue.open))
        await venue.open[0].send("1")
        await until(lambda: ear.said == ["1"])
        assert ear.thread is None
        await venue.open[0].send("[" + "2" * 200 + "]")
        await venue.open[0].send("3")
        await until(lambda: ear.said == ["1", "2" * 200, "3"])
        assert ear.thread not in {None, threading.main_thread()}


async def test_one_that_refuses_says_when_to_come_again() -> None:
    async with lines() as (venue, found, ear):

        def refuse() -> Response:
            from websockets.datastructures import Headers

            headers = Headers({"Retry-After": "60", "Content-Length": "0"})
            return Response(429, http.HTTPStatus(429).phrase, headers, b"")

        venue.refusal = refuse
        found.subscribe("A", BOTH)
        await until(lambda: "lost" in ear.told)
        assert ear.texts == ["Plain opens no stream now (status 429)."]

        await asyncio.sleep(0.1)
        assert ear.told == ["lost"]  # it waits
        venue.refusal = lambda: None
        found.retry()
        await until(lambda: "opened" in ear.told)
