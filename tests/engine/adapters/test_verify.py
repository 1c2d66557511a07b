"""Claims about `verify`: whatever record or row is bad, it names the first one that is, and what to do."""

from __future__ import annotations

import pytest

from engine.adapters.sql import schema
from engine.adapters.sql.comparison import KEYS
from engine.adapters.sql.postgres.store import PostgresStore
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.store import Store
from engine.adapters.sql.verify import verify
from engine.domain.command import SetLotMethod
from engine.domain.number import Nanos
from engine.domain.order import LotMethod
from engine.errors import StorageCorrupt
from tests.engine.adapters.databases import Databases, edit
from tests.engine.adapters.journaled import ME, Book, trade

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def sound(databases: Databases) -> Store:
    """A database with trades."""
    book = Book(databases.new())
    book.open()
    trade(book, 60)
    book.journal.append([SetLotMethod(ME, LotMethod.LIFO)], Nanos(book.now)).result()
    book.journal.close()
    return book.store


def spoilt(databases: Databases, sound: Store, *statements: str) -> Store:
    copy = databases.copy(sound)
    edit(copy, *statements)
    return copy


def finding(store: Store) -> str:
    """Return what verify says of a bad database."""
    with pytest.raises(StorageCorrupt) as caught, Reader(store) as reader:
        verify(reader)
    return str(caught.value)


@pytest.mark.parametrize("seq", [1, 2, 50, 110])
def test_a_missing_record_is_named(sound: Store, databases: Databases, seq: int) -> None:
    store = spoilt(databases, sound, f"DELETE FROM journal WHERE seq = {seq}")  # noqa: S608

    assert f"Record {seq} of the journal" in finding(store)
    assert "is missing" in finding(store)


def test_a_tail_that_is_gone_is_named_by_its_first_record(sound: Store, databases: Databases) -> None:
    store = spoilt(databases, sound, "DELETE FROM journal WHERE seq > 100")

    assert "Record 101 of the journal" in finding(store)
    assert "what followed" in finding(store)


def test_of_two_swapped_records_the_first_is_named(sound: Store, databases: Databases) -> None:
    store = spoilt(
        databases,
        sound,
        "UPDATE journal SET seq = -20 WHERE seq = 20",
        "UPDATE journal SET seq = 20 WHERE seq = 90",
        "UPDATE journal SET seq = 90 WHERE seq = -20",
    )

    assert "Record 20 of the journal" in finding(store)


@pytest.mark.no_cover
@pytest.mark.parametrize("table", sorted(set(KEYS) - {"fill_why"}))
@pytest.mark.parametrize("change", ["delete", "double", "change"])
def test_a_row_that_does_not_follow_is_named_whatever_the_table(
    sound: Store, databases: Databases, table: str, change: str
) -> None:
    key = KEYS[table][-1]
    columns = [column.name for column in schema.metadata.tables[table].columns]
    value = next(name for name in reversed(columns) if name not in (*KEYS[table], "ended_seq", "changed_ns"))
    other = f"{key} + 9000" if key in ("seq", "line") else f"{key} || 'x'"
    selected = ", ".join(f'"{name}"' for name in columns)
    others = ", ".join(other if name == key else f'"{name}"' for name in columns)
    place = "ctid" if isinstance(sound, PostgresStore) else "rowid"
    first = f'WHERE {place} = (SELECT min({place}) FROM "{table}")'  # noqa: S608
    statements = {
        "delete": f'DELETE FROM "{table}" {first}',  # noqa: S608
        "double": f'INSERT INTO "{table}" ({selected}) SELECT {others} FROM "{table}" LIMIT 1',  # noqa: S608
        "change": f"UPDATE \"{table}\" SET {value} = '7' {first}",  # noqa: S608
    }
    store = spoilt(databases, sound, statements[change])

    said = finding(store)

    assert f"table {table}" in said or "is missing: what followed" in said
    assert ("is missing" in said) == (change == "delete" or "what followed" in said)


def test_progress_is_told_and_all_rows_are_counted(sound: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.adapters.sql.verify.PIECE", 25)
    told: list[float] = []
    with Reader(sound) as reader:
        found = verify(reader, told.append)
        rows = sum(len(reader.table(name)) for name in KEYS)

    assert (found.rows, told == sorted(told), 0 < told[0] < told[-1] <= 1) == (rows, True, True)
