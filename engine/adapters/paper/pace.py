"""Whether full order flow can keep up with the speed that is asked for, and what speed is reached.

Costs are CPU seconds of this thread per second of market time, learnt from each wake-up. The class of
flow changes with some inertia, so that a market at the edge does not switch back and forth.
"""

from __future__ import annotations

from collections import deque

from engine.domain.number import NANOS_PER_SECOND

FULL_LIMIT = 0.45
"""Share of one core beyond which full order flow is given up…"""

FULL_AGAIN = 0.25
"""…and below which it is taken up again."""

LEARNING = 0.2
"""Weight of the newest wake-up in the learnt cost."""

LOOK_BACK = 20
"""Wake-ups over which the reached speed is measured: two seconds."""

ENOUGH = 0.95
"""Share of the asked speed that counts as keeping up."""


class Pace:
    """Learns what market time costs in each class (`True` is the coarse one), and how fast it passes."""

    def __init__(self) -> None:
        self._cost: dict[bool, float] = {}
        self._passed: deque[tuple[float, int]] = deque(maxlen=LOOK_BACK)

    def learn(self, coarse: bool, nanos: int, cpu_s: float) -> None:
        """Take in that `nanos` of market time cost `cpu_s`."""
        if nanos <= 0:
            return
        cost = cpu_s * NANOS_PER_SECOND / nanos
        known = self._cost.get(coarse)
        self._cost[coarse] = cost if known is None else known + (cost - known) * LEARNING

    def wants_coarse(self, coarse: bool, speed: float) -> bool:
        """Return whether the market should advance in coarse steps at that speed."""
        cost = self._cost.get(False)
        if cost is None or speed <= 1:
            return False
        return cost * speed > (FULL_AGAIN if coarse else FULL_LIMIT)

    def passed(self, wall_s: float, nanos: int) -> None:
        """Take in that `nanos` of market time passed in `wall_s`."""
        self._passed.append((wall_s, nanos))

    def start_over(self) -> None:
        """Forget how fast it was; another speed is asked for."""
        self._passed.clear()

    def behind(self, speed: float) -> float | None:
        """Return the speed reached if it is clearly below the asked one, to two figures; else None."""
        if len(self._passed) < LOOK_BACK:
            return None
        wall_s = sum(each[0] for each in self._passed)
        reached = sum(each[1] for each in self._passed) / NANOS_PER_SECOND / max(wall_s, 1e-9)
        return float(f"{reached:.2g}") if reached < ENOUGH * speed else None
