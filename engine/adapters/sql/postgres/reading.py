"""One state of a PostgreSQL database, read while the writer goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any

from engine.adapters.sql.postgres.rows import by_name, translated
from engine.adapters.sql.store import Row, Values

if TYPE_CHECKING:
    import psycopg

FETCHED = 2_000
"""Rows of a long answer that are held at once."""

BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class PostgresReading:
    """See `Reading`; everything is read in one transaction that began with the version of the tables."""

    def __init__(self, connection: psycopg.Connection[Any], revision: str) -> None:
        self._connection, self.revision = connection, revision
        self._numbers = count(1)

    def rows(self, statement: str, values: Values, *, many: bool = False) -> Iterator[Row]:
        """Yield rows; `many` of them come in portions through a cursor of the server's."""
        if not many:
            with self._connection.cursor(row_factory=by_name) as cursor:
                yield from cursor.execute(translated(statement), values)
            return
        name = f"r{next(self._numbers)}"
        with self._connection.cursor(name, row_factory=by_name) as portions:
            portions.itersize = FETCHED
            yield from portions.execute(translated(statement), values)

    def damage(self) -> str | None:
        """Return None: PostgreSQL checks its pages as it reads them, where the cluster was made with checksums."""
        return None

    def exported(self) -> str:
        """Return the name by which other sessions see the same state, as long as this one is open."""
        row = self._connection.execute("SELECT pg_export_snapshot()").fetchone()
        return str(row[0]) if row else ""

    def close(self) -> None:
        """Let go of the connection."""
        with suppress(Exception):
            self._connection.close()


def stored_revision(connection: psycopg.Connection[Any]) -> str | None:
    """Return the version of the tables as a connection sees it; None if there are none. Raises psycopg's errors."""
    row = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if row is None or row[0] is None:
        return None
    found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(found[0]) if found else None
