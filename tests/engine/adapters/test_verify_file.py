"""Claims about `verify` on a SQLite file: whatever byte of whatever record is bad, the first bad record is named."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import verify
from engine.domain.command import SetLotMethod
from engine.domain.number import Nanos
from engine.domain.order import LotMethod
from engine.errors import StorageCorrupt
from engine.ports.journal import JournalEntry
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


@cache
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


@cache
def entries(path: Path) -> list[JournalEntry]:
    """Return the records of a sound database."""
    with Reader(path) as reader:
        return list(reader.entries())


@pytest.mark.no_cover
@pytest.mark.slow
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


@pytest.mark.no_cover
@pytest.mark.slow
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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

    # there are bytes that SQLite does not look at
    assert "crs backup restore latest" in said or read == entries(sound)


def test_text_that_is_none_names_its_record(sound: Path, tmp_path: Path) -> None:
    path = spoilt(sound, tmp_path, "UPDATE journal SET payload = CAST(x'ff' AS TEXT) WHERE seq = 9")

    assert "Record 9 of the journal" in finding(path)
