"""A line to a venue: what is subscribed on it stays subscribed, whatever happens to its connections.

A connection that breaks is made anew after a growing pause, and everything is subscribed again. One that is about to
end (24 hours are nearly over, the venue says that it goes away) is relieved without a hole: another one is opened and
subscribed, what it says is held until it has caught up, then it takes over and the old one ends.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from engine.adapters.exchanges.dialect.stream import Channel, Dialect
from engine.adapters.exchanges.net.pace import Pace
from engine.adapters.exchanges.net.socket import SLICE_S, Socket, SocketLimits
from engine.adapters.exchanges.wire.heard import GoingAway, Heard
from engine.errors import VenueUnavailable
from engine.services.backoff import Backoff
from engine.services.task import TaskOwner

SOUND_S = 10.0
"""A connection that held this long worked: the next break starts the pauses anew."""
SETTLE_S = 6.0
"""How long to wait for a venue's answers to subscriptions that were sent, when another connection takes over."""
OVERLAP_S = 1.0
"""How long both connections bring the same, so that nothing falls between them."""
MOST_HELD = 100_000
"""Frames that are held of a connection that takes over; one that says more is left."""
LATER_S = 30.0
"""After this long a takeover that failed is tried again."""

log = logging.getLogger(__name__)


class LineListener(Protocol):
    """Who hears what a line brings; `natives` are the pairs on it."""

    def ready(self, heard: Sequence[Heard]) -> Sequence[Heard]:
        """Return what a large frame says, with what takes long made ready; called on a thread, before `heard`."""
        ...

    def heard(self, heard: Sequence[Heard]) -> None:
        """Take in what a frame says."""
        ...

    def spoilt(self, natives: Sequence[str]) -> None:
        """A frame could not be read, or is missing: it may have held anything about any of them."""
        ...

    def opened(self, natives: Sequence[str]) -> None:
        """A connection begins: what comes does not follow what was known."""
        ...

    def repeating(self, natives: Sequence[str], *, begins: bool) -> None:
        """What another connection said while the one before still spoke comes now, or all of it has come."""
        ...

    def lost(self, natives: Sequence[str], text: str, retry_in_s: float) -> None:
        """The connection broke, or never came to be; the next try comes in so many seconds."""
        ...

    def quiet(self, natives: Sequence[str], seconds: float) -> None:
        """Nothing was heard for so long, not even an answer to a ping; 0: something is heard again."""
        ...


@dataclass(frozen=True, slots=True)
class LinePlan:
    """How a venue's lines are made."""

    title: str
    url: str
    dialect: Callable[[], Dialect]
    limits: SocketLimits


class Line:
    """One connection at a time, or two for a moment; `start` it, `close` it."""

    def __init__(self, plan: LinePlan, listener: LineListener, connects: Pace, backoff: Backoff | None = None) -> None:
        self._plan, self._listener, self._connects = plan, listener, connects
        self._backoff = backoff or Backoff()
        self._wanted: dict[str, dict[Channel, None]] = {}
        self._current: Socket | None = None
        self._next: Socket | None = None
        """Takes over soon; what it says is held."""
        self._held: deque[Sequence[Heard] | None] | None = None
        """What the next connection, or the current one that has just taken over, said and nobody heard yet; None for
        what could not be read."""
        self._leave = asyncio.Event()
        self._hurry = asyncio.Event()
        self._tasks = TaskOwner(f"line to {plan.title}")
        self.connects = self.takeovers = self._frames = 0
        """Connections that came to be; those of them that took over without a break."""

    def start(self) -> None:
        """Connect, and stay connected."""
        self._tasks.start(self._run())

    async def close(self) -> None:
        """End the connection; safe to call twice."""
        await self._tasks.join()

    def retry(self) -> None:
        """Wait no longer for the next try."""
        self._hurry.set()

    # -- what is on it ----------------------------------------------------------------------------

    @property
    def natives(self) -> tuple[str, ...]:
        """The pairs on it."""
        return tuple(self._wanted)

    @property
    def streams(self) -> int:
        """How many subscriptions are on it."""
        return sum(len(channels) for channels in self._wanted.values())

    @property
    def is_open(self) -> bool:
        """Whether there is a connection."""
        return self._current is not None

    @property
    def is_sending(self) -> bool:
        """Whether messages of ours still wait for their turn."""
        return self._current is not None and not self._current.has_sent

    @property
    def reconnects(self) -> int:
        """Connections that came after the first."""
        return max(0, self.connects - 1)

    @property
    def frames(self) -> int:
        """Frames heard on all its connections so far."""
        return self._frames + (self._current.frames if self._current is not None else 0)

    @property
    def heard_at(self) -> float | None:
        """When something was last heard (monotonic seconds); None while there is no connection."""
        return None if self._current is None else self._current.heard_at

    def subscribe(self, native: str, channels: Sequence[Channel]) -> None:
        """Have channels of a pair from now on."""
        for channel in channels:
            if channel not in self._wanted.setdefault(native, {}):
                self._wanted[native][channel] = None
                for socket in self._sockets():
                    socket.subscribe(channel, (native,))

    def unsubscribe(self, native: str) -> None:
        """Have nothing more of a pair."""
        for channel in self._wanted.pop(native, {}):
            for socket in self._sockets():
                socket.unsubscribe(channel, (native,))

    def again(self, native: str, channel: Channel) -> None:
        """Have a channel of a pair begin anew, where venues send a picture at the beginning."""
        if channel in self._wanted.get(native, {}):
            for socket in self._sockets():
                socket.unsubscribe(channel, (native,))
                socket.subscribe(channel, (native,))

    def leave(self) -> None:
        """Have another connection take over."""
        self._leave.set()

    def drop(self, why: str) -> None:
        """End the connection; the next one begins soon."""
        if self._current is not None:
            self._current.drop(why)

    def _sockets(self) -> tuple[Socket, ...]:
        return tuple(each for each in (self._current, self._next) if each is not None)

    # -- the life of its connections --------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            begun, at_least = time.monotonic(), 0.0
            try:
                text = await self._live()
            except VenueUnavailable as error:
                text, at_least = str(error), error.retry_after_s or 0.0
            except Exception as error:  # a bug of ours ends this connection, not the line
                number = secrets.token_hex(4)
                log.error("line failed", extra={"venue": self._plan.title, "incident": number}, exc_info=error)
                text = f"This program met an error on the line to {self._plan.title} (incident {number})."
            if time.monotonic() - begun > SOUND_S:
                self._backoff.reset()
            wait = self._backoff.next(at_least)
            log.info("connection lost", extra={"venue": self._plan.title, "text": text, "retry_in_s": round(wait, 2)})
            self._listener.lost(self.natives, text, wait)
            self._hurry.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), wait)

    async def _live(self) -> str:
        """Connect and live until there is no connection left; return why."""
        socket = await self._opened()
        self._listener.opened(self.natives)
        self._current = socket
        self._subscribe_all(socket)
        reading = asyncio.get_running_loop().create_task(socket.run())
        try:
            until = socket.opened_at + self._plan.limits.life_s
            while not await self._ended(reading, until):
                self._leave.clear()
                relieved = await self._relieve(reading)
                if relieved is None:
                    until = time.monotonic() + LATER_S
                    continue
                reading = relieved
                until = time.monotonic() + self._plan.limits.life_s
            return reading.result()
        finally:
            self._frames += self._current.frames
            self._current = None
            await _cancelled(reading)

    async def _opened(self) -> Socket:
        await self._connects.take()
        plan = self._plan
        socket = Socket(
            plan.title, plan.url, plan.dialect(), plan.limits,
            hear=self._heard, spoilt=self._on_spoilt, quiet=self._on_quiet, ready=self._listener.ready,
        )  # fmt: skip
        await socket.open()
        self.connects += 1
        self._leave.clear()
        return socket

    def _subscribe_all(self, socket: Socket) -> None:
        for channel in Channel:
            natives = [native for native, channels in self._wanted.items() if channel in channels]
            if natives:
                socket.subscribe(channel, natives)

    async def _ended(self, reading: asyncio.Task[str], until: float) -> bool:
        """Wait until the connection ends (True), or it is time for another one (False)."""
        leaving = asyncio.get_running_loop().create_task(self._leave.wait())
        try:
            left = max(0.0, until - time.monotonic())
            await asyncio.wait({reading, leaving}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
        return reading.done()

    async def _relieve(self, reading: asyncio.Task[str]) -> asyncio.Task[str] | None:
        """Have another connection take over from the one that is read; return its reading, None if it failed."""
        socket = await self._opened_beside(reading)
        if socket is None:
            return None
        self._next, self._held = socket, deque()
        self._subscribe_all(socket)
        relief = asyncio.get_running_loop().create_task(socket.run())
        try:
            whole = await self._settled(socket, relief, reading)
            if relief.done():
                return None
            await self._take_over(socket, reading, whole=whole)
        except BaseException:
            await _cancelled(relief)
            raise
        finally:
            self._next = self._held = None
        return relief

    async def _opened_beside(self, reading: asyncio.Task[str]) -> Socket | None:
        """Open another connection, as long as there is one to be relieved: if that ends, it is told at once."""
        opening = asyncio.get_running_loop().create_task(self._opened())
        try:
            await asyncio.wait({opening, reading}, return_when=asyncio.FIRST_COMPLETED)
            return opening.result() if opening.done() else None
        except VenueUnavailable as error:
            log.info("no other connection yet", extra={"venue": self._plan.title, "text": str(error)})
            return None
        finally:
            opening.cancel()
            await asyncio.gather(opening, return_exceptions=True)

    async def _take_over(self, socket: Socket, reading: asyncio.Task[str], *, whole: bool) -> None:
        """Go on with another connection: what it has said first, in slices, in which the rest of what it says waits."""
        if not whole:  # the old one ended too early: something may have fallen between
            self._listener.opened(self.natives)
        old, held = self._current, self._held
        self._current, self._next = socket, None
        self._frames += old.frames if old is not None else 0
        self.takeovers += whole
        self._listener.repeating(self.natives, begins=True)
        try:
            if held is not None:
                await self._catch_up(held)
        finally:
            self._held = None
            self._listener.repeating(self.natives, begins=False)
        await _cancelled(reading)

    async def _catch_up(self, held: deque[Sequence[Heard] | None]) -> None:
        begun = time.thread_time()
        while held:
            said = held.popleft()
            if said is None:
                self._listener.spoilt(self.natives)
            else:
                self._listener.heard(said)
            if time.thread_time() - begun > SLICE_S:
                await asyncio.sleep(0)
                begun = time.thread_time()

    async def _settled(self, socket: Socket, relief: asyncio.Task[str], reading: asyncio.Task[str]) -> bool:
        """Wait until a new connection brings everything; return whether the old one held as long."""
        sent_at: float | None = None
        while not relief.done() and not reading.done():
            if socket.has_sent and sent_at is None:
                sent_at = time.monotonic()
            if socket.is_settled or (sent_at is not None and time.monotonic() - sent_at > SETTLE_S):
                break
            await asyncio.sleep(0.05)
        if reading.done():
            return False
        await asyncio.wait({relief, reading}, timeout=OVERLAP_S, return_when=asyncio.FIRST_COMPLETED)
        return True

    # -- what its connections say -----------------------------------------------------------------

    def _heard(self, socket: Socket, heard: Sequence[Heard]) -> None:
        if socket is not self._next and socket is not self._current:  # it was relieved
            return
        if self._held is not None and (socket is self._next or self._next is None):
            self._held.append(heard)
            if len(self._held) > MOST_HELD:
                socket.drop(f"{self._plan.title} says more than can be held until it takes over.")
            return
        if any(isinstance(each, GoingAway) for each in heard):
            self._leave.set()
        self._listener.heard(heard)

    def _on_spoilt(self, socket: Socket) -> None:
        if socket is self._next:  # not the one to go on with
            socket.drop("What it says cannot be read.")
        elif socket is self._current and self._held is not None and self._next is None:
            self._held.append(None)
        elif socket is self._current:
            self._listener.spoilt(self.natives)

    def _on_quiet(self, socket: Socket, seconds: float) -> None:
        if socket is self._current:
            self._listener.quiet(self.natives, seconds)


async def _cancelled(task: asyncio.Task[str]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
