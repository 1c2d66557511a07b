"""Checking the chain of a long journal bit by bit, while the program runs: a start looks at its end only."""

from __future__ import annotations

from pathlib import Path

from engine.adapters.sql.reader import Reader

PIECE = 1_000
"""Records looked at in one step: a few milliseconds."""


class ChainCheck:
    """Looks at the records 1 to `last`, a piece at a time; each piece is read in a transaction of its own."""

    def __init__(self, path: Path, last: int) -> None:
        self._path, self._last = path, last
        self.checked = 0

    @property
    def done(self) -> bool:
        """Whether every record was looked at."""
        return self.checked >= self._last

    def step(self) -> None:
        """Look at the next piece.

        Raises:
            StorageCorrupt: a record is missing or was changed; names it.
            StorageUnavailable: the database cannot be read now; a later step goes on.
        """
        last = min(self._last, self.checked + PIECE)
        with Reader(self._path) as reader:
            for entry in reader.entries(self.checked, last):
                self.checked = entry.seq
            if self.checked < last:
                reader.hash_of(self.checked + 1)  # says that it is missing
