"""Claims about `crs server db`, on files and on PostgreSQL: made, shown, migrated, emptied, copied and put back."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.paper.past import Past, read_past
from engine.adapters.sql.address import store_at
from engine.adapters.sql.database import REVISION
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.store import Store
from engine.cli.__main__ import main
from engine.server.databases import Databases
from engine.server.settings import load_settings
from tests.engine.adapters.journaled import Book, trade
from tests.engine.server.traders import trading_floor
from tests.services import Postgres

pytestmark = pytest.mark.integration


SECRET = "hunter2secret"
"""The password in the URL; the server of the tests asks for none."""

Grown = tuple[Path, Postgres | None, str]


class Crs:
    """The command line, on a data directory and a database."""

    def __init__(self, data_dir: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.data_dir, self.url, self._capsys = data_dir, url, capsys

    @property
    def store(self) -> Store:
        return store_at(self.url or f"sqlite:///{self.data_dir / 'crs.sqlite'}")

    def __call__(self, *words: str, status: int = 0) -> str:
        """Run a verb and return what it printed."""
        where = ["--data-dir", str(self.data_dir), *(["--database", self.url] if self.url else [])]
        self._capsys.readouterr()
        assert main(["server", "db", *words, *where]) == status
        out, complaint = self._capsys.readouterr()
        assert SECRET not in out + complaint
        return out + complaint

    def json(self, *words: str) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self(*words, "--json"))


@pytest.fixture(scope="module", params=["files", "postgresql"])
def grown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Grown:
    """A data directory, and the PostgreSQL database of it if it has one, in which something was traded."""
    postgres: Postgres | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    directory, name = tmp_path_factory.mktemp("grown") / "data", postgres.create() if postgres else ""
    databases = Databases(load_settings(directory, database=postgres.url(name) if postgres else None))
    databases.make()
    book = Book(databases.store)
    book.open()
    trade(book, 30)
    book.journal.close()
    return directory, postgres, name


@pytest.fixture
def crs(grown: Grown, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Crs]:
    """Nothing yet."""
    _, postgres, _ = grown
    if postgres is None:
        yield Crs(tmp_path / "data", "", capsys)
        return
    name = postgres.create()
    postgres.drop(name)
    yield Crs(tmp_path / "data", postgres.url(name).replace("crs@", f"crs:{SECRET}@"), capsys)
    for each in (name, f"{name}_2"):
        postgres.drop(each)


@pytest.fixture
def lived(grown: Grown, crs: Crs) -> Crs:
    """A copy of what was traded."""
    directory, postgres, name = grown
    shutil.copytree(directory, crs.data_dir)
    if postgres is not None:
        postgres.execute(f"CREATE DATABASE {crs.url.rpartition('/')[2]} TEMPLATE {name}")
    return crs


def state(store: Store) -> tuple[object, bytes | None]:
    """Return where a journal ends and everything that follows from it."""
    with Reader(store) as reader:
        past: Past = read_past(reader)
        return reader.tip(), past.snapshot("")


def test_init_makes_everything_once(crs: Crs) -> None:
    first = crs.json("init")

    assert [each["name"] for each in first["tables"]] == ["exchange", "accounts"]
    assert first["tables"][0]["revision"] == REVISION
    assert crs.json("init") == first


def test_show_says_what_there_is_and_no_password(lived: Crs) -> None:
    shown, text = lived.json("show"), lived("show")

    rows = shown["tables"][0]["rows"]
    assert (shown["records"], rows["journal"]) == (rows["journal"], shown["records"])
    assert shown["last_hash"] in text
    assert rows["order"] == 30
    assert shown["tables"][1]["rows"]["crs_user"] == 0
    assert shown["pool"] == {"size": 10, "overflow": 20, "recycle_s": 3600, "pre_ping": bool(lived.url)}
    assert shown["epoch"] == (1 if lived.url else 0)
    assert ("Last writer: epoch 1, process" in text) == bool(lived.url)


def test_show_of_nothing_changes_nothing(crs: Crs) -> None:
    if crs.url:
        assert "`crs server db init` makes it" in crs("show", status=1)
    else:
        assert "nothing yet" in crs("show")
        assert not crs.data_dir.exists()


def test_migrate_goes_down_and_up_and_loses_nothing(lived: Crs) -> None:
    before = state(lived.store)

    assert lived.json("migrate", "--to", "0001", "--yes") == {"before": REVISION, "after": "0001"}
    assert lived.json("show")["tables"][0]["revision"] == "0001"
    assert lived.json("migrate") == {"before": "0001", "after": REVISION}
    assert "Nothing to do" in lived("migrate")

    assert state(lived.store) == before
    assert "Sound" in lived("verify")
    assert "There is no version '7'" in lived("migrate", "--to", "7", "--yes", status=2)


def test_reset_asks_and_empties(lived: Crs) -> None:
    assert "add --yes to do it" in lived("reset", status=2)
    assert lived.json("show")["records"] > 0

    lived("reset", "--yes")

    shown = lived.json("show")
    assert shown["records"] == 0
    kept = {"writer", "security_tip"}
    assert not any(n for each in shown["tables"] for name, n in each["rows"].items() if name not in kept)
    if not lived.url:
        assert len(list((lived.data_dir / "backups").glob("replaced-*.sqlite"))) == 2


def test_a_backup_put_back_elsewhere_has_the_same_end_and_the_same_state(
    lived: Crs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = lived.json("backup")
    other = Crs(tmp_path / "other", f"{lived.url}_2" if lived.url else "", capsys)

    done = other.json("restore", made["files"][0], "--yes")

    assert (done["records"], done["last_hash"]) == (made["records"], made["last_hash"])
    assert state(other.store) == state(lived.store)
    assert "Sound" in other("verify")
    assert other.json("show")["tables"][1]["revision"] == lived.json("show")["tables"][1]["revision"]


def test_a_backup_goes_where_it_is_told_and_never_over_a_file(lived: Crs, tmp_path: Path) -> None:
    file = tmp_path / "there" / "one.sqlite"

    assert lived.json("backup", "--out", str(file))["files"][0] == str(file)
    assert file.stat().st_mode & 0o077 == 0 or not lived.url
    assert "exists already" in lived("backup", "--out", str(file), status=2)


def test_a_changed_backup_is_refused_and_changes_nothing(lived: Crs) -> None:
    [file, *_] = lived.json("backup")["files"]
    lived("reset", "--yes")
    data = bytearray(Path(file).read_bytes())
    data[len(data) // 2] ^= 1
    Path(file).write_bytes(data)

    assert "was changed since it was written" in lived("restore", file, "--yes", status=1)
    assert lived.json("show")["records"] == 0


def test_a_backup_never_mixes_with_what_is_there(lived: Crs) -> None:
    [file, *_] = lived.json("backup")["files"]

    if lived.url:
        assert "is not empty" in lived("restore", file, "--yes", status=2)
    else:
        assert "is now" in lived("restore", file, "--yes")


async def test_nothing_is_moved_under_a_running_server(crs: Crs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.adapters.sql.postgres.fence.WAIT_S", 0.2)
    await asyncio.to_thread(crs, "init")
    async with trading_floor(crs.data_dir, database=crs.url):
        refused = [
            await asyncio.to_thread(crs, *words, status=1)
            for words in (("reset", "--yes"), ("migrate", "--to", "0001", "--yes"))
        ]
        shown = await asyncio.to_thread(crs.json, "show")
        made = await asyncio.to_thread(crs.json, "backup")
        elsewhere = Crs(crs.data_dir.with_name("elsewhere"), crs.url, crs._capsys)
        if crs.url:  # another data directory does not get around the database's own lock
            refused.append(await asyncio.to_thread(elsewhere, "reset", "--yes", status=1))

    assert all("already runs" in each or "already writes shard main" in each for each in refused)
    assert shown["records"] > 0
    assert made["records"] > 0
