"""Claims about the tables: migrations lead to them and back, and a backup is taken first."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from engine.adapters.sql import database
from engine.adapters.sql.books import Books
from engine.adapters.sql.database import REVISION, connect, stored_revision
from engine.adapters.sql.failure import explained
from engine.adapters.sql.journal import SqlJournal
from engine.adapters.sql.migrations import downgrade, upgrade
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.tables import prepare
from engine.errors import StorageCorrupt, StorageUnavailable

pytestmark = pytest.mark.integration


def tables(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the columns and keys of every table, as SQLite knows them."""
    with closing(sqlite3.connect(path)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        indexes = connection.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'index'").fetchall()
        found = {
            name: list(connection.execute(f'PRAGMA table_info("{name}")'))
            for name in names
            if name != "alembic_version"
        }
        found["indexes"] = sorted(indexes)
        return found


def test_migrations_lead_to_the_tables_of_the_schema(tmp_path: Path) -> None:
    from engine.adapters.sql import schema

    made, migrated = tmp_path / "made.sqlite", tmp_path / "migrated.sqlite"
    engine = connect(made)
    prepare(engine, made)
    engine.dispose()
    engine = connect(migrated)
    upgrade(engine)
    engine.dispose()

    assert tables(made) == tables(migrated)
    assert stored_revision(made) == stored_revision(migrated) == REVISION == schema.REVISION


def test_migrations_go_down_and_up_again(tmp_path: Path) -> None:
    path = tmp_path / "crs.sqlite"
    engine = connect(path)
    upgrade(engine)
    before = tables(path)
    downgrade(engine, "base")
    assert list(tables(path)) == ["indexes"]
    upgrade(engine)
    engine.dispose()

    assert tables(path) == before


def test_an_older_database_is_backed_up_before_it_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "crs.sqlite"
    journal = SqlJournal(path)
    journal.begin(Books())
    journal.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
        connection.commit()
    with pytest.raises(Exception, match="newer"):
        Reader(path)
    monkeypatch.setattr(database, "KNOWN", ("0000", REVISION))
    with pytest.raises(StorageUnavailable, match="older version"):
        Reader(path)
    upgraded: list[str] = []
    monkeypatch.setattr("engine.adapters.sql.migrations.upgrade", lambda _engine, to: upgraded.append(to))
    engine = connect(path)
    prepare(engine, path)
    engine.dispose()

    assert upgraded == [REVISION]
    [copy] = (tmp_path / "backups").glob("*.sqlite")
    assert stored_revision(copy) == "0000"


def test_without_room_for_a_backup_nothing_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "crs.sqlite"
    path.write_bytes(b"")
    (tmp_path / "backups").write_text("in the way")

    with pytest.raises(StorageUnavailable, match="Nothing was changed"):
        database.copy_whole(path, tmp_path / "backups" / "copy.sqlite")


def test_alembic_is_not_imported_when_the_version_is_current(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom engine.adapters.sql.journal import SqlJournal\n"
        "from engine.adapters.sql.books import Books\n"
        "for _ in range(2):\n    j = SqlJournal(Path(sys.argv[1]))\n    j.begin(Books())\n"
        "    j.ready.result()\n    j.close()\n"
        "print('alembic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "crs.sqlite")], capture_output=True, text=True, check=True
    )

    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (sqlite3.OperationalError("database or disk is full"), StorageUnavailable, "is full"),
        (sqlite3.OperationalError("database is locked"), StorageUnavailable, "has locked"),
        (sqlite3.OperationalError("attempt to write a readonly database"), StorageUnavailable, "cannot be written"),
        (sqlite3.OperationalError("unable to open database file"), StorageUnavailable, "cannot be opened"),
        (sqlite3.OperationalError("disk I/O error"), StorageUnavailable, "disk I/O error"),
        (sqlite3.DatabaseError("database disk image is malformed"), StorageCorrupt, "is damaged"),
        (sqlite3.DatabaseError("file is not a database"), StorageCorrupt, "is damaged"),
        (OSError(28, "No space left on device"), StorageUnavailable, "is full"),
        (OSError(5, "Input/output error"), StorageUnavailable, "Input/output error"),
    ],
)
def test_each_failure_of_the_disk_is_one_sentence(error: Exception, kind: type[Exception], words: str) -> None:
    found = explained(error, Path("/data/crs.sqlite"))

    assert type(found) is kind
    assert words in str(found)
