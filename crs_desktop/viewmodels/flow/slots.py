"""What is known of the delta of neighbouring slots: arrays that grow at both ends, with room to spare."""

from __future__ import annotations

import numpy as np

ROOM = 4_096
FRONT_ROOM = 1_572_864
"""Room for older bars once the first of them come; the system hands out its pages when they are written to."""


class Slots:
    """Arrays side by side; index `first` is the oldest slot, `stop` one past the newest."""

    def __init__(self, first: int) -> None:
        self.first = self.stop = first
        self._origin = -first
        self.starts = np.empty(0, np.int64)
        self.bars = np.empty((0, 3))
        """Delta, its greatest and its least on the way."""
        self.known = np.empty(0, np.bool_)
        self.gap = np.empty(0, np.bool_)
        self.base = np.empty(0)
        """What a bar's cumulative delta begins at."""

    def __len__(self) -> int:
        return self.stop - self.first

    def part(self, first: int, stop: int) -> slice:
        """Return where the slots from `first` to `stop` are in the arrays."""
        return slice(first + self._origin, stop + self._origin)

    def reach(self, first: int, stop: int) -> None:
        """Hold the slots from `first` to `stop` as well; those that come new are to be written."""
        low, high = min(first, self.first), max(stop, self.stop)
        before, after = -(low + self._origin), high + self._origin - len(self.starts)
        if before > 0 or after > 0:
            self._grow(max(before, FRONT_ROOM) if before > 0 else 0, max(after, len(self), ROOM) if after > 0 else 0)
        self.first, self.stop = low, high

    def _grow(self, front: int, back: int) -> None:
        part = self.part(self.first, self.stop)
        self.starts, self.bars, self.known, self.gap, self.base = (
            _grown(each, part, front, back) for each in (self.starts, self.bars, self.known, self.gap, self.base)
        )
        self._origin += front


def _grown(array: np.ndarray, part: slice, front: int, back: int) -> np.ndarray:
    fresh = np.empty((len(array) + front + back, *array.shape[1:]), array.dtype)
    fresh[part.start + front : part.stop + front] = array[part]
    return fresh
