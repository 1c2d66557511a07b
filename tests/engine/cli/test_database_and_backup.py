"""Claims about `crs backup` and `crs database`: what they say, what they ask, and when they refuse."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.adapters.sql.database import REVISION, stored_revision
from engine.cli import confirm as asking
from engine.cli.__main__ import main
from engine.domain.order import Side
from tests.engine.adapters.desk import let_pass, limit, market, opened, use_small_market
from tests.engine.adapters.small_market import MIDDLE

pytestmark = pytest.mark.integration

OLD = Path(__file__).parents[1] / "adapters" / "database_0001.sql"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    use_small_market(monkeypatch)


async def trade(directory: Path, orders: int) -> None:
    async with opened(directory) as running:
        await let_pass(running, 2)
        await running.orders.submit(market(running, Side.BUY))
        for i in range(orders):
            await running.orders.submit(limit(running, Side.BUY, MIDDLE - 5_000 - i))


def crs(directory: Path, *words: str) -> int:
    return main(["--profile-dir", str(directory), *words])


def test_a_backup_made_while_the_engine_runs_is_listed_and_put_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def make() -> int:
        async with opened(tmp_path) as running:
            await running.orders.submit(limit(running, Side.BUY, MIDDLE - 5_000))
            status = await asyncio.to_thread(crs, tmp_path, "backup", "create")
            assert await asyncio.to_thread(crs, tmp_path, "backup", "restore", "latest", "--yes") == 1
            return status

    assert asyncio.run(make()) == 0
    said = capsys.readouterr()
    assert "records" in said.out
    assert "already runs on this profile" in said.err
    asyncio.run(trade(tmp_path, 3))
    assert crs(tmp_path, "backup", "list") == 0
    assert "manual" in capsys.readouterr().out

    assert crs(tmp_path, "backup", "restore", "latest", "--yes") == 0
    said = capsys.readouterr()
    assert "replaced-" in said.out
    assert crs(tmp_path, "journal", "verify") == 0
    asyncio.run(trade(tmp_path, 1))
    assert crs(tmp_path, "journal", "verify") == 0


def test_a_restore_asks_first_and_says_what_would_be_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(trade(tmp_path, 1))
    assert crs(tmp_path, "backup", "create", "--out", str(tmp_path / "mine.sqlite")) == 0
    asyncio.run(trade(tmp_path, 2))
    capsys.readouterr()

    assert crs(tmp_path, "backup", "restore", str(tmp_path / "mine.sqlite")) == 2
    assert "add --yes" in capsys.readouterr().err
    for answer, status in (("n\n", 1), ("y\n", 0)):
        monkeypatch.setattr(asking, "sys", Terminal(answer))
        assert crs(tmp_path, "backup", "restore", str(tmp_path / "mine.sqlite")) == status
        assert "would be lost" in Terminal.said
    monkeypatch.undo()
    assert "Nothing was changed" in capsys.readouterr().out


class Terminal:
    """Somebody at a terminal who gives one answer."""

    said = ""

    def __init__(self, answer: str) -> None:
        self._answer = answer
        self.stdin = self.stderr = self
        Terminal.said = ""

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return self._answer

    def write(self, text: str) -> None:
        Terminal.said += text

    def flush(self) -> None:
        pass


def test_without_a_sound_backup_there_is_nothing_to_restore(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert crs(tmp_path, "backup", "restore", "latest", "--yes") == 2
    assert "no sound backup" in capsys.readouterr().err
    assert crs(tmp_path, "backup", "restore", "unknown.sqlite", "--yes") == 2
    assert "no backup" in capsys.readouterr().err
    assert crs(tmp_path, "backup", "create") == 1
    assert "nothing to back up" in capsys.readouterr().err
    assert crs(tmp_path, "backup", "list") == 0
    assert ": none" in capsys.readouterr().out


def test_a_copy_without_a_manifest_can_be_put_back_into_an_empty_profile(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    asyncio.run(trade(old, 1))

    assert crs(new, "backup", "restore", str(old / "crs.sqlite"), "--yes") == 0

    assert "Restored" in capsys.readouterr().out
    assert crs(new, "journal", "verify") == 0


def test_the_tables_go_up_and_down_with_a_backup_each_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "crs.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLD.read_text(encoding="utf-8"))
    assert crs(tmp_path, "journal", "verify") == 1
    assert "older version" in capsys.readouterr().err

    assert crs(tmp_path, "database", "upgrade") == 0
    assert crs(tmp_path, "database", "upgrade") == 0
    assert "Nothing to do" in capsys.readouterr().out
    assert crs(tmp_path, "database", "show") == 0
    assert f"has version {REVISION}" in capsys.readouterr().out
    assert crs(tmp_path, "journal", "verify") == 0
    assert crs(tmp_path, "database", "downgrade") == 2
    assert crs(tmp_path, "database", "downgrade", "--to", "9", "--yes") == 2
    assert stored_revision(path) == REVISION
    assert crs(tmp_path, "database", "downgrade", "--yes") == 0

    assert stored_revision(path) == "0001"
    assert len(list((tmp_path / "backups").glob("*.sqlite"))) == 2
    assert crs(tmp_path / "none", "database", "show") == 1


def test_a_damaged_database_is_named_rescued_or_set_aside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asyncio.run(trade(tmp_path, 1))
    assert crs(tmp_path, "backup", "create") == 0
    asyncio.run(trade(tmp_path, 3))
    with closing(sqlite3.connect(tmp_path / "crs.sqlite")) as connection:
        [last] = connection.execute("SELECT max(seq) FROM journal").fetchone()
        connection.execute("UPDATE journal SET payload = '{}' WHERE seq = ?", (last,))
        connection.commit()
    capsys.readouterr()

    assert crs(tmp_path, "journal", "verify") == 1
    said = capsys.readouterr().err
    assert f"Record {last} of the journal" in said
    assert f"Everything from record {last} on would be lost" in said
    assert crs(tmp_path, "backup", "restore", "latest", "--salvage", "--yes") == 0
    assert f"goes on after record {last - 1}" in capsys.readouterr().out
    assert crs(tmp_path, "journal", "verify") == 0
    assert crs(tmp_path, "database", "set-aside") == 2
    assert crs(tmp_path, "database", "set-aside", "--yes") == 0
    assert not (tmp_path / "crs.sqlite").exists()
    assert crs(tmp_path, "database", "set-aside", "--yes") == 1
    assert "no database" in capsys.readouterr().err
    asyncio.run(trade(tmp_path, 1))
