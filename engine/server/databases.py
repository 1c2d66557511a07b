"""A server's databases as things to look after: made, shown, migrated, emptied, checked; on files and PostgreSQL alike.

There are two sets of tables, the exchange's and the users'. In files each has its own; on PostgreSQL both are in one
database, each with its own version.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from engine.adapters.sql.address import store_at
from engine.adapters.sql.database import REVISION
from engine.adapters.sql.pool import MAX_OVERFLOW, POOL_SIZE, RECYCLE_S
from engine.adapters.sql.postgres.store import PostgresStore
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.store import Store
from engine.adapters.sql.tables import move, prepare
from engine.errors import InvalidInput, StorageUnavailable
from engine.profile import Profile, ProfileLock
from engine.server.hall.database import hall_url
from engine.server.settings import ServerSettings

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


class Tables(Struct):
    """One set of tables."""

    name: str
    where: str
    revision: str | None
    """Of what is there; None if nothing is."""
    newest: str
    bytes: int
    """Of the file, or of the whole PostgreSQL database."""
    rows: dict[str, int]


class Shown(Struct):
    """What there is."""

    tables: list[Tables]
    records: int
    last_hash: str
    epoch: int
    """Of the last writer; 0 in a file."""
    writer: str
    pool: dict[str, int | bool]


class Databases:
    """The databases that settings name; with a venue, the exchange is that of an upstream market."""

    def __init__(self, settings: ServerSettings, venue: str = "") -> None:
        """Read the URL.

        Raises:
            InvalidInput: it is none, or there is no such upstream market.
        """
        self._settings, data = settings, Profile(settings.data_dir)
        if venue and not settings.database and venue not in data.venues():
            raise InvalidInput(f"There is no upstream market {venue[:40]!r} in {settings.data_dir}.")
        url = hall_url(settings, venue) if venue else settings.exchange_url
        self.store: Store = store_at(url, shard=f"{settings.shard}/{venue}" if venue else settings.shard)
        self._profile = data.venue(venue) if venue else data

    @property
    def data_dir(self) -> Path:
        """Where the exchange's files are."""
        return self._profile.data_dir

    @property
    def users_dir(self) -> Path:
        """Where the users' file and the keys are."""
        return self._settings.data_dir

    @property
    def postgres(self) -> PostgresStore | None:
        """The PostgreSQL database; None if there are files."""
        return self.store if isinstance(self.store, PostgresStore) else None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep servers away for a while.

        Raises:
            ProfileInUse: one runs.
            StorageUnavailable: the database does not answer.
        """
        lock = ProfileLock(self._profile)
        try:
            if self.postgres is None:
                yield
            else:
                with self.postgres.alone():
                    yield
        finally:
            lock.release()

    def make(self) -> None:
        """Make what is missing: the PostgreSQL database, and both sets of tables at their newest version.

        Raises:
            ProfileInUse: there is something to do, and a server runs.
            StorageUnavailable, StorageCorrupt, StorageTooNew: it cannot be done; says why.
        """
        if self.postgres is not None:
            self.postgres.make()
        if self.store.revision() != REVISION:
            with self.alone():
                engine = self.store.engine()
                try:
                    prepare(engine, self.store)
                finally:
                    engine.dispose()
        self._make_accounts()

    def migrate(self, to: str | None, wall_ns: int) -> tuple[str, str]:
        """Move the exchange's tables to a version, or everything to the newest; return the versions before and after.

        Raises:
            ProfileInUse: a server runs.
            InvalidInput: there is no such version.
            StorageUnavailable, StorageCorrupt, StorageTooNew: it cannot be done; nothing was changed.
        """
        with self.alone():
            before = self.store.revision()
            if before is None:
                raise StorageUnavailable(self.store.empty)
            move(self.store, to or REVISION, wall_ns)
            if to is None:
                self._make_accounts()
        return before, to or REVISION

    def reset(self, wall_ns: int) -> list[str]:
        """Start anew with empty tables; return sentences of what became of the old ones.

        Files are moved aside. In PostgreSQL our tables are dropped, but for the writer's epoch, which only grows.

        Raises:
            ProfileInUse: a server runs.
            StorageUnavailable: the database or the disk refuses.
        """
        from engine.adapters.sql.restore import set_aside

        said = []
        with self.alone():
            if self.postgres is not None:
                said.append(f"{self._drop()} tables of the database {self.store.name} were dropped.")
            else:
                files = (self._profile.database, self._settings.data_dir / "accounts.sqlite")
                said += [f"{file} is now {set_aside(file, wall_ns)}." for file in files if file.exists()]
        self.make()
        return said

    def show(self) -> Shown:
        """Look at what there is; changes nothing.

        Raises:
            StorageUnavailable, StorageCorrupt, StorageTooNew: it cannot be read.
        """
        revision, seq, last_hash = self.store.revision(), 0, ""
        if revision is not None:
            with Reader(self.store, older=True) as reader:
                seq, last_hash = reader.tip()
        found, (epoch, writer) = self._tables(revision), (0, "")
        if self.postgres is not None and "writer" in found[0].rows:
            epoch, writer = self.postgres.last_writer()
        pool: dict[str, int | bool] = {"size": POOL_SIZE, "overflow": MAX_OVERFLOW, "recycle_s": RECYCLE_S}
        pool["pre_ping"] = self.postgres is not None
        return Shown(found, seq, last_hash if seq else "", epoch, writer, pool)

    def _tables(self, revision: str | None) -> list[Tables]:
        from engine.adapters.sql import schema
        from engine.server.db import tables

        accounts = self._settings.data_dir / "accounts.sqlite"
        in_file = self.postgres is None
        with self._looking(self._settings.exchange_url) as one:
            exchange = Tables("exchange", self.store.name, revision, REVISION, _size(one), _rows(one, schema.metadata))
        with self._looking(self._settings.accounts_url) as other:
            stored = _version(other, tables.VERSION_TABLE)
            where = str(accounts) if in_file else self.store.name
            rows = _rows(other, tables.metadata)
            return [exchange, Tables("accounts", where, stored, tables.REVISION, _size(other), rows)]

    @contextmanager
    def _looking(self, url: str) -> Iterator[Connection | None]:
        """Lend a connection to look through; None if there is no file."""
        import sqlalchemy
        from sqlalchemy.exc import DBAPIError
        from sqlalchemy.pool import NullPool

        if url.startswith("sqlite:///"):
            file = Path(url.removeprefix("sqlite:///"))
            if not file.exists():
                yield None
                return
            engine = sqlalchemy.create_engine(f"sqlite:///file:{file}?mode=ro&uri=true", poolclass=NullPool)
        else:
            engine = self.store.engine()
        try:
            with engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise self.store.explained(error) from error
        finally:
            engine.dispose()

    def _make_accounts(self) -> None:
        from engine.server.db.database import open_accounts

        open_accounts(self._settings).close()

    def _drop(self) -> int:
        from sqlalchemy import MetaData, inspect, text
        from sqlalchemy.exc import DBAPIError

        from engine.adapters.sql import schema
        from engine.server.db import tables

        engine: Engine = self.store.engine()
        every: tuple[MetaData, ...] = (schema.metadata, tables.metadata)
        ours = {name for each in every for name in each.tables} | {"alembic_version", tables.VERSION_TABLE}
        try:
            with engine.begin() as connection:
                found = sorted((ours - {"writer"}) & set(inspect(connection).get_table_names()))
                for name in found:
                    connection.execute(text(f'DROP TABLE "{name}" CASCADE'))
        except DBAPIError as error:
            raise self.store.explained(error) from error
        finally:
            engine.dispose()
        return len(found)


def _rows(connection: Connection | None, metadata: Any) -> dict[str, int]:  # noqa: ANN401 - SQLAlchemy's MetaData
    from sqlalchemy import func, inspect, select

    if connection is None:
        return {}
    there = set(inspect(connection).get_table_names())
    tables = [table for name, table in sorted(metadata.tables.items()) if name in there]
    return {table.name: int(connection.scalar(select(func.count()).select_from(table)) or 0) for table in tables}


def _version(connection: Connection | None, table: str) -> str | None:
    from sqlalchemy import column, inspect, select
    from sqlalchemy import table as named

    if connection is None or not inspect(connection).has_table(table):
        return None
    found: str | None = connection.scalar(select(column("version_num")).select_from(named(table)))
    return found


def _size(connection: Connection | None) -> int:
    from sqlalchemy import text

    if connection is None:
        return 0
    if connection.dialect.name == "postgresql":
        return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    pages = connection.scalar(text("PRAGMA page_count")) or 0
    return int(pages) * int(connection.scalar(text("PRAGMA page_size")) or 0)
