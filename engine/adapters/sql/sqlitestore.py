"""A SQLite file behind the door of `store`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.adapters.sql.database import Transactions, check_revision, connect, open_reading
from engine.adapters.sql.encrypted import check_written, errors
from engine.adapters.sql.failure import advice, explained
from engine.adapters.sql.store import Cursor, Store, Values
from engine.adapters.sql.writes import SqliteWrites
from engine.errors import CrsError

if TYPE_CHECKING:
    from sqlalchemy import Engine


def store_of(where: Path | Store) -> Store:
    """Return the database that a path names; a database is one already."""
    return SqliteStore(where) if isinstance(where, Path) else where


class SqliteStore:
    """See `Store`."""

    def __init__(self, path: Path) -> None:
        self.path: Path | None = path
        self.file = path
        self.writes = SqliteWrites()

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What the driver raises, that of encrypted files included."""
        return errors()

    @property
    def name(self) -> str:
        """The file."""
        return str(self.file)

    @property
    def advice(self) -> str:
        """What to do when it is damaged."""
        return advice(self.file)

    @property
    def empty(self) -> str:
        """Said when there is none."""
        return f"There is no account in {self.file.parent} yet. Start crs-desktop once to open one."

    @property
    def older(self) -> str:
        """Said when it must be migrated first."""
        return f"The database {self.file} is of an older version. Start crs-desktop once to migrate it."

    @property
    def again(self) -> str:
        """Said when it takes what it refused."""
        return "The disk takes orders again."

    def revision(self) -> str | None:
        """Return the version of the tables."""
        return check_revision(self.file)

    def reading(self) -> SqliteReading | None:
        """Return a connection to read."""
        revision = check_revision(self.file)
        if revision is None:
            return None
        try:
            return SqliteReading(open_reading(self.file), revision)
        except errors() as error:
            raise explained(error, self.file) from error

    def writing(self) -> SqliteWriting:
        """Return the writer's connection."""
        return SqliteWriting(self)

    def engine(self) -> Engine:
        """Return an engine for changes of the tables."""
        return connect(self.file)

    def explained(self, error: Exception) -> CrsError:
        """Return an error as one of ours."""
        if isinstance(error, CrsError):
            return error
        if isinstance(error, (OSError, *errors())) or _of_the_driver(error):
            return explained(error, self.file)
        raise error

    def passing(self, error: Exception) -> bool:
        """Return False: what a file refuses now it refuses in a moment."""
        return False


class SqliteReading:
    """See `Reading`."""

    def __init__(self, connection: sqlite3.Connection, revision: str) -> None:
        self._connection, self.revision = connection, revision

    def rows(self, statement: str, values: Values, *, many: bool = False) -> Iterator[sqlite3.Row]:
        """Yield rows; SQLite never holds more than one."""
        return iter(self._connection.execute(statement, values))

    def damage(self) -> str | None:
        """Return what SQLite itself finds wrong with the file."""
        found = [row[0] for row in self._connection.execute("PRAGMA integrity_check(3)")]
        return None if found == ["ok"] else "; ".join(found)

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


class SqliteWriting:
    """See `Writing`; the lock of the profile keeps other writers out, so there is no epoch."""

    epoch = 0

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._transactions: Transactions | None = None

    def open(self, prepare: Callable[[Engine], None]) -> None:
        """Prepare the tables; the first transaction opens the file."""
        engine = self._store.engine()
        try:
            prepare(engine)
        except BaseException:
            engine.dispose()
            raise
        check_written(self._store.file)
        self._transactions = Transactions(engine)

    def settle(self) -> None:
        """Do nothing: a failed transaction of a file is over when its connection is closed, as it was."""

    def begin(self) -> AbstractContextManager[Cursor]:
        """Begin a transaction."""
        assert self._transactions is not None, "it was opened"  # noqa: S101 - the caller's promise
        return self._transactions.begin()

    def close(self) -> None:
        """Let go of the file."""
        if self._transactions is not None:
            self._transactions.close()


def _of_the_driver(error: Exception) -> bool:
    from sqlalchemy.exc import DBAPIError

    return isinstance(error, DBAPIError)
