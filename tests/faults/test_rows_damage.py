"""Fault rows 4, 5 and 22: a torn end, a flipped bit, a damaged database. Named, and nothing is thrown away."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from engine.adapters.paper.salvage import add_sound, last_sound, sound_after
from engine.adapters.sql.backup import create
from engine.adapters.sql.chain import GENESIS, Tip
from engine.adapters.sql.manifest import Backup, Kind
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import verify
from engine.bootstrap import open_engine
from engine.bootstrap.rescue import carry_out, look_for_rescue
from engine.domain.order import Side
from engine.errors import ProfileInUse, StorageCorrupt, StorageUnavailable
from engine.ports.clock import SystemClock
from engine.profile import Profile, ProfileLock
from tests.engine.adapters.desk import day_noted, let_pass, limit, market, opened, use_small_market
from tests.engine.adapters.small_market import MIDDLE

pytestmark = pytest.mark.integration

LOW = MIDDLE - 5_000


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    use_small_market(monkeypatch)


async def trade(directory: Path, orders: int) -> None:
    async with opened(directory) as running:
        await let_pass(running, 2)
        await running.orders.submit(market(running, Side.BUY))
        for i in range(orders):
            await running.orders.submit(limit(running, Side.BUY, LOW - i))
        await running.orders.cancel_last()


def backed_up(directory: Path) -> Backup:
    return create(directory / "crs.sqlite", Kind.MANUAL, SystemClock().wall())


def edit(directory: Path, statement: str) -> None:
    with closing(sqlite3.connect(directory / "crs.sqlite")) as connection:
        connection.execute(statement)
        connection.commit()


def records(path: Path) -> int:
    with Reader(path) as reader:
        return verify(reader).records


# Row 4


async def test_row_04_a_log_torn_at_any_byte_gives_the_last_whole_transaction(tmp_path: Path) -> None:
    lived, torn = tmp_path / "lived", tmp_path / "torn"
    torn.mkdir()
    whole: list[int] = []
    async with opened(lived) as running:
        await day_noted(running)
        await running.orders.submit(limit(running, Side.BUY, LOW))
        shutil.copy(lived / "crs.sqlite", torn / "crs.sqlite")
        with closing(sqlite3.connect(lived / "crs.sqlite")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(lived / "crs.sqlite", torn / "crs.sqlite")
        for i in range(4):
            await running.orders.submit(limit(running, Side.BUY, LOW - 1 - i))
            whole.append(len(list(running.journal.entries())))
        log = (lived / "crs.sqlite-wal").read_bytes()
    random, found = Random(4), list[int]()  # noqa: S311 - repeatable places
    for cut in sorted({0, 1, len(log), *(random.randrange(len(log)) for _ in range(120))}):
        (torn / "crs.sqlite-shm").unlink(missing_ok=True)
        (torn / "crs.sqlite-wal").write_bytes(log[:cut])
        found.append(records(torn / "crs.sqlite"))

    assert found == sorted(found)
    assert set(found) == {whole[0] - 2, *whole}


async def test_row_04_an_engine_starts_on_a_torn_log_with_what_was_whole(tmp_path: Path) -> None:
    lived, torn = tmp_path / "lived", tmp_path / "torn"
    torn.mkdir()
    async with opened(lived) as running:
        await day_noted(running)
        for i in range(3):
            await running.orders.submit(limit(running, Side.BUY, LOW - i))
        for name in ("crs.sqlite", "crs.sqlite-wal"):
            shutil.copy(lived / name, torn / name)
    with (torn / "crs.sqlite-wal").open("r+b") as file:
        file.truncate(file.seek(0, 2) - 100)

    async with opened(torn) as running:
        assert len(running.orders.open()) == 2
        await running.orders.submit(limit(running, Side.BUY, LOW))
    assert records(torn / "crs.sqlite") > 0


# Row 5


async def test_row_05_a_flipped_bit_keeps_the_engine_from_opening_and_names_the_record(tmp_path: Path) -> None:
    await trade(tmp_path, 6)
    path = tmp_path / "crs.sqlite"
    data = path.read_bytes()
    with Reader(path) as reader:
        payloads = {entry.seq: entry.payload.encode() for entry in reader.entries()}
    for seq in (1, 3, 8, 15):
        flipped = bytearray(data)
        flipped[data.find(payloads[seq]) + 5] ^= 4
        path.write_bytes(flipped)

        with pytest.raises(StorageCorrupt, match=rf"Record {seq} of the journal.*crs backup restore"):
            await open_engine(Profile(tmp_path))

        assert path.read_bytes() == bytes(flipped)


# Row 22


def overwrite_a_page(path: Path, marker: bytes) -> None:
    """Overwrite the page on which some bytes are last."""
    data = bytearray(path.read_bytes())
    begin = data.rfind(marker) // 4096 * 4096
    data[begin : begin + 4096] = b"\xa5" * 4096
    path.write_bytes(data)


async def test_row_22_the_last_backup_and_the_sound_records_after_it_are_put_back(tmp_path: Path) -> None:
    await trade(tmp_path, 4)
    backup = backed_up(tmp_path)
    await trade(tmp_path, 40)
    path = tmp_path / "crs.sqlite"
    with Reader(path) as reader:
        last, marker = reader.tip().seq, list(reader.entries())[-10].hash.encode()
    overwrite_a_page(path, marker)
    damaged = path.read_bytes()
    with pytest.raises(StorageCorrupt, match="left as it is"):
        await open_engine(Profile(tmp_path))

    rescue = look_for_rescue(Profile(tmp_path))
    assert path.read_bytes() == damaged
    done = carry_out(Profile(tmp_path), rescue)

    assert backup.records < rescue.kept < last
    assert f"Everything from record {rescue.kept + 1} on would be lost" in rescue.text
    assert records(path) == rescue.kept
    [aside] = (tmp_path / "backups").glob("replaced-*.sqlite")
    assert aside.read_bytes() == damaged
    assert str(aside) in done
    async with opened(tmp_path) as running:
        await running.orders.submit(limit(running, Side.BUY, LOW))
    assert records(path) > rescue.kept


async def test_row_22_damage_beside_the_journal_loses_nothing(tmp_path: Path) -> None:
    await trade(tmp_path, 3)
    backed_up(tmp_path)
    await trade(tmp_path, 3)
    with Reader(tmp_path / "crs.sqlite") as reader:
        tip = reader.tip()
    edit(tmp_path, "UPDATE portfolio_balance SET free = '7'")

    rescue = look_for_rescue(Profile(tmp_path))
    carry_out(Profile(tmp_path), rescue)

    assert "Nothing would be lost" in rescue.text
    with Reader(tmp_path / "crs.sqlite") as reader:
        assert reader.tip() == tip
        verify(reader)


async def test_row_22_a_database_of_which_nothing_can_be_read_gives_the_backup(tmp_path: Path) -> None:
    await trade(tmp_path, 3)
    backup = backed_up(tmp_path)
    await trade(tmp_path, 3)
    (tmp_path / "crs.sqlite").write_bytes(b"\xff" * 50_000)

    rescue = look_for_rescue(Profile(tmp_path))
    carry_out(Profile(tmp_path), rescue)

    assert f"Everything from record {backup.records + 1} on would be lost:" in rescue.text
    assert records(tmp_path / "crs.sqlite") == backup.records


async def test_row_22_without_a_backup_a_new_account_is_opened_only_when_asked_for(tmp_path: Path) -> None:
    await trade(tmp_path, 2)
    edit(tmp_path, "UPDATE journal SET payload = '' WHERE seq = 4")
    with pytest.raises(StorageCorrupt, match="Record 4"):
        await open_engine(Profile(tmp_path))

    rescue = look_for_rescue(Profile(tmp_path))
    assert (rescue.backup, "everything from record 1" in rescue.text) == (None, True)
    assert "is now" in carry_out(Profile(tmp_path), rescue)
    async with opened(tmp_path) as running:
        assert running.accounts == ("PAPER-1",)
    assert len(list((tmp_path / "backups").glob("replaced-*.sqlite"))) == 1
    (tmp_path / "crs.sqlite").unlink()
    with pytest.raises(StorageUnavailable, match="no database"):
        carry_out(Profile(tmp_path), rescue)


async def test_row_22_a_profile_in_use_is_not_touched(tmp_path: Path) -> None:
    await trade(tmp_path, 2)
    backed_up(tmp_path)
    rescue = look_for_rescue(Profile(tmp_path))
    lock = ProfileLock(Profile(tmp_path))
    try:
        with pytest.raises(ProfileInUse):
            carry_out(Profile(tmp_path), rescue)
    finally:
        lock.release()


async def test_row_22_only_what_continues_the_backup_is_added(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    await trade(one, 3)
    await trade(other, 5)
    backup = backed_up(one)
    tip = Tip(backup.records, backup.last_hash)

    assert last_sound(other / "crs.sqlite", tip) == backup.records
    assert list(sound_after(tmp_path / "none.sqlite", tip)) == []
    assert last_sound(one / "crs.sqlite", Tip(0, GENESIS)) == backup.records
    assert add_sound(other / "crs.sqlite", backup.path) == tip


async def test_row_22_records_that_do_not_come_out_the_same_are_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await trade(tmp_path, 2)
    backup = backed_up(tmp_path)
    await trade(tmp_path, 2)
    monkeypatch.setattr("engine.adapters.sql.batch.SCHEMA_VERSION", 0)

    with pytest.raises(StorageCorrupt, match="could not be added"):
        add_sound(tmp_path / "crs.sqlite", backup.path)
