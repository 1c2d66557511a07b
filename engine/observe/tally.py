"""Requests counted by operation and how long they took: a dictionary and a histogram, about two microseconds each."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from typing import NamedTuple

from engine.observe.metrics import Histogram, quantile_of

WINDOW_S = 60.0
"""What `recent` looks back on."""


class Lately(NamedTuple):
    """The last minute of an operation, or of all; times in milliseconds."""

    per_s: float
    p50: float
    p95: float
    p99: float


class Operation:
    """One operation since the start."""

    __slots__ = ("marks", "method", "path", "statuses", "times")

    def __init__(self, method: str, path: str) -> None:
        self.method, self.path = method, path
        self.statuses: dict[int, int] = {}
        self.times = Histogram()
        self.marks: deque[tuple[float, dict[int, int]]] = deque()
        """What the histogram was at some instants of the last minute."""

    def share(self, first: int, last: int) -> int:
        """Return how many were answered with a status between two, both included."""
        return sum(count for status, count in self.statuses.items() if first <= status <= last)


class Tally:
    """All operations of a process."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._started = now()
        self._operations: dict[tuple[str, str], Operation] = {}
        self.in_flight = self.slow = 0
        self.passed: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        """By the limiter, by tier."""

    def note(self, method: str, path: str, status: int, ms: float) -> None:
        """Count one that is answered; `path` is the operation's pattern, of which there are not many."""
        operation = self._operations.get((method, path))
        if operation is None:
            operation = self._operations[method, path] = Operation(method, path)
        operation.statuses[status] = operation.statuses.get(status, 0) + 1
        operation.times.record(ms)

    def operations(self) -> tuple[Operation, ...]:
        """Return all of them, the most asked for first."""
        return tuple(sorted(self._operations.values(), key=lambda each: -each.times.count))

    def mark(self) -> None:
        """Remember this instant; called every few seconds by whoever watches."""
        now = self._now()
        for operation in self._operations.values():
            marks = operation.marks
            marks.append((now, operation.times.counts()))
            while len(marks) > 1 and marks[1][0] <= now - WINDOW_S:
                marks.popleft()

    def lately(self, *operations: Operation) -> Lately:
        """Return the last minute of operations together; of a younger program, all there is."""
        now = self._now()
        counts: Counter[int] = Counter()
        since = self._started
        for operation in operations:
            counts.update(operation.times.counts())
            if operation.marks and operation.marks[0][0] <= now - WINDOW_S / 2:
                since = max(since, operation.marks[0][0])
                counts.subtract(operation.marks[0][1])
        fresh = {bucket: count for bucket, count in counts.items() if count > 0}
        asked, passed = sum(fresh.values()), max(1.0, now - since)
        return Lately(asked / passed, *(quantile_of(fresh, share) for share in (0.5, 0.95, 0.99)))
