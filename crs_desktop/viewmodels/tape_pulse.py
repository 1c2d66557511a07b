"""How fast the tape runs and who pushes: prints, bought and sold of the last seconds of the venue's time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from engine.domain.market import TradeTick
from engine.domain.number import NANOS_PER_SECOND
from engine.domain.order import Side

WINDOW_S = 10
SLICES_PER_S = 4
SLICE_NS = NANOS_PER_SECOND // SLICES_PER_S


class TapePulse:
    """Sums over the last ten seconds, in slices of a quarter, so that a burst costs no more memory than a lull."""

    def __init__(self) -> None:
        self._slices: deque[list[int]] = deque(maxlen=WINDOW_S * SLICES_PER_S)
        """Number of the slice, prints, lots bought, lots sold."""

    def add(self, ticks: Iterable[TradeTick]) -> None:
        """Count prints, oldest first."""
        for tick in ticks:
            number = tick.at // SLICE_NS
            if not self._slices or self._slices[-1][0] != number:
                self._slices.append([number, 0, 0, 0])
            last = self._slices[-1]
            last[1] += 1
            last[2 if tick.side is Side.BUY else 3] += tick.qty

    def read(self, now: int) -> tuple[float, int, int]:
        """Return prints per second, lots bought and lots sold of the ten seconds until `now`."""
        since = now // SLICE_NS - WINDOW_S * SLICES_PER_S
        while self._slices and self._slices[0][0] <= since:
            self._slices.popleft()
        prints, bought, sold = (sum(each[place] for each in self._slices) for place in (1, 2, 3))
        return prints / WINDOW_S, bought, sold

    def clear(self) -> None:
        """Forget everything."""
        self._slices.clear()
