"""How fast one socket may ask, and how often in vain."""

from __future__ import annotations

import time

from engine.server.facade.fault import Fault

STRIKES = 20
"""Asks in a row that cannot be used before a client is sent away."""


class Pace:
    """An allowance of messages per second, and strikes."""

    def __init__(self, per_s: float) -> None:
        self._per_s = self._allowance = float(per_s)
        self._counted_at = time.monotonic()
        self._strikes = 0

    def count(self) -> None:
        """Count a message.

        Raises:
            Fault: it is one too many.
        """
        now = time.monotonic()
        self._allowance = min(self._per_s, self._allowance + (now - self._counted_at) * self._per_s)
        self._counted_at = now
        if self._allowance < 1.0:
            raise Fault(-1003, f"Too many requests: at most {self._per_s:.0f} messages a second on one socket.", 429)
        self._allowance -= 1.0

    def strike(self) -> bool:
        """Count one that could not be used; return whether that is enough."""
        self._strikes += 1
        return self._strikes >= STRIKES

    def well(self) -> None:
        """Take the strikes back."""
        self._strikes = 0
