"""A client of the streams: its socket, its channels, and what waits while it does not keep up.

A message goes straight to the socket if nothing waits there. Otherwise it waits here, in order, and a message of
which only the newest counts takes the place of the older one. A client for which too much waits, or that takes
nothing for too long, is closed: it must not cost the others anything.
"""

from __future__ import annotations

import time
from collections.abc import Hashable

from engine.server.principal import Principal
from engine.server.settings import Streams
from engine.server.ws.channel import Channel
from engine.server.ws.counters import Counters
from engine.server.ws.outlet import Outlet
from engine.wire.stream import SLOW_CONSUMER

_Place = tuple[Channel, Hashable] | int
"""What a waiting message is found by: its channel and key, or a running number if none replaces it."""


class Client:
    """One socket."""

    __slots__ = (
        "_counters", "_kept", "_kept_bytes", "_limits", "_moved_at", "_waiting",
        "channels", "closing", "ip", "outlet", "principal", "warned",
    )  # fmt: skip

    def __init__(self, outlet: Outlet, ip: str, limits: Streams, counters: Counters) -> None:
        self.outlet, self.ip = outlet, ip
        self.principal: Principal | None = None
        self.channels: dict[str, Channel] = {}
        """What it listens to, by name."""
        self.warned = False
        """Whether it was told that its time is almost over."""
        self.closing = False
        self._limits, self._counters = limits, counters
        self._waiting: dict[_Place, bytes | None] = {}
        """In the order of sending; None = to be asked of the channel when its turn comes."""
        self._kept = self._kept_bytes = 0
        """Of what waits, that which nothing replaces: how many ever, how many bytes now."""
        self._moved_at = 0.0
        outlet.on_room = self.flush

    @property
    def waiting(self) -> int:
        """How many messages wait."""
        return len(self._waiting)

    def tell(self, frame: bytes) -> None:
        """Send a message that must not be lost."""
        if self.closing:
            return
        if not self._waiting and not self.outlet.full:
            self.outlet.write(frame)
            self._counters.sent += 1
            return
        self._begin_waiting()
        self._kept += 1
        self._kept_bytes += len(frame)
        self._waiting[self._kept] = frame
        if len(self._waiting) > self._limits.queue_messages or self._kept_bytes > self._limits.queue_bytes:
            self.close(SLOW_CONSUMER, "You do not read fast enough.")

    def offer(self, channel: Channel, key: Hashable, frame: bytes) -> None:
        """Send a message of which only the newest counts."""
        if self.closing:
            return
        if not self._waiting and not self.outlet.full:
            self.outlet.write(frame)
            self._counters.sent += 1
            return
        self._begin_waiting()
        if (channel, key) in self._waiting:
            self._counters.conflated += 1
        else:
            self._waiting[channel, key] = None

    def forget(self, channel: Channel) -> None:
        """Let nothing of a channel wait that a newer message would replace."""
        if self._waiting:
            gone = [each for each in self._waiting if not isinstance(each, int) and each[0] is channel]
            for place in gone:
                del self._waiting[place]
            self._counters.conflated += len(gone)

    def flush(self) -> None:
        """Send what waits, as far as there is room."""
        waiting, outlet = self._waiting, self.outlet
        while waiting and not outlet.full and not self.closing:
            place = next(iter(waiting))
            frame = waiting.pop(place)
            if isinstance(place, int):
                self._kept_bytes -= len(frame or b"")
            else:
                frame = place[0].newest(place[1])
            if frame is not None:
                outlet.write(frame)
                self._counters.sent += 1
        self._moved_at = time.monotonic()

    def is_stalled(self, now: float) -> bool:
        """Whether it has taken nothing for too long (`now` on the monotonic clock)."""
        return bool(self._waiting) and now - self._moved_at > self._limits.stalled_s

    def close(self, code: int, reason: str) -> None:
        """Close the socket; its channels are left when its conversation ends."""
        if self.closing:
            return
        self.closing = True
        self._counters.closed[code] += 1
        self._counters.dropped += len(self._waiting)
        self._waiting.clear()
        self._kept_bytes = 0
        self.outlet.close(code, reason)

    def _begin_waiting(self) -> None:
        if not self._waiting:
            self._moved_at = time.monotonic()
