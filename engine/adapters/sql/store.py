"""The door to a database: what the storage layer needs of one, whichever it is.

There are two behind it: a SQLite file (`sqlitestore`) and a PostgreSQL database (`postgres`). SQL is written once,
with `?` for values; only writing rows (`Writes`) and what a failure means differ. Whoever reads or writes gets the
driver's own speed: no ORM, no statement made twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from engine.errors import CrsError

if TYPE_CHECKING:
    from sqlalchemy import Engine, Table

Values = tuple[object, ...]


class Row(Protocol):
    """A row of a query: by position, by name, as a sequence, and as `dict(row)`."""

    def __getitem__(self, key: Any, /) -> Any:  # noqa: ANN401 - a value of any column
        """Return a value by position or by name."""
        ...

    def __iter__(self) -> Iterator[Any]:
        """Yield the values."""
        ...

    def keys(self) -> Iterable[str]:
        """Return the names of the columns."""
        ...


class Cursor(Protocol):
    """The part of a driver's cursor that the writer uses; both drivers' have it."""

    def execute(self, query: Any, params: Any = ..., /) -> object:  # noqa: ANN401 - as the drivers type it
        """Run one statement."""
        ...

    def executemany(self, query: Any, params_seq: Any, /) -> object:  # noqa: ANN401 - as the drivers type it
        """Run one statement for many rows."""
        ...


class Write(Protocol):
    """A statement that writes rows of one table, made once."""

    def run(self, cursor: Cursor, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows."""
        ...


class Writes(Protocol):
    """How rows are written in a dialect."""

    def insertion(self, table: Table) -> Write:
        """Return what inserts rows; a number that counts by itself is left to the database."""
        ...

    def replacement(self, table: Table) -> Write:
        """Return what inserts rows, or replaces those with the same key."""
        ...


class Reading(Protocol):
    """A connection that cannot write and sees one state of the database, whoever writes meanwhile."""

    @property
    def revision(self) -> str:
        """Version of the tables."""
        ...

    def rows(self, statement: str, values: Values, *, many: bool = False) -> Iterator[Row]:
        """Yield the rows of a query; `many` of them are not held in memory. Raises the driver's errors."""
        ...

    def damage(self) -> str | None:
        """Return what the database itself finds wrong with its files; None if nothing, or if it has no such check."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class Writing(Protocol):
    """The writer's connection; used by one thread."""

    @property
    def epoch(self) -> int:
        """Which writer this is, counted from 1; 0 where a lock of the system keeps others out."""
        ...

    def open(self, prepare: Callable[[Engine], None]) -> None:
        """Become the writer and let `prepare` bring the tables to this program's version.

        Raises:
            ProfileInUse: another process is the writer.
            StorageUnavailable: the database cannot be used now.
            StorageCorrupt, StorageTooNew: it cannot be used at all.
        """
        ...

    def settle(self) -> None:
        """Make sure that nothing of an earlier transaction is still under way.

        Raises:
            WriterFenced: another process took over.
            StorageUnavailable: the database cannot be asked now.
        """
        ...

    def begin(self) -> AbstractContextManager[Cursor]:
        """Commit at the end; if anything fails, nothing was done unless the commit itself failed.

        Raises:
            WriterFenced: another process took over; nothing was written.
        """
        ...

    def close(self) -> None:
        """Let go of the connection; what was not committed is undone. `begin` may be called again."""
        ...


class Store(Protocol):
    """A database, by whatever names it."""

    @property
    def path(self) -> Path | None:
        """Its file, if it is one: what backups, quarantine and notes are kept beside."""
        ...

    @property
    def writes(self) -> Writes:
        """How rows are written."""
        ...

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What its driver raises."""
        ...

    @property
    def name(self) -> str:
        """What it is called in a sentence, without secrets."""
        ...

    @property
    def advice(self) -> str:
        """What to do when it is damaged."""
        ...

    @property
    def empty(self) -> str:
        """The sentence that says that there is nothing in it yet."""
        ...

    @property
    def older(self) -> str:
        """The sentence that says that it must be migrated first."""
        ...

    @property
    def again(self) -> str:
        """The sentence that says that it takes what it refused."""
        ...

    def revision(self) -> str | None:
        """Return the version of its tables, None if it has none.

        Raises:
            StorageTooNew: this program does not know that version.
            StorageUnavailable, StorageCorrupt: it cannot be read.
        """
        ...

    def reading(self) -> Reading | None:
        """Return a connection to read; None if there is nothing in it. Raises as `revision`."""
        ...

    def writing(self) -> Writing:
        """Return the writer's connection, which is not open yet."""
        ...

    def engine(self) -> Engine:
        """Return an engine that changes tables, each transaction whole or not at all; its maker disposes of it."""
        ...

    def explained(self, error: Exception) -> CrsError:
        """Return a driver's or the system's error as one of ours; raises it if it is neither."""
        ...

    def passing(self, error: Exception) -> bool:
        """Whether the same transaction may well succeed at once: a lost connection, a conflict with another one."""
        ...
