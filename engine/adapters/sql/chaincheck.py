"""Checking the chain of a long journal bit by bit, while the program runs: a start looks at its end only.

Where a bad record was found is noted beside the database, so that the next start looks there too and does not open.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from engine.adapters.sql.reader import Reader
from engine.adapters.sql.sqlitestore import store_of
from engine.adapters.sql.store import Store
from engine.errors import StorageCorrupt

PIECE = 1_000
"""Records looked at in one step: a few milliseconds."""


class ChainCheck:
    """Looks at the records 1 to `last`, a piece at a time; each piece is read in a transaction of its own."""

    def __init__(self, where: Path | Store, last: int) -> None:
        self._store, self._last = store_of(where), last
        self.checked = 0

    @property
    def done(self) -> bool:
        """Whether every record was looked at."""
        return self.checked >= self._last

    def step(self) -> None:
        """Look at the next piece.

        Raises:
            StorageCorrupt: a record is missing or was changed; names it, and the next start will not open.
            StorageUnavailable: the database cannot be read now; a later step goes on.
        """
        last = min(self._last, self.checked + PIECE)
        try:
            with Reader(self._store) as reader:
                for entry in reader.entries(self.checked, last):
                    self.checked = entry.seq
                if self.checked < last:
                    reader.hash_of(self.checked + 1)  # says that it is missing
        except StorageCorrupt:
            with suppress(OSError):  # the disk refuses: it will be found again
                if self._store.path is not None:
                    _note(self._store.path).write_text(str(self.checked + 1), encoding="ascii")
            raise


def look_again(where: Path | Store) -> None:
    """Look at the record that an earlier run found bad, if there is one.

    Raises:
        StorageCorrupt: it still is; names it.
        StorageUnavailable: the database cannot be read now.
    """
    store = store_of(where)
    if store.path is None:  # there is no place beside it; the check finds it again
        return
    note = _note(store.path)
    try:
        seq = int(note.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return
    with Reader(store, older=True) as reader:
        if reader.tip().seq >= seq:
            for _ in reader.entries(seq - 1, seq):
                pass
            reader.hash_of(seq)
    with suppress(OSError):  # another database is there now
        note.unlink()


def _note(path: Path) -> Path:
    return path.with_name(path.name + ".bad-record")
