"""Claims about moving a database that holds an account between versions, and about being killed on the way.

`database_0001.sql` was written by the program at version 0001: two accounts, an amended order, stops, refusals,
fills, the kill switch pulled and released.
"""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.sql.database import REVISION, connect, stored_revision
from engine.adapters.sql.migrations import downgrade, upgrade
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.tables import prepare
from engine.adapters.sql.verify import verify
from engine.bootstrap import open_engine
from engine.domain.order import Side
from engine.profile import Profile
from tests.engine.adapters.desk import limit, use_small_market
from tests.engine.adapters.rich_life import live
from tests.engine.adapters.small_market import MIDDLE

pytestmark = pytest.mark.integration

OLD = Path(__file__).with_name("database_0001.sql")
ROOT = Path(__file__).resolve().parents[3]

Content = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A populated database of version 0001."""
    path = tmp_path / "crs.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLD.read_text(encoding="utf-8"))
    return path


def content(path: Path) -> Content:
    """Return schema and rows of everything in a database."""
    with closing(sqlite3.connect(path)) as connection:
        schema = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
        names = [name for kind, name, _ in schema if kind == "table" and name != "sqlite_sequence"]
        rows = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}  # noqa: S608
        return {"": schema, **rows}


def migrated(path: Path, to: str) -> Content:
    """Move a database to a version and return what is in it then."""
    engine = connect(path)
    current = stored_revision(path) or ""
    (upgrade if to > current else downgrade)(engine, to)
    engine.dispose()
    return content(path)


def test_up_down_and_up_again_gives_equal_schema_and_data(old: Path) -> None:
    first = content(old)
    up = migrated(old, REVISION)
    down = migrated(old, "0001")
    again = migrated(old, REVISION)

    assert again == up
    assert down.keys() == first.keys()
    assert {name: rows for name, rows in down.items() if name} == {name: rows for name, rows in first.items() if name}


def test_down_and_up_again_loses_nothing_of_what_came_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_small_market(monkeypatch)
    asyncio.run(live(tmp_path))
    path = tmp_path / "crs.sqlite"
    before = content(path)
    assert before["fill_why"]
    assert before["account_setting"]

    migrated(path, "0001")
    after = migrated(path, REVISION)

    kept = {name for name in before if name not in ("", "account_snapshot")}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert {name for _, name, _ in after[""]} == {name for _, name, _ in before[""]}
    with Reader(path) as reader:
        verify(reader)


def test_the_tables_after_an_upgrade_follow_from_the_old_journal(old: Path) -> None:
    migrated(old, REVISION)

    with Reader(old) as reader:
        found = verify(reader)
        orders = {row["order_id"]: row for row in reader.table("order")}

    assert (found.records, found.accounts) == (64, 2)
    assert (orders["c0-2"]["post_only"], orders["c0-3"]["post_only"]) == (1, 0)
    assert orders["c0-16"]["ended_seq"] is None
    assert orders["c0-1"]["ended_seq"] == 9


def test_an_upgraded_database_has_the_schema_of_a_new_one(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.sqlite"
    engine = connect(new)
    prepare(engine, new)
    engine.dispose()

    upgraded, made = migrated(old, REVISION)[""], content(new)[""]

    assert {name for _, name, _ in upgraded} == {name for _, name, _ in made}
    with closing(sqlite3.connect(old)) as one, closing(sqlite3.connect(new)) as other:
        for _, name, _ in made:
            query = f'SELECT name, type, "notnull", pk FROM pragma_table_info("{name}") ORDER BY cid'  # noqa: S608
            assert one.execute(query).fetchall() == other.execute(query).fetchall()


async def test_an_engine_goes_on_with_an_old_profile_and_keeps_a_copy_of_it(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_small_market(monkeypatch)
    running = await open_engine(Profile(old.parent))
    running.runner.pause()
    try:
        assert running.accounts == ("PAPER-1", "PAPER-2")
        await running.orders.submit(limit(running, Side.BUY, MIDDLE - 4_000))
    finally:
        await running.close()

    copies = list((old.parent / "backups").glob("*.sqlite"))
    assert [stored_revision(copy) for copy in copies] == ["0001"]
    with Reader(old) as reader:
        assert verify(reader).records > 64


CODE = """
import os, sys
from pathlib import Path
from sqlalchemy import event
from engine.adapters.sql.database import connect
from engine.adapters.sql.migrations import downgrade, upgrade

path, to, left = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
engine = connect(path)

@event.listens_for(engine, "before_cursor_execute")
def count(*_):
    global left
    left -= 1
    if left == 0:
        os._exit(9)

(upgrade if to != "0001" else downgrade)(engine, to)
"""


def killed(path: Path, to: str, after: int) -> bool:
    """Migrate in a process of its own that ends at a statement; return whether it got to the end."""
    done = subprocess.run([sys.executable, "-c", CODE, str(path), to, str(after)], cwd=ROOT, check=False)
    assert done.returncode in (0, 9)
    return done.returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("to", [REVISION, "0001"])
def test_killed_on_the_way_it_is_whole_and_at_the_version_before(old: Path, to: str) -> None:
    if to == "0001":
        migrated(old, REVISION)
    before = content(old)
    for after in (2, 5, 9, 14, 20, 27, 34):
        if killed(old, to, after):
            break
        assert content(old) == before
    else:
        assert killed(old, to, 10_000)

    assert stored_revision(old) == to
