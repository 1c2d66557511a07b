"""The server's own database, opened and migrated; transactions that read and transactions that write."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from engine.adapters.sql.pool import pooled
from engine.errors import StorageCorrupt, StorageTooNew, StorageUnavailable
from engine.server.db.tables import REVISION, VERSION_TABLE, security_tip
from engine.server.lastdatabase import remember
from engine.server.settings import ServerSettings

KNOWN = ("0001",)
"""Revisions that can be migrated to `REVISION`, oldest first."""

MIGRATION_LOCK = 0x43525341
"""The key of PostgreSQL's advisory lock under which one process at a time migrates."""


class AccountsDb:
    """Transactions on the users' tables; every method blocks, so it is called in a thread."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._reading = engine.execution_options(crs_reading=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Lend a transaction that only reads.

        Raises:
            StorageUnavailable: the database does not answer.
        """
        with _translated(), self._reading.connect() as connection:
            yield connection

    @contextmanager
    def one_state(self) -> Iterator[Connection]:
        """Lend one whose statements all see the same state, whoever writes meanwhile; on SQLite every one does."""
        still = self._reading
        if still.dialect.name == "postgresql":
            still = still.execution_options(isolation_level="REPEATABLE READ")
        with _translated(), still.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Lend a transaction that is committed at the end, undone if anything fails; on SQLite it is the only writer.

        Raises:
            StorageUnavailable: the database does not answer, or nothing can be written.
        """
        with _translated(), self.engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Let the connections go."""
        self.engine.dispose()


def open_accounts(settings: ServerSettings) -> AccountsDb:
    """Return the users' database, made or migrated if it has to be.

    Raises:
        StorageUnavailable: it cannot be opened.
        StorageTooNew: a newer program wrote it.
    """
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StorageUnavailable(f"The data directory {settings.data_dir} cannot be made: {error}.") from error
    engine = pooled(settings.accounts_url)
    if engine.dialect.name == "sqlite":
        _own_file(settings.data_dir / "accounts.sqlite")
        sa.event.listen(engine, "connect", _by_hand)
        sa.event.listen(engine, "begin", _begin)
    opened = AccountsDb(engine)
    try:
        with _translated():
            _prepare(opened)
    except BaseException:
        engine.dispose()
        raise
    remember(settings.data_dir, settings.database)
    return opened


def stored_revision(connection: Connection) -> str | None:
    """Return the version of the tables; None if there are none yet."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.scalar(sa.text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608 - a constant
    return found


def _prepare(database: AccountsDb) -> None:
    with database.reading() as connection:
        if stored_revision(connection) == REVISION:
            return
    from engine.server.db.migrations import upgrade  # Alembic takes a while to import

    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        stored = stored_revision(connection)  # another process may have been faster
        if stored is not None and stored not in KNOWN:
            raise StorageTooNew(f"The users' database was written by a newer CRS (version {stored}). Install that one.")
        if stored != REVISION:
            upgrade(connection, REVISION)
        if connection.scalar(sa.select(security_tip.c.id)) is None:
            connection.execute(security_tip.insert().values(id=1, seq=0, hash="0" * 64))


def _own_file(path: Path) -> None:
    """Make the file before SQLite does, so that nobody else may read it; its log gets the same permissions."""
    with suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _by_hand(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's
    connection.isolation_level = None  # the driver begins no transactions of its own


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("crs_reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.TimeoutError) as error:
        raise StorageUnavailable("The users' database does not answer now. Try again in a moment.") from error
    except sa.exc.DatabaseError as error:
        if isinstance(error, sa.exc.IntegrityError | sa.exc.ProgrammingError | sa.exc.DataError):
            raise
        raise StorageCorrupt("The users' database is damaged; restore it from a backup.") from error
