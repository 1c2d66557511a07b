"""Opening a database: which version wrote it, the settings of a connection, and a copy of the whole file.

Whether a database exists and which version wrote it is asked through the driver, in a millisecond.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from engine.adapters.sql.encrypted import connect_file, engine_options, errors, row_of
from engine.adapters.sql.failure import explained
from engine.errors import StorageTooNew, StorageUnavailable
from engine.observe.failpoint import reached

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.engine.interfaces import DBAPICursor
    from sqlalchemy.pool import PoolProxiedConnection

REVISION = "0003"
"""The version of the tables that this program writes; as in `schema`, which is slow to import."""

KNOWN = ("0001", "0002", "0003")
"""Versions that can be migrated to `REVISION`, oldest first."""

BUSY_MS = 2_000
"""How long a statement waits for somebody else's lock before the attempt counts as failed."""


def stored_revision(path: Path) -> str | None:
    """Return the version of the tables in a database; None if there are none yet.

    Raises:
        StorageUnavailable: it cannot be opened.
        StorageCorrupt: it is no database.
    """
    if not path.exists() or path.stat().st_size == 0:
        return None
    try:
        with closing(open_reading(path)) as connection:
            has = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if has else None
    except errors() as error:
        raise explained(error, path) from error
    return row[0] if row else None


def open_reading(path: Path) -> sqlite3.Connection:
    """Return a connection that cannot write and sees one state of the database, whoever writes meanwhile.

    Raises:
        sqlite3.Error: it cannot be opened or is no database.
    """
    try:
        return _begun(path)
    except errors() as error:
        if "OperationalError" not in type(error).__name__:
            raise
        log = path.with_name(path.name + "-wal")
        if log.exists() and log.stat().st_size:
            raise
        return _begun(path, immutable=True)  # a directory we cannot write, and nobody else does


def _begun(path: Path, *, immutable: bool = False) -> sqlite3.Connection:
    connection = connect_file(path, "ro", immutable=immutable, timeout=BUSY_MS / 1000, isolation_level=None)
    connection.row_factory = row_of(connection)
    try:
        connection.execute("BEGIN")
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except errors():
        connection.close()
        raise
    return connection


def check_revision(path: Path) -> str | None:
    """Return the stored version, refusing one that this program does not know."""
    revision = stored_revision(path)
    if revision is not None and revision not in KNOWN:
        raise StorageTooNew(
            f"The database {path} was written by a newer CRS Desktop (version {revision}). "
            "Install that version, or choose another profile with --profile-dir."
        )
    return revision


def connect(path: Path) -> Engine:
    """Return an engine whose connections commit with full durability, on one thread.

    Python's driver is kept from beginning transactions on its own, so that a transaction is exactly
    what is between BEGIN IMMEDIATE and COMMIT.
    """
    import sqlalchemy
    from sqlalchemy.pool import SingletonThreadPool

    engine = sqlalchemy.create_engine(
        f"sqlite:///{path}", poolclass=SingletonThreadPool, **engine_options(path, BUSY_MS / 1000)
    )

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"):
            connection.execute(statement)

    def begin(connection: sqlalchemy.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    sqlalchemy.event.listen(engine, "connect", prepare)
    sqlalchemy.event.listen(engine, "begin", begin)
    return engine


class Transactions:
    """Transactions of one thread on the driver's own connection, without what SQLAlchemy adds to each statement."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: PoolProxiedConnection | None = None

    @contextmanager
    def begin(self) -> Iterator[DBAPICursor]:
        """Commit at the end; if anything fails, nothing was done, and the next transaction has a new connection."""
        try:
            if self._connection is None:
                self._connection = self._engine.raw_connection()
            cursor = self._connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            yield cursor
            cursor.execute("COMMIT")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the connection; what was not committed is undone."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):  # at once, not when the last cursor of it has gone: others wait for the lock
                connection.rollback()
            connection.invalidate()
        self._engine.dispose()


def copy_whole(path: Path, copy: Path) -> None:
    """Copy a database, whole, while it may be in use, to a file of its own that is on the disk when this returns.

    Raises:
        StorageUnavailable: there is no room for a copy, or it cannot be read; nothing was changed.
    """
    partial = copy.with_name(copy.name + ".partial")
    failures: tuple[type[Exception], ...] = (OSError, *errors())
    try:
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial.unlink(missing_ok=True)
        with (
            closing(connect_file(path, "ro")) as source,
            closing(connect_file(partial, "rwc")) as target,
        ):
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")  # one file, with no log beside it
        with partial.open("rb+") as file:
            os.fsync(file.fileno())
        reached("backup.before_rename")
        os.replace(partial, copy)
        sync_directory(copy.parent)
    except failures as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise StorageUnavailable(
            f"No copy of the database {path} could be made: {error}. Nothing was changed."
        ) from error


def sync_directory(directory: Path) -> None:
    """Make new and changed names in a directory last, where the system has such a call."""
    if os.name == "posix":
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
