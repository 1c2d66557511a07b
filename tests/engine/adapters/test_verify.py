"""Claims about `verify`: whatever byte of whatever record is bad, it names the first record that is, and what to do."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.adapters.sql.comparison import KEYS
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import verify
from engine.domain.command import SetLotMethod
from engine.domain.number import Nanos
from engine.domain.order import LotMethod
from engine.errors import StorageCorrupt
from tests.engine.adapters.journaled import ME, Book, trade

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with trades, one file without a log."""
    book = Book(tmp_path_factory.mktemp("sound") / "crs.sqlite")
    book.open()
    trade(book, 60)
    book.journal.append([SetLotMethod(ME, LotMethod.LIFO)], Nanos(book.now)).result()
    book.journal.close()
    with closing(sqlite3.connect(book.path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    return book.path


def spoilt(sound: Path, tmp_path: Path, *statements: str) -> Path:
    path = tmp_path / "crs.sqlite"
    path.write_bytes(sound.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path


def finding(path: Path) -> str:
    """Return what verify says of a bad database."""
    with pytest.raises(StorageCorrupt) as caught, Reader(path) as reader:
        verify(reader)
    return str(caught.value)


def places(path: Path) -> list[tuple[int, int, int]]:
    """Return number, first and last byte of each record that lies whole on one page."""
    data, found = path.read_bytes(), []
    with closing(sqlite3.connect(path)) as connection:
        for seq, kind, account, payload, digest in connection.execute(
            "SELECT seq, kind, account, payload, hash FROM journal"
        ):
            end = data.find(digest.encode()) + len(digest)
            begin = data.rfind(f"{kind}{account}{payload}".encode(), 0, end)
            if begin >= 0 and end - begin < 2_000:
                found.append((seq, begin, end))
    return found


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flipped_bit_in_any_byte_of_any_record_names_that_record(
    sound: Path, tmp_path: Path, data: st.DataObject
) -> None:
    seq, begin, end = data.draw(st.sampled_from(places(sound)))
    place = data.draw(st.integers(begin, end - 1))
    content = bytearray(sound.read_bytes())
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path / "flipped.sqlite"
    path.write_bytes(content)

    said = finding(path)

    assert f"Record {seq} of the journal" in said
    assert "crs backup restore latest" in said


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flipped_bit_in_what_sqlite_writes_before_a_record_is_noticed_or_changes_nothing(
    sound: Path, tmp_path: Path, data: st.DataObject
) -> None:
    _, begin, _ = data.draw(st.sampled_from(places(sound)))
    content = bytearray(sound.read_bytes())
    content[begin - data.draw(st.integers(1, 13))] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path / "flipped.sqlite"
    path.write_bytes(content)

    said, read = "", []
    try:
        with Reader(path) as reader:
            verify(reader)
            read = list(reader.entries())
    except StorageCorrupt as error:
        said = str(error)

    with Reader(sound) as reader:  # there are bytes that SQLite does not look at
        assert "crs backup restore latest" in said or read == list(reader.entries())


@pytest.mark.parametrize("seq", [1, 2, 50, 110])
def test_a_missing_record_is_named(sound: Path, tmp_path: Path, seq: int) -> None:
    path = spoilt(sound, tmp_path, f"DELETE FROM journal WHERE seq = {seq}")  # noqa: S608

    assert f"Record {seq} of the journal" in finding(path)
    assert "is missing" in finding(path)


def test_a_tail_that_is_gone_is_named_by_its_first_record(sound: Path, tmp_path: Path) -> None:
    path = spoilt(sound, tmp_path, "DELETE FROM journal WHERE seq > 100")

    assert "Record 101 of the journal" in finding(path)
    assert "what followed" in finding(path)


def test_of_two_swapped_records_the_first_is_named(sound: Path, tmp_path: Path) -> None:
    path = spoilt(
        sound,
        tmp_path,
        "UPDATE journal SET seq = -20 WHERE seq = 20",
        "UPDATE journal SET seq = 20 WHERE seq = 90",
        "UPDATE journal SET seq = 90 WHERE seq = -20",
    )

    assert "Record 20 of the journal" in finding(path)


def test_text_that_is_none_names_its_record(sound: Path, tmp_path: Path) -> None:
    path = spoilt(sound, tmp_path, "UPDATE journal SET payload = CAST(x'ff' AS TEXT) WHERE seq = 9")

    assert "Record 9 of the journal" in finding(path)


@pytest.mark.parametrize("table", sorted(set(KEYS) - {"fill_why"}))
@pytest.mark.parametrize("change", ["delete", "double", "change"])
def test_a_row_that_does_not_follow_is_named_whatever_the_table(
    sound: Path, tmp_path: Path, table: str, change: str
) -> None:
    key = KEYS[table][-1]
    with closing(sqlite3.connect(sound)) as connection:
        columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
    value = next(name for name in reversed(columns) if name not in (*KEYS[table], "ended_seq", "changed_ns"))
    other = f"{key} + 9000" if key in ("seq", "line") else f"{key} || 'x'"
    others = ", ".join(other if name == key else f'"{name}"' for name in columns)
    first = f'WHERE rowid = (SELECT min(rowid) FROM "{table}")'  # noqa: S608
    statements = {
        "delete": f'DELETE FROM "{table}" {first}',  # noqa: S608
        "double": f'INSERT INTO "{table}" SELECT {others} FROM "{table}" LIMIT 1',  # noqa: S608
        "change": f"UPDATE \"{table}\" SET {value} = '7' {first}",  # noqa: S608
    }
    path = spoilt(sound, tmp_path, statements[change])

    said = finding(path)

    assert f"table {table}" in said or "is missing: what followed" in said
    assert ("is missing" in said) == (change == "delete" or "what followed" in said)


def test_progress_is_told_and_all_rows_are_counted(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.adapters.sql.verify.PIECE", 25)
    told: list[float] = []
    with Reader(sound) as reader:
        found = verify(reader, told.append)
        rows = sum(len(reader.table(name)) for name in KEYS)

    assert (found.rows, told == sorted(told), 0 < told[0] < told[-1] <= 1) == (rows, True, True)
