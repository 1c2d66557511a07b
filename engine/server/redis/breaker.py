"""A circuit breaker: whoever failed is left alone for a while, so that nobody waits for him with every request."""

from __future__ import annotations

import time
from collections.abc import Callable

FAILURES = 3
"""In a row, before it opens."""
FIRST_S, LONGEST_S = 0.5, 15.0
"""How long it stays open: at first, and at most; it doubles with every failed attempt."""


class Breaker:
    """Closed: all pass. Open: none. After a pause one attempt passes; what becomes of it decides."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures, self._pause_s, self._until = 0, FIRST_S, 0.0
        self._open = self._trying = False
        self.opened = 0
        """How often it did."""

    @property
    def is_open(self) -> bool:
        """Whether the other side counts as down."""
        return self._open

    def may_pass(self) -> bool:
        """Whether to try now; whoever is told so must report `succeeded` or `failed`."""
        if not self._open:
            return True
        if self._trying or self._now() < self._until:
            return False
        self._trying = True
        return True

    def succeeded(self) -> bool:
        """Close; returns whether it was open."""
        was_open = self._open
        self._open = self._trying = False
        self._failures, self._pause_s = 0, FIRST_S
        return was_open

    def failed(self) -> bool:
        """Count a failure; returns whether it opened by this one."""
        self._failures += 1
        if self._open:
            if self._trying:
                self._pause_s = min(LONGEST_S, self._pause_s * 2)
                self._until = self._now() + self._pause_s
                self._trying = False
            return False
        if self._failures < FAILURES:
            return False
        self._open, self._until = True, self._now() + self._pause_s
        self.opened += 1
        return True
