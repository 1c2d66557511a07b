"""Claims about backups: whole while the journal is written, checked, bounded in number, put back at once or not."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.adapters.sql import backup as backups
from engine.adapters.sql.backup import create, create_daily, examine
from engine.adapters.sql.manifest import Kind, backups_in, check_digest, described, manifest_of
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.restore import finish, last_good, lost_with, restore
from engine.adapters.sql.verify import verify
from engine.domain.number import NANOS_PER_SECOND
from engine.domain.order import Side
from engine.errors import InvalidInput, StorageCorrupt, StorageUnavailable
from tests.engine.adapters.journaled import Book, trade

pytestmark = pytest.mark.integration

NOW = 1_700_000_000 * NANOS_PER_SECOND
S = NANOS_PER_SECOND


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed database with trades."""
    book = Book(tmp_path / "crs.sqlite")
    book.open()
    trade(book, 20)
    book.journal.close()
    return book.path


def more(path: Path, orders: int = 6) -> None:
    """Let the journal grow."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM journal")
        for table in ("order", "trade", "transaction", "portfolio_balance", "portfolio_position", "audit_log"):
            connection.execute(f'DELETE FROM "{table}"')  # noqa: S608
        connection.commit()
    book = Book(path)
    book.open()
    trade(book, 20 + orders)
    book.journal.close()


def records(path: Path) -> int:
    with Reader(path) as reader:
        return verify(reader).records


def test_a_backup_is_whole_while_the_journal_is_written(tmp_path: Path) -> None:
    book = Book(tmp_path / "crs.sqlite")
    book.open().result()
    made = []
    for i in range(5):
        for j in range(20):
            book.order(f"o{i}-{j}", Side.BUY if j % 2 else Side.SELL, 6_000_000 + j % 3)
        made.append(create(book.path, Kind.MANUAL, NOW + i * S))
    book.journal.close()

    assert [records(each.path) for each in made] == [each.records for each in made]
    assert made[0].records < made[-1].records <= records(book.path)
    assert [each.path for each in backups_in(tmp_path / "backups")] == [each.path for each in reversed(made)]
    assert not list((tmp_path / "backups").glob("*-wal"))


def test_the_manifest_says_what_is_in_the_backup(path: Path) -> None:
    made = create(path, Kind.MANUAL, NOW)

    with Reader(path) as reader:
        tip = reader.tip()
        fills = len(reader.table("trade"))
    data = json.loads(manifest_of(made.path).read_text())
    assert made.path.name == "crs-20231114T221320Z-manual.sqlite"
    assert (made.records, made.last_hash, data["tables"]["trade"]) == (tip.seq, tip.hash, fills)
    assert described(made.path) == made


def test_two_backups_in_one_second_have_two_names(path: Path) -> None:
    assert create(path, Kind.MANUAL, NOW).path != create(path, Kind.MANUAL, NOW).path


def test_only_the_newest_of_a_kind_stay_and_nothing_else_is_removed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(backups.KEPT, Kind.DAILY, 2)
    kept = create(path, Kind.MIGRATION, NOW)
    mine = create(path, Kind.DAILY, NOW, out=path.parent / "backups" / "mine.sqlite")
    made = [create(path, Kind.DAILY, NOW + i * S, thorough=False) for i in range(4)]

    found = {each.path for each in backups_in(path.parent / "backups")}
    assert found == {kept.path, mine.path, made[2].path, made[3].path}
    assert not manifest_of(made[0].path).exists()


def test_a_daily_backup_is_made_once_a_day_and_only_with_room_to_spare(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = 3_600 * S

    made = [create_daily(path, NOW + i * hour) is not None for i in (0, 1, 23, 25, 26)]

    assert made == [True, False, False, True, False]
    monkeypatch.setattr(backups, "SPARE_BYTES", 2**62)
    assert create_daily(path, NOW + 60 * hour) is None
    assert create_daily(path.with_name("none"), NOW) is None


def test_a_copy_that_was_never_ended_is_swept_away_later(path: Path) -> None:
    create(path, Kind.MANUAL, NOW)
    old, young = (path.parent / "backups" / f"crs-2023111{day}T000000Z-daily.sqlite.partial" for day in (1, 2))
    other = path.parent / "backups" / "crs-mine.partial"
    other.write_bytes(b"")
    os.utime(other, (1, 1))
    for each in (old, young):
        each.write_bytes(b"")
    os.utime(old, (1, 1))

    create(path, Kind.MANUAL, NOW + S)

    assert (old.exists(), young.exists(), other.exists()) == (False, True, True)


def test_a_damaged_database_gives_no_backup(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE journal SET payload = replace(payload, 'USDT', 'USDC') WHERE seq = 3")
        connection.commit()

    with pytest.raises(StorageCorrupt, match=r"No backup was made.*Record 3"):
        create(path, Kind.MANUAL, NOW)

    assert list((path.parent / "backups").iterdir()) == []


def test_a_backup_goes_where_it_is_told_and_never_over_a_file(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "elsewhere" / "mine.sqlite"
    assert create(path, Kind.MANUAL, NOW, out=out).path == out

    with pytest.raises(InvalidInput, match="exists already"):
        create(path, Kind.MANUAL, NOW, out=out)
    with pytest.raises(StorageUnavailable, match="nothing to back up"):
        create(tmp_path / "none.sqlite", Kind.MANUAL, NOW)


def test_a_restored_database_is_the_backup_and_the_replaced_one_is_kept(path: Path) -> None:
    made = create(path, Kind.MANUAL, NOW)
    more(path)
    before = records(path)

    done = restore(path, made.path, NOW + S)

    assert done.aside is not None
    assert (records(path), records(done.aside)) == (made.records, before)
    assert (done.records, done.last_hash) == (made.records, made.last_hash)
    assert not list(path.parent.glob("crs.sqlite.*"))


def test_what_was_moved_aside_in_the_same_second_is_kept_too(path: Path) -> None:
    made = create(path, Kind.MANUAL, NOW)

    asides = {restore(path, made.path, NOW).aside for _ in range(3)}

    assert len(asides) == 3
    assert all(aside is not None and records(aside) == made.records for aside in asides)


def test_what_is_only_in_the_log_of_the_replaced_database_is_kept_with_it(tmp_path: Path) -> None:
    (tmp_path / "lived").mkdir()
    book = Book(tmp_path / "lived" / "crs.sqlite")
    book.open().result()
    made = create(book.path, Kind.MANUAL, NOW)
    trade(book, 10)
    killed = tmp_path / "killed"
    killed.mkdir()
    for name in ("crs.sqlite", "crs.sqlite-wal"):
        shutil.copy(book.path.parent / name, killed / name)
    book.journal.close()

    done = restore(killed / "crs.sqlite", made.path, NOW)

    assert done.aside is not None
    assert records(done.aside) == records(book.path) > records(killed / "crs.sqlite")
    assert not (killed / "crs.sqlite-shm").exists()


@pytest.mark.parametrize("stop", range(3))
def test_a_restore_that_was_killed_is_ended_at_the_next_start(
    path: Path, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    made = create(path, Kind.MANUAL, NOW)
    more(path)
    before, replace, done = records(path), os.replace, [0]
    path.with_name("crs.sqlite-wal").write_bytes(b"")

    def killed(source: Path, target: Path) -> None:
        if source.name in (path.name, f"{path.name}-wal") or ".restored-" in source.name:
            if done[0] == stop:
                raise KeyboardInterrupt
            done[0] += 1
        replace(source, target)

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        restore(path, made.path, NOW + S)
    monkeypatch.setattr(os, "replace", replace)

    ended = finish(path)

    assert ended is not None
    assert ended.aside is not None
    assert (records(path), records(ended.aside)) == (made.records, before)
    assert finish(path) is None


@pytest.mark.parametrize("damage", ["changed", "manifest", "records"])
def test_a_backup_that_cannot_be_trusted_changes_nothing(path: Path, damage: str) -> None:
    made = create(path, Kind.MANUAL, NOW)
    if damage == "manifest":
        manifest_of(made.path).write_text("{")
    else:
        with closing(sqlite3.connect(made.path)) as connection:
            connection.execute("UPDATE trade SET qty = '9'")
            connection.commit()
        if damage == "records":
            manifest_of(made.path).unlink()
    data = path.read_bytes()

    with pytest.raises(StorageCorrupt):
        restore(path, made.path, NOW)

    assert path.read_bytes() == data
    assert not list(path.parent.glob("crs.sqlite.*"))


def test_the_database_itself_and_a_missing_file_are_no_backups(path: Path) -> None:
    with pytest.raises(InvalidInput, match="not a backup"):
        restore(path, path, NOW)
    with pytest.raises(InvalidInput, match="There is no backup"):
        restore(path, path.with_name("none"), NOW)


def test_the_newest_sound_backup_is_offered_and_what_it_lacks_is_said(path: Path) -> None:
    old = create(path, Kind.MANUAL, NOW)
    assert lost_with(path, old).startswith("Nothing would be lost")
    more(path)
    new = create(path, Kind.MANUAL, NOW + S)
    new.path.write_bytes(b"x" * new.size)

    assert last_good(path.parent / "backups") == old
    said = lost_with(path, old)
    assert f"from record {old.records + 1} on" in said
    assert f"to record {records(path)} at least" in said
    path.write_bytes(b"x" * 100_000)
    assert "would be lost: the backup" in lost_with(path, old)


def test_a_backup_of_an_older_version_is_checked_by_its_chain(tmp_path: Path) -> None:
    old = tmp_path / "old.sqlite"
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript(Path(__file__).with_name("database_0001.sql").read_text())
    examine(old)
    check_digest(old)
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("UPDATE journal SET ts_ns = 1 WHERE seq = 9")
        connection.commit()

    with pytest.raises(StorageCorrupt, match="Record 9"):
        examine(old)
