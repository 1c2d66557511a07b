"""All lines to one venue: pairs are spread over as many connections as the venue's limits ask for."""

from __future__ import annotations

import time
from collections.abc import Sequence

from engine.adapters.exchanges.dialect.stream import Channel
from engine.adapters.exchanges.net.line import Line, LineListener, LinePlan
from engine.adapters.exchanges.net.pace import Pace


class Lines:
    """Subscriptions of a venue; nothing connects before the first one, a line that has none left ends."""

    def __init__(self, plan: LinePlan, listener: LineListener) -> None:
        self._plan, self._listener = plan, listener
        self._connects = Pace(plan.limits.connects_per_5_min / 300, max(1.0, plan.limits.connects_per_5_min / 10))
        self._lines: list[Line] = []
        self._of: dict[str, Line] = {}
        self._past_frames = self._past_reconnects = 0

    def subscribe(self, native: str, channels: Sequence[Channel]) -> bool:
        """Have channels of a pair from now on, all on one line, so that they keep their order.

        Returns whether that line is connected already, so that no `opened` will come.
        """
        line = self._of.get(native)
        if line is None:
            line = self._of[native] = self._with_room(len(channels))
        line.subscribe(native, channels)
        return line.is_open

    async def unsubscribe(self, native: str) -> None:
        """Have nothing more of a pair."""
        line = self._of.pop(native, None)
        if line is None:
            return
        line.unsubscribe(native)
        if not line.streams:
            self._lines.remove(line)
            await line.close()
            self._past_frames += line.frames
            self._past_reconnects += line.reconnects

    def again(self, native: str, channel: Channel) -> None:
        """Have a channel of a pair begin anew."""
        if native in self._of:
            self._of[native].again(native, channel)

    def drop(self, native: str, why: str) -> None:
        """End the connection that a pair is on; another one begins soon."""
        if native in self._of:
            self._of[native].drop(why)

    def is_sending(self, native: str) -> bool:
        """Whether messages on the line of a pair still wait for their turn."""
        return native in self._of and self._of[native].is_sending

    def retry(self) -> None:
        """Wait no longer for the next try."""
        for line in self._lines:
            line.retry()

    def leave(self) -> None:
        """Have other connections take over from all."""
        for line in self._lines:
            line.leave()

    async def close(self) -> None:
        """End all connections; safe to call twice."""
        lines, self._lines = self._lines, []
        self._of.clear()
        for line in lines:
            await line.close()

    @property
    def frames(self) -> int:
        """Frames heard so far."""
        return self._past_frames + sum(line.frames for line in self._lines)

    @property
    def reconnects(self) -> int:
        """Connections that came after others so far."""
        return self._past_reconnects + sum(line.reconnects for line in self._lines)

    @property
    def age_s(self) -> float | None:
        """Seconds since something was heard on the line that is silent longest; None if one is not connected."""
        heard = [line.heard_at for line in self._lines]
        known = [at for at in heard if at is not None]
        return time.monotonic() - min(known) if known and len(known) == len(heard) else None

    def _with_room(self, streams: int) -> Line:
        for line in self._lines:
            if line.streams + streams <= self._plan.limits.streams:
                return line
        line = Line(self._plan, self._listener, self._connects)
        self._lines.append(line)
        line.start()
        return line
