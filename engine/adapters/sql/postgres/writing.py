"""The writer's session on PostgreSQL: its transactions, each fenced, each in two round trips."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from engine.adapters.sql.postgres.fence import CHECK, Fence
from engine.adapters.sql.store import Cursor
from engine.errors import StorageUnavailable

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Engine

    from engine.adapters.sql.postgres.store import PostgresStore

log = logging.getLogger(__name__)


class PostgresWriting:
    """See `Writing`; a session that broke is replaced by the next transaction, if nobody took over meanwhile."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store
        self._fence = Fence(store.shard, store.name)
        self._connection: psycopg.Connection[Any] | None = None

    @property
    def epoch(self) -> int:
        """Which writer this is, counted from 1."""
        return self._fence.epoch

    def open(self, prepare: Callable[[Engine], None]) -> None:
        """Take the lock, let the tables be prepared, raise the epoch."""
        connection = self._connected()
        engine = self._store.engine()
        try:
            prepare(engine)
        finally:
            engine.dispose()
        if not self._fence.epoch:
            self._fence.raise_epoch(connection)

    def settle(self) -> None:
        """Connect anew if need be: who has the lock knows that no earlier session of ours still commits."""
        self._connected()

    @contextmanager
    def begin(self) -> Iterator[Cursor]:
        """Begin a transaction if the epoch is still ours; what is executed travels together with the commit."""
        connection = self._connected()
        try:
            with connection.pipeline(), connection.cursor() as cursor:
                cursor.execute("BEGIN")
                cursor.execute(CHECK, (self._fence.shard,))
                self._fence.passed(cursor.fetchone())
                yield cursor
                cursor.execute("COMMIT")
            self._check_committed(connection)
        except BaseException:
            self._undo()
            raise

    def close(self) -> None:
        """End the session, and with it the lock."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()

    def _connected(self) -> psycopg.Connection[Any]:
        """Return the session, a new one with the lock if there is none.

        Raises:
            ProfileInUse, WriterFenced: another process writes.
            StorageUnavailable: the database does not answer.
        """
        if self._connection is not None and not self._connection.closed:
            return self._connection
        self.close()
        connection = None
        try:
            connection = self._store.connect(f"crs writer {self._store.shard}")
            self._fence.take(connection)
            self._be_durable(connection)
        except BaseException as error:
            if connection is not None:
                connection.close()
            if isinstance(error, self._store.errors):
                raise self._store.explained(error) from error
            raise
        self._connection = connection
        return connection

    def _be_durable(self, connection: psycopg.Connection[Any]) -> None:
        """Let a commit wait for the disk; a replica's, if the server is set to that, it waits for anyway."""
        row = connection.execute("SELECT current_setting('synchronous_commit'), current_setting('fsync')").fetchone()
        if row and row[0] == "off":
            connection.execute("SET synchronous_commit = on")
        if row and row[1] != "on":
            log.warning("this PostgreSQL has fsync off: what it acknowledges may be lost in a power cut")

    def _check_committed(self, connection: psycopg.Connection[Any]) -> None:
        from psycopg.pq import TransactionStatus

        if connection.info.transaction_status != TransactionStatus.IDLE:
            raise StorageUnavailable(f"A transaction of the database {self._store.name} did not end.")

    def _undo(self) -> None:
        """Roll back on a session that still works; let go of one that does not."""
        connection = self._connection
        try:
            if connection is not None and not connection.closed:
                connection.execute("ROLLBACK")
        except Exception:  # whatever it is, the next transaction has a new session
            self.close()
