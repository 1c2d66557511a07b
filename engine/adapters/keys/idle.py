"""When a wallet locks itself, and how long it makes one wait after wrong passwords: values, no tasks."""

from __future__ import annotations

from engine.domain.number import Nanos
from engine.ports.clock import Clock

SECOND = 1_000_000_000
FREE_TRIES = 2
"""Wrong passwords in a row that cost nothing: people mistype."""
LONGEST_S = 60
SLEPT_S = 20
"""What the wall's clock may be ahead of the monotonic one before it is taken for sleep; on systems whose monotonic
clock goes on in sleep, what may lie between two looks."""


class Idle:
    """How long nobody was there."""

    def __init__(self, clock: Clock, seconds: int) -> None:
        """`seconds` 0: it is never locked for that."""
        self._clock = clock
        self.seconds = seconds
        self.touch()

    def touch(self) -> None:
        """Somebody is there."""
        self._monotonic, self._wall = self._clock.monotonic(), self._clock.wall()
        self._looked = self._monotonic

    @property
    def left_s(self) -> float | None:
        """Seconds until nobody was there for too long; None if that is never so."""
        if not self.seconds:
            return None
        gone = max(self._clock.monotonic() - self._monotonic, self._clock.wall() - self._wall)
        return max(0.0, self.seconds - gone / SECOND)

    def reason(self) -> str:
        """Return why the wallet should be locked now, in a sentence; empty if it need not be."""
        now = self._clock.monotonic()
        by_monotonic, by_wall = now - self._monotonic, self._clock.wall() - self._wall
        pause, self._looked = now - self._looked, now
        if max(by_wall - by_monotonic, pause) > SLEPT_S * SECOND:
            return "The wallet was locked because this machine slept."
        if self.seconds and max(by_monotonic, by_wall) >= self.seconds * SECOND:
            return f"The wallet was locked because nothing was done for {_span(self.seconds)}."
        return ""


class Tries:
    """Wrong passwords in a row: from the third on each makes one wait twice as long, up to a minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong = 0
        self._last = Nanos(0)

    @property
    def wait_s(self) -> int:
        """Seconds until the next try, 0 if it may be now."""
        if self._wrong <= FREE_TRIES:
            return 0
        pause = min(1 << self._wrong - FREE_TRIES - 1, LONGEST_S) * SECOND
        left = int(self._last) + pause - int(self._clock.monotonic())
        return max(0, -(-left // SECOND))

    def failed(self) -> None:
        """One more was wrong."""
        self._wrong += 1
        self._last = self._clock.monotonic()

    def succeeded(self) -> None:
        """One was right: what was before counts no more."""
        self._wrong = 0


def _span(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    if rest or not minutes:
        return f"{seconds} s"
    return f"{minutes} minute{'s' if minutes != 1 else ''}"
