"""How many connections are open, and how many more may be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container


class Doorkeeper:
    """Counts open connections, in all and by address."""

    def __init__(self, most: int = 4_096, most_of_one: int = 256, free: Container[str] = ()) -> None:
        self._most, self._most_of_one, self._free = most, most_of_one, free
        self._of_one: Counter[str] = Counter()
        self.open = 0
        self.refused = 0
        self.timed_out = 0

    def lets_in(self, net: str) -> bool:
        """Count a new connection, unless there are too many."""
        if self.open >= self._most or (self._of_one[net] >= self._most_of_one and net not in self._free):
            self.refused += 1
            return False
        self.open += 1
        self._of_one[net] += 1
        return True

    def left(self, net: str) -> None:
        """Count one less."""
        self.open -= 1
        self._of_one[net] -= 1
        if self._of_one[net] <= 0:
            del self._of_one[net]
