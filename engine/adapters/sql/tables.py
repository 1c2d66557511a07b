"""Bringing the tables of a database to a version: made new, or migrated after a backup. The journal stays as it is."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from engine.adapters.sql.backup import create
from engine.adapters.sql.database import KNOWN, REVISION
from engine.adapters.sql.encrypted import connect_file, errors
from engine.adapters.sql.failure import explained
from engine.adapters.sql.manifest import Backup, Kind
from engine.adapters.sql.sqlitestore import store_of
from engine.adapters.sql.store import Store
from engine.errors import InvalidInput, StorageUnavailable

if TYPE_CHECKING:
    from sqlalchemy import Engine


def prepare(engine: Engine, where: Path | Store) -> None:
    """Bring the tables to this program's version: make them, or migrate after a backup.

    Raises:
        StorageTooNew: a newer program wrote them.
        StorageUnavailable: the disk refuses, or has no room for the backup; nothing was changed.
        StorageCorrupt: it is no database, or damaged.
    """
    store = store_of(where)
    revision = store.revision()
    if revision == REVISION:
        return
    if revision is None:
        _make(engine)
        return
    from engine.adapters.sql.migrations import upgrade

    if store.path is not None:
        create(store.path, Kind.MIGRATION, time.time_ns(), thorough=False)
    upgrade(engine, REVISION)


def move(where: Path | Store, to: str, wall_ns: int) -> Backup | None:
    """Move the tables up or down to a version, in one transaction; return the backup, None if none was needed.

    A file is copied before; PostgreSQL changes tables whole or not at all.

    Raises:
        InvalidInput: there is no such version.
        StorageUnavailable, StorageCorrupt, StorageTooNew: as `prepare`, or there is no database.
    """
    if to not in KNOWN:
        raise InvalidInput(f"There is no version {to!r}; there are {', '.join(KNOWN)}.")
    store = store_of(where)
    stored = store.revision()
    if stored is None:
        raise StorageUnavailable(store.empty)
    if to == stored:
        return None
    from sqlalchemy.exc import DBAPIError

    from engine.adapters.sql.migrations import downgrade, upgrade

    backup = create(store.path, Kind.MIGRATION, wall_ns) if store.path is not None else None
    engine = store.engine()
    try:
        (upgrade if to > stored else downgrade)(engine, to)
    except (DBAPIError, OSError) as error:
        raise store.explained(error) from error
    finally:
        engine.dispose()
    return backup


def forget_snapshots(path: Path) -> int:
    """Delete the snapshots of the accounts, which only save time, and return how many there were.

    Raises:
        StorageUnavailable, StorageCorrupt: the database cannot be written.
    """
    try:
        with closing(connect_file(path, "rw")) as connection, connection:
            return connection.execute("DELETE FROM account_snapshot").rowcount
    except errors() as error:
        raise explained(error, path) from error


def _make(engine: Engine) -> None:
    from sqlalchemy import inspect, text

    from engine.adapters.sql.postgres.lock import LOCK
    from engine.adapters.sql.schema import metadata

    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            if inspect(connection).has_table("alembic_version"):  # somebody else was faster
                return
        metadata.create_all(connection)
        connection.execute(
            text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
                 "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))")
        )  # fmt: skip
        connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": REVISION})
