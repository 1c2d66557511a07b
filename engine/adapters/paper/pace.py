"""How far the market may be advanced at once, and whether full order flow can keep up.

Costs are CPU seconds of this thread per second of market time, learnt from each step. The class of
flow changes with some inertia, so that a market at the edge does not switch back and forth.
"""

from __future__ import annotations

from engine.domain.number import NANOS_PER_SECOND

STEP_BUDGET_S = 0.008
"""CPU time of one step: a frame of 60 Hz keeps half of its time."""

FULL_LIMIT = 0.45
"""Share of one core beyond which full order flow is given up…"""

FULL_AGAIN = 0.25
"""…and below which it is taken up again."""

FIRST_STEP = NANOS_PER_SECOND // 50
"""Market time of the first step, before anything was learnt."""

LEARNING = 0.2
"""Weight of the newest step in the learnt cost."""


class Pace:
    """Learns what market time costs in each class; `True` is the coarse one."""

    def __init__(self) -> None:
        self._cost: dict[bool, float] = {}

    def learn(self, coarse: bool, nanos: int, cpu_s: float) -> None:
        """Take in that `nanos` of market time cost `cpu_s`."""
        if nanos <= 0:
            return
        cost = cpu_s * NANOS_PER_SECOND / nanos
        known = self._cost.get(coarse)
        self._cost[coarse] = cost if known is None else known + (cost - known) * LEARNING

    def step(self, coarse: bool) -> int:
        """Return how much market time fits in one step, in ns."""
        cost = self._cost.get(coarse)
        if cost is None:
            return FIRST_STEP
        return max(NANOS_PER_SECOND // 1000, int(STEP_BUDGET_S / max(cost, 1e-9) * NANOS_PER_SECOND))

    def wants_coarse(self, coarse: bool, speed: float) -> bool:
        """Return whether the market should advance in coarse steps at that speed."""
        cost = self._cost.get(False)
        if cost is None or speed <= 1:
            return False
        return cost * speed > (FULL_AGAIN if coarse else FULL_LIMIT)
