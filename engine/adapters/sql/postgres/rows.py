"""How PostgreSQL writes and reads rows: all rows of a table as one JSON text, rows by name as SQLite gives them.

Of the ways to send many rows in one statement (arrays, a statement a row, JSON) this one costs this process least: the
text is made by msgspec, and taken apart by PostgreSQL. Numbers stay exact: they are integers, and their text is cast.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from engine.adapters.sql.store import Cursor, Write
from engine.adapters.sql.writes import RowByRow

if TYPE_CHECKING:
    from psycopg import Cursor as PgCursor
    from sqlalchemy import Column, Table


class AsJson(NamedTuple):
    """A statement that writes many rows of a table at once."""

    text: str

    def run(self, cursor: Cursor, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows."""
        cursor.execute(self.text, (msgspec.json.encode(list(rows)).decode(),))


class PostgresWrites:
    """See `Writes`."""

    def insertion(self, table: Table) -> Write:
        """Return what inserts rows of a table."""
        return _insertion(table)

    def replacement(self, table: Table) -> Write:
        """Return what inserts rows of a table, or replaces those with the same key."""
        return _replacement(table)


@cache
def _insertion(table: Table) -> Write:
    return _write(table, [each for each in table.columns if each.autoincrement is not True], "")


@cache
def _replacement(table: Table) -> Write:
    keys = [column.name for column in table.primary_key]
    news = ", ".join(f'"{each.name}" = excluded."{each.name}"' for each in table.columns if each.name not in keys)
    conflict = f" ON CONFLICT ({', '.join(map(_quoted, keys))}) DO UPDATE SET {news}"
    return _write(table, list(table.columns), conflict)


def _write(table: Table, columns: Sequence[Column[Any]], more: str) -> Write:
    from sqlalchemy import LargeBinary

    names = [each.name for each in columns]
    listed = ", ".join(map(_quoted, names))
    if any(isinstance(each.type, LargeBinary) for each in columns):  # a snapshot: one row, and no text
        values = ", ".join("%s" for _ in columns)
        return RowByRow(f"INSERT INTO {_quoted(table.name)} ({listed}) VALUES ({values}){more}", itemgetter(*names))  # noqa: S608
    typed = ", ".join(f"{_quoted(each.name)} {_type(each)}" for each in columns)
    source = f"SELECT {listed} FROM json_to_recordset(%s::json) AS r ({typed})"  # noqa: S608 - names of our own
    return AsJson(f"INSERT INTO {_quoted(table.name)} ({listed}) {source}{more}")


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
