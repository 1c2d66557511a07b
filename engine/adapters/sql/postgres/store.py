"""A PostgreSQL database behind the door of `store`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.adapters.sql import database
from engine.adapters.sql.postgres.address import Address
from engine.adapters.sql.postgres.failure import explained, is_missing, passing
from engine.adapters.sql.postgres.fence import Fence, holder_of
from engine.adapters.sql.postgres.reading import BEGIN, PostgresReading, stored_revision
from engine.adapters.sql.postgres.rows import PostgresWrites
from engine.adapters.sql.postgres.writing import PostgresWriting
from engine.errors import CrsError, StorageTooNew, StorageUnavailable

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Engine


class PostgresStore:
    """See `Store`.

    Args:
        url: of the database, as SQLAlchemy or as people write it.
        shard: which part of the exchange is written; one process at a time is its writer.

    Raises:
        InvalidInput: it is no such URL.
    """

    path: Path | None = None

    def __init__(self, url: str, *, shard: str = "main") -> None:
        import psycopg

        self.address, self.shard = Address(url), shard
        self.writes = PostgresWrites()
        self.errors: tuple[type[Exception], ...] = (psycopg.Error,)

    @property
    def name(self) -> str:
        """Name, host and port."""
        return str(self.address)

    @property
    def advice(self) -> str:
        """What to do when it is damaged."""
        return (
            "It was left as it is. Stop the server and put back a backup into a new database with "
            "`crs server db restore`, or reset it with `crs server db reset`."
        )

    @property
    def empty(self) -> str:
        """Said when there is nothing in it."""
        return f"There is nothing in the database {self.name} yet. `crs server db init` makes the tables."

    @property
    def older(self) -> str:
        """Said when it must be migrated first."""
        return f"The database {self.name} is of an older version. `crs server db migrate` brings it up."

    @property
    def again(self) -> str:
        """Said when it takes what it refused."""
        return "The database takes orders again."

    def revision(self) -> str | None:
        """Return the version of the tables."""
        try:
            with self.connect("crs version") as connection:
                return self._known(stored_revision(connection))
        except self.errors as error:
            raise self.explained(error) from error

    def reading(self) -> PostgresReading | None:
        """Return a connection to read."""
        connection = None
        try:
            connection = self.connect("crs reader")
            connection.execute(BEGIN)
            revision = self._known(stored_revision(connection))
        except BaseException as error:
            if connection is not None:
                connection.close()
            if isinstance(error, self.errors):
                raise self.explained(error) from error
            raise
        if revision is None:
            connection.close()
            return None
        return PostgresReading(connection, revision)

    def writing(self) -> PostgresWriting:
        """Return the writer's session."""
        return PostgresWriting(self)

    def engine(self) -> Engine:
        """Return an engine for changes of the tables."""
        import sqlalchemy
        from sqlalchemy.pool import NullPool

        def connect() -> psycopg.Connection[Any]:
            return self.connect("crs tables", autocommit=False)

        return sqlalchemy.create_engine("postgresql+psycopg://", creator=connect, poolclass=NullPool)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep writers of the shard away for a while.

        Raises:
            ProfileInUse: a server runs on this database.
            StorageUnavailable: it does not answer.
        """
        try:
            connection = self.connect("crs tables")
        except self.errors as error:
            raise self.explained(error) from error
        with connection:
            Fence(self.shard, self.name).take(connection)
            yield

    def last_writer(self) -> tuple[int, str]:
        """Return the epoch of the shard's last writer and who that was; 0 and nothing if there was none.

        Raises:
            StorageUnavailable: it does not answer.
        """
        try:
            with self.connect("crs tables") as connection:
                return holder_of(connection, self.shard)
        except self.errors as error:
            raise self.explained(error) from error

    def make(self) -> bool:
        """Make the database itself if the server has none of this name; return whether it was made.

        Raises:
            StorageUnavailable: the server does not answer, or we may not.
        """
        import psycopg
        from psycopg.sql import SQL, Identifier

        try:
            self.connect("crs tables").close()
        except self.errors as error:
            if not is_missing(error):
                raise self.explained(error) from error
        else:
            return False
        name = Identifier(self.address.database or "crs")
        try:
            with psycopg.connect(**{**self.address.parameters, "dbname": "postgres"}, autocommit=True) as connection:
                connection.execute(SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(name))
        except self.errors as error:
            raise self.explained(error) from error
        return True

    def connect(self, purpose: str, *, autocommit: bool = True) -> psycopg.Connection[Any]:
        """Return a new connection, named after its purpose where the server lists connections.

        Raises:
            psycopg.Error: it cannot be had.
        """
        import psycopg

        parameters = {**self.address.parameters, "application_name": purpose}
        return psycopg.connect(**parameters, autocommit=autocommit)

    def explained(self, error: Exception) -> CrsError:
        """Return an error as one of ours."""
        import psycopg

        if isinstance(error, CrsError):
            return error
        origin = getattr(error, "orig", None) or error
        if isinstance(origin, psycopg.Error):
            return explained(origin, self.name, self.advice)
        if isinstance(error, OSError):
            return StorageUnavailable(f"The database {self.name} cannot be used: {error.strerror or error}.")
        raise error

    def passing(self, error: Exception) -> bool:
        """Whether the same transaction may well succeed at once."""
        return passing(error)

    def _known(self, revision: str | None) -> str | None:
        if revision is not None and revision not in database.KNOWN:
            raise StorageTooNew(
                f"The database {self.name} was written by a newer CRS (version {revision}). Install that version."
            )
        return revision
