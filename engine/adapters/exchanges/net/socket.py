"""One WebSocket to a public exchange, from its opening to its end: sends at the venue's pace, reads in slices.

Frames are handled for a few milliseconds, then the loop has its turn, so that a burst of thousands never holds up a
window; what waits meanwhile waits in the connection and is not lost. A market may be silent while the connection is
sound: silence is answered by a ping, and only a ping that stays unanswered is a bad sign.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI, WebSocketException

from engine.adapters.crs.failure import failure_of
from engine.adapters.exchanges.dialect.stream import Channel, Dialect
from engine.adapters.exchanges.net.bounded import Connected, Straight
from engine.adapters.exchanges.net.pace import Pace
from engine.adapters.exchanges.net.refused import plain, seconds
from engine.adapters.exchanges.wire.heard import Answered, Heard, Numbered
from engine.errors import Garbled, VenueUnavailable
from engine.ports.clock import SystemClock
from engine.services.offload import offload_bulk

OPEN_S = 10.0
SLICE_S = 0.005
"""How long frames are handled before the loop has its turn; of this thread's own time, for others may take it away."""
WATCH_S = 1.0
SLEPT_S = 20.0
"""A look this late means that the machine slept, or was held up for as long: nothing is trusted then."""
MOST_BYTES = 64 * 2**20
"""Of a frame; the largest are books of all levels (Coinbase)."""
LARGE_BYTES = 256 * 1024
"""A frame from this size on is read off the loop."""
QUEUE = 1_024
"""Frames that wait here for their turn; more wait in the network."""
LOG_S = 1.0
"""At least so long between two lines of the log about frames that cannot be read."""
MOST_SPOILT = 20
"""Frames in a row that cannot be read, after which the connection is left."""

logging.getLogger("websockets").setLevel(logging.WARNING)  # it would tell what is in a frame

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """What a venue allows a connection, and how its silence is to be taken."""

    streams: int
    """Subscriptions of one connection."""
    messages_per_s: float
    """Messages of ours, pings among them."""
    natives_per_message: int = 50
    """Pairs that one message subscribes."""
    connects_per_5_min: float = 150.0
    life_s: float = 23.5 * 3600
    """After this long another connection takes over; Binance ends one after 24 hours."""
    ping_s: float = 3.0
    """After so long a silence it is asked for a sign of life…"""
    quiet_s: float = 6.0
    """…after this one what is shown may be old…"""
    dead_s: float = 25.0
    """…and after this one the connection is given up."""


@dataclass(slots=True)
class _Wish:
    """A message that waits for its turn."""

    wanted: bool
    channel: Channel
    natives: list[str] = field(default_factory=list)


class Socket:
    """One connection: `open` it, then `run` until it ends.

    Args:
        title: the venue's name, for sentences.
        url: where to connect.
        dialect: what is said there; of this connection alone.
        limits: the venue's.
        hear: takes what each frame says.
        spoilt: told of a frame that could not be read, or is missing: it may have held anything.
        quiet: told each second for how long nothing was heard, once that is long; and 0 when something is again.
        ready: makes ready what takes long of what a large frame says, on the thread on which that was read.
    """

    def __init__(
        self, title: str, url: str, dialect: Dialect, limits: SocketLimits, *,
        hear: Callable[[Socket, Sequence[Heard]], None], spoilt: Callable[[Socket], None],
        quiet: Callable[[Socket, float], None], ready: Callable[[Sequence[Heard]], Sequence[Heard]] = tuple,
    ) -> None:  # fmt: skip
        self.title, self.url, self.dialect = title, url, dialect
        self.host = urlsplit(url).netloc
        self._limits = limits
        self._hear, self._on_spoilt, self._on_quiet, self._ready = hear, spoilt, quiet, ready
        self._pace = Pace(limits.messages_per_s * 0.6, max(1.0, limits.messages_per_s * 0.4))
        self._socket: ClientConnection | None = None
        self._outbox: deque[_Wish] = deque()
        self._posted = asyncio.Event()
        self._why = ""
        """Why we end the connection."""
        self._number: int | None = None
        self._is_quiet = False
        self._elapsed = SystemClock().elapsed
        self.heard_at = time.monotonic()
        self.opened_at = 0.0
        self.frames = self.spoilt = self.asked = self.answers = 0
        """Frames heard, and those not understood or missed; messages that are answered, and their answers."""
        self._spoilt_in_row = 0
        self._logged_at = float("-inf")

    async def open(self) -> None:
        """Connect.

        Raises:
            VenueUnavailable: it could not; the sentence says why.
        """
        try:
            self._socket = await Straight(
                self.url,
                create_connection=Connected,
                open_timeout=OPEN_S,
                ping_interval=None,  # the watch pings, and only in silence
                close_timeout=1.0,
                max_size=MOST_BYTES,
                max_queue=QUEUE,
                compression=None,
                user_agent_header="crs-desktop",
                proxy=None if self.url.startswith("ws://") else True,
            )
        except InvalidStatus as error:
            reply = error.response
            text = f"{self.title} opens no stream now (status {reply.status_code})."
            raise VenueUnavailable(text, seconds(reply.headers.get("Retry-After", ""))) from error
        except (InvalidHandshake, InvalidURI) as error:
            raise VenueUnavailable(f"What answers at {self.host} opens no stream as {self.title} does.") from error
        except (OSError, TimeoutError, EOFError, WebSocketException) as error:
            raise failure_of(error, self.host) from error
        self.opened_at = self.heard_at = time.monotonic()

    async def run(self) -> str:
        """Read until the connection ends, and return why it did, as a sentence."""
        socket = self._socket
        assert socket is not None, "opened first"  # noqa: S101 - a promise between two methods
        loop = asyncio.get_running_loop()
        beside = [loop.create_task(self._send(socket)), loop.create_task(self._watch(socket))]
        try:
            await self._read(socket)
        except ConnectionClosed as error:
            self._why = self._why or self._closed(error)
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await self._end(socket)
        return self._why

    def drop(self, why: str) -> None:
        """End the connection at once, for this reason."""
        self._why = self._why or why
        if self._socket is not None:
            self._socket.transport.abort()

    # -- speaking ---------------------------------------------------------------------------------

    def subscribe(self, channel: Channel, natives: Sequence[str]) -> None:
        """Ask for pairs, in as few messages as it takes, at the venue's pace."""
        self._wish(channel, natives, wanted=True)

    def unsubscribe(self, channel: Channel, natives: Sequence[str]) -> None:
        """Take that back."""
        self._wish(channel, natives, wanted=False)

    @property
    def is_settled(self) -> bool:
        """Whether everything that was asked has been sent and answered."""
        return not self._outbox and self.answers >= self.asked

    @property
    def has_sent(self) -> bool:
        """Whether everything that was asked has been sent."""
        return not self._outbox

    def _wish(self, channel: Channel, natives: Sequence[str], *, wanted: bool) -> None:
        """Put pairs into a message that still waits, if none after it says the opposite; else into a new one."""
        for native in natives:
            wish = self._waiting(channel, wanted=wanted)
            if wish is None:
                wish = _Wish(wanted, channel)
                self._outbox.append(wish)
            wish.natives.append(native)
        self._posted.set()

    def _waiting(self, channel: Channel, *, wanted: bool) -> _Wish | None:
        """Return a message with room that waits, and can be sent before all those after it."""
        for wish in reversed(self._outbox):
            if wish.wanted is not wanted:
                return None
            if wish.channel is channel and len(wish.natives) < self._limits.natives_per_message:
                return wish
        return None

    async def _send(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                await self._posted.wait()
                self._posted.clear()
                while self._outbox:
                    await self._pace.take()
                    wish = self._outbox[0]
                    speak = self.dialect.subscribe if wish.wanted else self.dialect.unsubscribe
                    self._outbox.popleft()
                    for number, text in enumerate(speak(wish.channel, wish.natives)):
                        if number:
                            await self._pace.take()
                        self.asked += 1
                        await socket.send(text)

    # -- listening --------------------------------------------------------------------------------

    async def _read(self, socket: ClientConnection) -> None:
        begun = time.thread_time()
        while True:
            frame = await socket.recv(decode=False)
            self.frames += 1
            if isinstance(socket, Connected):
                socket.took(len(frame))
            self._alive()
            try:
                is_large = len(frame) >= LARGE_BYTES
                heard = await offload_bulk(self._hear_large, frame) if is_large else self.dialect.hear(frame)
            except Garbled as error:
                self._spoil(str(error))
            except Exception as error:  # a bug of ours: as if the frame had been lost
                log.error("frame not handled", extra={"venue": self.title}, exc_info=error)
                self._spoil("an error of this program")
            else:
                if heard:
                    self._take(heard)
            if time.thread_time() - begun > SLICE_S:
                await asyncio.sleep(0)
                begun = time.thread_time()

    def _hear_large(self, frame: bytes) -> Sequence[Heard]:
        return self._ready(self.dialect.hear(frame))

    def _spoil(self, text: str) -> None:
        """Say that something was not heard; a connection that brings nothing but that is left."""
        self._spoilt_in_row += 1
        self.spoilt += 1
        if time.monotonic() - self._logged_at > LOG_S:  # there may be a thousand a second
            self._logged_at = time.monotonic()
            log.info("frame not read", extra={"venue": self.title, "text": plain(text), "so_far": self.spoilt})
        if self._spoilt_in_row > MOST_SPOILT:
            self.drop(f"{self.title} sends what cannot be read; everything is read anew.")
        self._on_spoilt(self)

    def _take(self, heard: Sequence[Heard]) -> None:
        for each in heard:
            if isinstance(each, Numbered):
                before, self._number = self._number, each.number
                if before is not None and each.number != before + 1:
                    self._spoil(f"message {each.number} came after {before}")
            elif isinstance(each, Answered):
                self.answers += 1
        self._spoilt_in_row = 0
        self._hear(self, heard)

    def _alive(self, _: object = None) -> None:
        self.heard_at = time.monotonic()
        if self._is_quiet:
            self._is_quiet = False
            self._on_quiet(self, 0.0)

    async def _watch(self, socket: ClientConnection) -> None:
        """Ask for signs of life in silence; give the connection up when there are none."""
        while True:
            before = self._elapsed()
            await asyncio.sleep(WATCH_S)
            late = (self._elapsed() - before) / 1e9 - WATCH_S
            if late > SLEPT_S:
                self.drop(f"This machine slept for {late:.0f} s; everything is read anew.")
                return
            if late > WATCH_S:  # what came meanwhile was not looked at yet
                continue
            silence = time.monotonic() - self.heard_at
            if silence > self._limits.dead_s:
                self.drop(f"{self.title} gave no sign of life for {silence:.0f} s.")
                return
            if silence > self._limits.quiet_s:
                self._is_quiet = True
                self._on_quiet(self, silence)
            if silence > self._limits.ping_s:
                await self._ping(socket)

    async def _ping(self, socket: ClientConnection) -> None:
        text = self.dialect.ping()
        with suppress(ConnectionClosed):
            if text is not None:
                await self._pace.take()
                await socket.send(text)
                return
            pong = asyncio.ensure_future(await socket.ping())
            pong.add_done_callback(lambda waiter: None if waiter.cancelled() or waiter.exception() else self._alive())

    async def _end(self, socket: ClientConnection) -> None:
        if self._why:
            socket.transport.abort()
        with suppress(ConnectionClosed, OSError):
            await socket.close()

    def _closed(self, error: ConnectionClosed) -> str:
        if isinstance(self._socket, Connected) and self._socket.is_flooded:
            return f"{self.title} sends more than can be read here; everything is read anew."
        if error.rcvd is not None:
            return f"{self.title} closed the connection (code {error.rcvd.code})."
        return f"The connection to {self.title} broke."
