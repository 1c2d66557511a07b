"""How SQLite writes rows: many in one statement, because the driver lets go of the interpreter for each statement.

While others want it too, each time can cost a turn of theirs, five milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.adapters.sql.store import Cursor

if TYPE_CHECKING:
    from sqlalchemy import Column, Insert, Table

MOST_VALUES = 999
"""In one statement, as SQLite has it unless it was built otherwise."""


class RowByRow(NamedTuple):
    """A statement that writes rows of a table: a transaction has no time to make it anew."""

    text: str
    values: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    """What it takes of a row, in order."""

    def run(self, cursor: Cursor, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows."""
        cursor.executemany(self.text, list(map(self.values, rows)))


class ManyRows(NamedTuple):
    """A statement for one row, for two, for four and so on: few enough that the driver keeps all of them prepared."""

    texts: tuple[str, ...]
    """The one at place n writes 2 ** n rows."""
    values: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    """What they take of a row, in order."""

    def run(self, cursor: Cursor, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows."""
        values = list(map(self.values, rows))
        at, left = 0, len(values)
        while left:
            place = min(left.bit_length(), len(self.texts)) - 1
            count = 1 << place
            taken = values[at] if count == 1 else tuple(chain.from_iterable(values[at : at + count]))
            cursor.execute(self.texts[place], taken)
            at, left = at + count, left - count


class SqliteWrites:
    """See `Writes`."""

    def insertion(self, table: Table) -> ManyRows:
        """Return what inserts rows of a table."""
        return _insertion(table)

    def replacement(self, table: Table) -> ManyRows:
        """Return what inserts rows of a table, or replaces those with the same key."""
        return _replacement(table)


@cache
def _insertion(table: Table) -> ManyRows:
    return _statement(table.insert(), [each for each in table.columns if each.autoincrement is not True])


@cache
def _replacement(table: Table) -> ManyRows:
    from sqlalchemy.dialects.sqlite import insert

    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    values = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
    return _statement(statement.on_conflict_do_update(index_elements=keys, set_=values), table.columns)


def _statement(statement: Insert, columns: Iterable[Column[Any]]) -> ManyRows:
    from sqlalchemy.dialects.sqlite import dialect

    names = [column.name for column in columns]
    text = str(statement.compile(dialect=dialect(paramstyle="qmark"), column_keys=names))
    head, values, more = text.partition(f"({', '.join('?' for _ in names)})")
    counts = [1 << place for place in range((MOST_VALUES // len(names)).bit_length())]
    return ManyRows(tuple(head + ", ".join([values] * count) + more for count in counts), itemgetter(*names))
