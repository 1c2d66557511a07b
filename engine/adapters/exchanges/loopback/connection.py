"""One client of the loopback: what is said to it passes the faults, in order, and goes out as fast as it reads."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from engine.adapters.exchanges.loopback.fault import Fault, Line
from engine.adapters.exchanges.loopback.faults import Faults
from engine.adapters.exchanges.loopback.frame import Hangup, Outgoing
from engine.adapters.exchanges.loopback.told import Told
from engine.adapters.exchanges.loopback.venue import Session

WAITING = 200_000
"""Frames that may wait for a slow client before it is let go."""
TOO_MANY, TOO_SLOW = Hangup(1008, "Too many requests"), Hangup(1008, "Client is too slow")


class Connection:
    """A socket with its session; `run` it until it ends."""

    def __init__(self, socket: ServerConnection, session: Session, faults: Faults, messages_per_s: int) -> None:
        self._socket, self.session, self._faults = socket, session, faults
        self._messages_per_s = messages_per_s
        self._heard: deque[float] = deque(maxlen=messages_per_s)
        self._lines: dict[Fault, Line] = {}
        self._queue: asyncio.Queue[Outgoing] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._silent_until = 0.0
        self._sending: asyncio.Task[None] | None = None
        self.sent = 0
        """Frames that went out."""

    @property
    def open_s(self) -> float:
        """How long it has been open."""
        return self._loop.time() - self._began

    @property
    def waiting(self) -> int:
        """Frames that are not sent yet."""
        return self._queue.qsize()

    async def run(self) -> None:
        """Serve the client until either side ends it."""
        self._sending = self._loop.create_task(self._send(), name="loopback connection")
        try:
            self.put(self.session.open())
            async for message in self._socket:
                if self._is_too_fast():
                    self.put((TOO_MANY,))
                    break
                self.put(self.session.hear(message if isinstance(message, str) else message.decode(errors="replace")))
            await self.drained()
        except ConnectionClosed:
            pass
        finally:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)

    def tell(self, told: Told) -> None:
        """Let something have happened."""
        self.put(self.session.tell(told))

    def put(self, items: Iterable[Outgoing]) -> None:
        """Have frames sent, after those that wait."""
        for item in items:
            for each in self._struck(item):
                self._queue.put_nowait(each)
        if self._queue.qsize() > WAITING:
            self._queue.put_nowait(TOO_SLOW)

    async def drained(self) -> None:
        """Wait until all is sent, or the connection has ended."""
        if self._sending is None:
            return
        waiting = self._loop.create_task(self._queue.join(), name="loopback drain")
        await asyncio.wait({self._sending, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    def hush(self, seconds: float | None) -> None:
        """Say nothing more, and hear nothing (so no pong either), for some time or for good."""
        self._silent_until = float("inf") if seconds is None else self._loop.time() + seconds
        self._socket.transport.pause_reading()
        if self._socket.keepalive_task is not None:
            self._socket.keepalive_task.cancel()  # no pings of ours either
        if seconds is not None:
            self._loop.call_later(seconds, self.wake)

    def wake(self) -> None:
        """End the silence."""
        self._silent_until = 0.0
        if not self._socket.transport.is_closing():
            self._socket.transport.resume_reading()

    def _struck(self, item: Outgoing) -> list[Outgoing]:
        """Return what comes of a frame after all faults."""
        if self._loop.time() < self._silent_until:
            return []
        items = [item]
        for fault in self._faults.wire.values():
            line = self._lines.get(fault)
            if line is None:
                line = self._lines[fault] = fault.line()
            items = [after for before in items for after in line(before)]
        return items

    def _is_too_fast(self) -> bool:
        now = self._loop.time()
        is_full = len(self._heard) == self._messages_per_s
        is_too_fast = is_full and now - self._heard[0] < 1.0
        self._heard.append(now)
        return is_too_fast

    async def _send(self) -> None:
        while True:
            item = await self._queue.get()
            try:
                if isinstance(item, Hangup):
                    return await self._end(item)
                if item.wait_s:
                    await asyncio.sleep(item.wait_s)
                await self._socket.send(item.text)
                self.sent += 1
            except ConnectionClosed:
                return None
            finally:
                self._queue.task_done()

    async def _end(self, hangup: Hangup) -> None:
        if hangup.code:
            await self._socket.close(hangup.code, hangup.reason)
        else:
            self._socket.transport.abort()
