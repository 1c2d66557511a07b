"""How PostgreSQL writes and reads rows: whole columns as arrays in one statement, rows by name as SQLite gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.adapters.sql.store import Cursor

if TYPE_CHECKING:
    from psycopg import Cursor as PgCursor
    from sqlalchemy import Column, Table


class Columns(NamedTuple):
    """A statement that writes many rows of a table at once, each column as one array."""

    text: str
    values: Callable[[Mapping[str, Any]], Any]
    """What it takes of a row, in order."""

    def run(self, cursor: Cursor, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows."""
        cursor.execute(self.text, [list(column) for column in zip(*map(self.values, rows), strict=True)])


class PostgresWrites:
    """See `Writes`."""

    def insertion(self, table: Table) -> Columns:
        """Return what inserts rows of a table."""
        return _insertion(table)

    def replacement(self, table: Table) -> Columns:
        """Return what inserts rows of a table, or replaces those with the same key."""
        return _replacement(table)


@cache
def _insertion(table: Table) -> Columns:
    return _columns(table, [each for each in table.columns if each.autoincrement is not True], "")


@cache
def _replacement(table: Table) -> Columns:
    keys = [column.name for column in table.primary_key]
    news = ", ".join(f'"{each.name}" = excluded."{each.name}"' for each in table.columns if each.name not in keys)
    conflict = f" ON CONFLICT ({', '.join(map(_quoted, keys))}) DO UPDATE SET {news}"
    return _columns(table, list(table.columns), conflict)


def _columns(table: Table, columns: Sequence[Column[Any]], more: str) -> Columns:

    names = [each.name for each in columns]
    arrays = ", ".join(f"%s::{_type(each)}[]" for each in columns)
    into = f"{_quoted(table.name)} ({', '.join(map(_quoted, names))})"
    return Columns(f"INSERT INTO {into} SELECT * FROM unnest({arrays}){more}", itemgetter(*names))  # noqa: S608 - ours


def _type(column: Column[Any]) -> str:
    from sqlalchemy.dialects import postgresql

    make: Callable[[], Any] = postgresql.dialect  # SQLAlchemy does not say what it is
    return column.type.compile(make())


def _quoted(name: str) -> str:
    return f'"{name}"'


@cache
def translated(statement: str) -> str:
    """Return a statement with its `?` as psycopg writes them; none of ours has one in a text."""
    return statement.replace("%", "%%").replace("?", "%s")


def by_name(cursor: PgCursor[Any]) -> Callable[[Sequence[Any]], Any]:
    """Return what makes rows that are read by position and by name: a row factory of psycopg's."""
    return _kind(tuple(each.name for each in cursor.description or ()))


@lru_cache(maxsize=256)
def _kind(names: tuple[str, ...]) -> type:
    places = {name: place for place, name in enumerate(names)}

    class Named(tuple[Any, ...]):
        """A row of a query."""

        __slots__ = ()

        def __getitem__(self, key: Any, /) -> Any:  # noqa: ANN401 - a value of any column
            return tuple.__getitem__(self, places[key] if isinstance(key, str) else key)

        def keys(self) -> tuple[str, ...]:
            """Return the names of the columns."""
            return names

    return Named
