"""One WebSocket to a server, kept alive: signed in, subscribed, watched, and made anew when it breaks.

A server that says nothing for `QUIET_S` is reported (what is shown may be old by then), one that says nothing for
`DEAD_S` is left: a connection of which the other end is gone looks the same. Every ping is answered, so a sound
connection is never quiet.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Protocol

import msgspec
from msgspec import Struct
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI, WebSocketException

from engine.adapters.crs.failure import failure_of
from engine.adapters.crs.http import CrsHttp
from engine.bus import Bus
from engine.errors import CrsError, GivenUp, NotACrsServer, SignInNeeded, VenueUnavailable
from engine.ports.server import ConnectionChanged, ConnectionState
from engine.services.backoff import Backoff
from engine.services.task import TaskOwner
from engine.wire.stream import GOING_AWAY, SLOW_CONSUMER, UNAUTHORIZED, Ask

PING_S = 1.0
QUIET_S, DEAD_S = 4.0, 15.0
OPEN_S = 8.0
SOUND_S = 10.0
"""A connection that held this long worked: the next break starts the pauses anew."""
MOST_BYTES = 16 * 2**20

log = logging.getLogger(__name__)


class Frame(Struct):
    """What a server sends: a message of a channel (`ch`), or the answer to an ask (`op`)."""

    ch: str = ""
    type: str = ""
    ts: int = 0
    data: msgspec.Raw = msgspec.Raw(b"null")
    seq: int | None = None
    prev: int | None = None
    op: str = ""
    ok: bool = True
    id: int | None = None
    text: str = ""


_DECODER = msgspec.json.Decoder(Frame)
_ENCODER = msgspec.json.Encoder()


class Listener(Protocol):
    """Who hears what a connection brings; `channels` say what it wants."""

    def channels(self) -> Sequence[str]:
        """Return the names of the channels that it hears."""
        ...

    def heard(self, frame: Frame) -> None:
        """Take a message of one of its channels in."""
        ...

    def opened(self) -> None:
        """A connection begins: what is known may be old."""
        ...

    async def caught_up(self) -> None:
        """Fetch what was missed; the connection counts as online when this returns."""
        ...

    def lost(self, text: str, retry_in_s: float) -> None:
        """The connection broke, or never came to be; the next try comes in so many seconds."""
        ...

    def quiet(self, seconds: float) -> None:
        """Nothing was heard for so long."""
        ...


class Link:
    """The connection; `start` it, `close` it. Tells `ConnectionChanged` on the bus."""

    def __init__(
        self,
        http: CrsHttp,
        bus: Bus,
        listeners: Sequence[Listener],
        *,
        ticket: Callable[[], Awaitable[str]] | None = None,
        account: str | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._http, self._bus, self._listeners = http, bus, listeners
        self._ticket, self._account = ticket, account
        self._backoff = backoff or Backoff()
        self._tasks = TaskOwner("server connection")
        self._socket: ClientConnection | None = None
        self._wanted = asyncio.Event()
        self._asked: dict[int, asyncio.Future[Frame]] = {}
        self._number = 0
        self._heard_at = 0.0
        self._by_channel: dict[str, Listener] = {}
        self.state, self.text = ConnectionState.CLOSED, ""
        self.connects = 0
        """How often a connection came to be."""

    def start(self) -> None:
        """Connect, and stay connected."""
        self._tasks.start(self._run())

    def retry(self) -> None:
        """Wait no longer for the next try."""
        self._wanted.set()

    async def close(self) -> None:
        """End the connection; safe to call twice."""
        await self._tasks.join()
        self._say(ConnectionState.CLOSED, "")

    async def ask(self, ask: Ask) -> Frame:
        """Send an ask and return its answer.

        Raises:
            VenueUnavailable: there is no connection, it broke meanwhile, or the server said no.
        """
        if self._socket is None:
            raise VenueUnavailable(f"{self._http.host} is not connected now.")
        self._number += 1
        ask.id = self._number
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._asked[ask.id] = answer
        try:
            await self._socket.send(_ENCODER.encode(ask).decode())
            async with asyncio.timeout(OPEN_S):
                frame = await answer
        except (ConnectionClosed, TimeoutError) as error:
            raise VenueUnavailable(f"{self._http.host} did not answer.") from error
        finally:
            self._asked.pop(ask.id, None)
        if not frame.ok:
            raise VenueUnavailable(f"{self._http.host} refuses: {frame.text}")
        return frame

    async def again(self, channel: str) -> None:
        """Have a channel's picture sent anew; errors as `ask`."""
        with suppress(VenueUnavailable):  # it may have been left by an earlier try
            await self.ask(Ask(op="unsubscribe", channels=(channel,)))
        await self.ask(Ask(op="subscribe", channels=(channel,)))

    def drop(self) -> None:
        """End this connection; the next one begins at once."""
        if self._socket is not None:
            self._socket.transport.abort()

    # -- the life of a connection -----------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            begun = time.monotonic()
            text, at_least = "", 0.0
            try:
                text = await self._live()
            except GivenUp as error:
                self._say(ConnectionState.CLOSED, str(error))
                for listener in self._listeners:
                    listener.lost(str(error), float("inf"))
                return
            except CrsError as error:
                text = str(error)
                at_least = getattr(error, "retry_after_s", None) or 0.0
                if isinstance(error, SignInNeeded):
                    at_least = max(at_least, 2.0)
            if time.monotonic() - begun > SOUND_S:
                self._backoff.reset()
            wait = self._backoff.next(at_least)
            log.info("server connection lost", extra={"text": text, "retry_in_s": round(wait, 2)})
            for listener in self._listeners:
                listener.lost(text, wait)
            self._say(ConnectionState.WAITING, text, wait)
            self._wanted.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wanted.wait(), wait)

    async def _live(self) -> str:
        """Connect and live until the connection ends; return why it did."""
        self._say(ConnectionState.CONNECTING, f"Connecting to {self._http.host}…")
        if not self._http.clock.is_measured:
            await self._http.meet()
        try:
            async with await self._connected() as socket:
                return await self._talk(socket)
        except ConnectionClosed as error:
            return _why_closed(error.rcvd.code if error.rcvd is not None else None, self._http.host)

    async def _connected(self) -> ClientConnection:
        url = "ws" + self._http.url.removeprefix("http") + "/v1/ws"
        try:
            return await connect(
                url,
                ssl=self._http.tls if url.startswith("wss") else None,
                open_timeout=OPEN_S,
                ping_interval=None,  # asks of our own are answered by the server itself, not by a proxy
                close_timeout=1.0,
                max_size=MOST_BYTES,
                compression=None,
                user_agent_header=f"crs-desktop/{self._http.version}",
                proxy=None if url.startswith("ws://") else True,
            )
        except InvalidStatus as error:
            status = error.response.status_code
            raise VenueUnavailable(f"{self._http.host} opens no stream now (status {status}).") from error
        except (InvalidHandshake, InvalidURI) as error:
            raise NotACrsServer(f"What answers at {self._http.host} opens no stream as a CRS server does.") from error
        except (OSError, TimeoutError, WebSocketException) as error:
            raise failure_of(error, self._http.host) from error

    async def _talk(self, socket: ClientConnection) -> str:
        self._socket, self._heard_at = socket, time.monotonic()
        for listener in self._listeners:
            listener.opened()
        loop = asyncio.get_running_loop()
        begin, watch = loop.create_task(self._begin()), loop.create_task(self._watch(socket))
        begin.add_done_callback(lambda task: _end_with(socket, task))
        failed: BaseException | None = None
        try:
            async for text in socket:
                self._take(text)
        finally:
            self._socket = None
            begin.cancel()
            watch.cancel()
            for waiting in self._asked.values():
                if not waiting.done():
                    waiting.set_exception(VenueUnavailable(f"The connection to {self._http.host} broke."))
            failed, _ = await asyncio.gather(begin, watch, return_exceptions=True)
            if isinstance(failed, CrsError):  # why the connection was ended
                raise failed
        return _why_closed(socket.close_code, self._http.host)

    async def _begin(self) -> None:
        if self._ticket is not None:
            await self.ask(Ask(op="auth", ticket=await self._ticket(), account=self._account))
        self._by_channel = {name: each for each in self._listeners for name in each.channels()}
        if self._by_channel:
            await self.ask(Ask(op="subscribe", channels=tuple(self._by_channel)))
        for listener in self._listeners:
            await listener.caught_up()
        self.connects += 1
        self._say(ConnectionState.ONLINE, f"Connected to {self._http.host}.")

    async def _watch(self, socket: ClientConnection) -> None:
        """Ping, and look whether anything is heard."""
        while True:
            await asyncio.sleep(PING_S)
            silence = time.monotonic() - self._heard_at
            if silence > DEAD_S:
                socket.transport.abort()
                return
            if silence > QUIET_S:
                for listener in self._listeners:
                    listener.quiet(silence)
            self._number += 1
            with suppress(ConnectionClosed):
                await socket.send(_ENCODER.encode(Ask(op="ping", id=self._number)).decode())

    def _take(self, text: str | bytes) -> None:
        self._heard_at = time.monotonic()
        try:
            frame = _DECODER.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NotACrsServer(f"{self._http.host} sends what cannot be read; it was not used.") from error
        if frame.op:
            waiting = self._asked.get(frame.id or 0)
            if waiting is not None and not waiting.done():
                waiting.set_result(frame)
        elif frame.ch == "session":
            if self._ticket is not None:
                self._tasks.start(self._sign_in_again(self._ticket))
        elif frame.ch in self._by_channel:
            self._by_channel[frame.ch].heard(frame)

    async def _sign_in_again(self, ticket: Callable[[], Awaitable[str]]) -> None:
        """Show a new ticket on the same socket; if that fails the server closes it, and a new one is made."""
        try:
            await self.ask(Ask(op="auth", ticket=await ticket(), account=self._account))
        except CrsError as error:
            log.info("the stream could not be signed in anew: %s", error)

    def _say(self, state: ConnectionState, text: str, retry_in_s: float | None = None) -> None:
        if (state, text, retry_in_s) != (self.state, self.text, None) or retry_in_s is not None:
            self.state, self.text = state, text
            self._bus.publish(ConnectionChanged(state, text, self._backoff.failures, retry_in_s))


def _end_with(socket: ClientConnection, task: asyncio.Task[None]) -> None:
    """End a connection of which the beginning failed."""
    if not task.cancelled() and task.exception() is not None:
        socket.transport.abort()


def _why_closed(code: int | None, host: str) -> str:
    known: dict[int | None, str] = {
        GOING_AWAY: f"{host} stops or begins anew; it may be back soon.",
        SLOW_CONSUMER: "This program did not read fast enough; it reads everything anew.",
        UNAUTHORIZED: f"{host} wants to know again who asks.",
    }
    return known.get(code, f"The connection to {host} broke.")
