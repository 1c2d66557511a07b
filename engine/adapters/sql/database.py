"""Opening the database: first making, migrating with a backup, and the settings of a connection.

Whether a database exists and which version wrote it is asked through the driver, in a millisecond.
A new one is made from the tables directly. Alembic is imported only when the stored version differs.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from engine.adapters.sql.failure import explained
from engine.errors import StorageTooNew, StorageUnavailable

if TYPE_CHECKING:
    from sqlalchemy import Engine

REVISION = "0002"
"""The version of the tables that this program writes; as in `schema`, which is slow to import."""

KNOWN = ("0001", "0002")
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
    except sqlite3.Error as error:
        raise explained(error, path) from error
    return row[0] if row else None


def open_reading(path: Path) -> sqlite3.Connection:
    """Return a connection that cannot write and sees one state of the database, whoever writes meanwhile.

    Raises:
        sqlite3.Error: it cannot be opened or is no database.
    """
    try:
        return _begun(f"{path.as_uri()}?mode=ro")
    except sqlite3.OperationalError:
        log = path.with_name(path.name + "-wal")
        if log.exists() and log.stat().st_size:
            raise
        return _begun(f"{path.as_uri()}?immutable=1")  # a directory we cannot write, and nobody else does


def _begun(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_MS / 1000, isolation_level=None)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("BEGIN")
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.Error:
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
        f"sqlite:///{path}", poolclass=SingletonThreadPool, connect_args={"timeout": BUSY_MS / 1000}
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


def prepare(engine: Engine, path: Path) -> None:
    """Bring the tables to this program's version: make them, or migrate after a backup.

    Raises:
        StorageTooNew: a newer program wrote them.
        StorageUnavailable: the disk refuses.
        StorageCorrupt: it is no database.
    """
    revision = check_revision(path)
    if revision == REVISION:
        return
    if revision is None:
        _make(engine)
        return
    back_up(path, path.parent / "backups" / f"{path.stem}-{revision}{path.suffix}")
    from engine.adapters.sql.migrations import upgrade

    upgrade(engine, REVISION)


def _make(engine: Engine) -> None:
    from sqlalchemy import text

    from engine.adapters.sql.schema import metadata

    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(
            text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
                 "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))")
        )  # fmt: skip
        connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISION})


def back_up(path: Path, copy: Path) -> None:
    """Copy a database, whole, while it may be in use; an older copy of that name is replaced.

    Raises:
        StorageUnavailable: there is no room for a copy, so nothing was changed.
    """
    try:
        copy.parent.mkdir(parents=True, exist_ok=True)
        partial = copy.with_suffix(".partial")
        partial.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(partial)) as target:
            source.backup(target)
        shutil.move(partial, copy)
    except (OSError, sqlite3.Error) as error:
        raise StorageUnavailable(
            f"The database {path} must be migrated, but no backup could be made: {error}. Nothing was changed."
        ) from error
