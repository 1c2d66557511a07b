"""How SQLite writes rows: one statement a table, run for each row by the driver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.adapters.sql.store import Cursor

if TYPE_CHECKING:
    from sqlalchemy import Column, Insert, Table


class RowByRow(NamedTuple):
    """A statement that writes rows of a table: a transaction has no time to make it anew."""

    text: str
    values: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    """What it takes of a row, in order."""

    def run(self, cursor: Cursor, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows."""
        cursor.executemany(self.text, list(map(self.values, rows)))


class SqliteWrites:
    """See `Writes`."""

    def insertion(self, table: Table) -> RowByRow:
        """Return what inserts rows of a table."""
        return _insertion(table)

    def replacement(self, table: Table) -> RowByRow:
        """Return what inserts rows of a table, or replaces those with the same key."""
        return _replacement(table)


@cache
def _insertion(table: Table) -> RowByRow:
    return _statement(table.insert(), [each for each in table.columns if each.autoincrement is not True])


@cache
def _replacement(table: Table) -> RowByRow:
    from sqlalchemy.dialects.sqlite import insert

    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    values = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    return _statement(statement.on_conflict_do_update(index_elements=keys, set_=values), table.columns)


def _statement(statement: Insert, columns: Iterable[Column[Any]]) -> RowByRow:
    from sqlalchemy.dialects.sqlite import dialect

    names = [column.name for column in columns]
    text = str(statement.compile(dialect=dialect(paramstyle="qmark"), column_keys=names))
    return RowByRow(text, itemgetter(*names))
