"""How long to wait before the next try, in one place.

At once, then half a second and twice as long each time, up to half a minute, each drawn at random from nothing to
that (full jitter), so that a thousand clients do not come back together.

Source: AWS Architecture Blog, Exponential Backoff And Jitter (2015), "full jitter".
"""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST_S, MOST_S = 0.5, 30.0


class Backoff:
    """Counts failed tries; `next` says how many seconds to wait before the coming one."""

    def __init__(self, draw: Callable[[float, float], float] = random.uniform) -> None:
        self._draw = draw
        self.failures = 0

    def next(self, at_least_s: float = 0.0) -> float:
        """Count a failure and return the pause before the next try; no shorter than what a server asked for."""
        self.failures += 1
        if self.failures == 1:
            return at_least_s
        return at_least_s + self._draw(0.0, min(MOST_S, FIRST_S * 2.0 ** (self.failures - 2)))

    def reset(self) -> None:
        """Forget the failures: it worked."""
        self.failures = 0
