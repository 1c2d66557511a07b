"""Claims about `crs export`: everything, the same bytes every time, whole or not at all."""

from __future__ import annotations

import asyncio
import csv
import errno
import json
import sqlite3
import zipfile
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from engine.adapters.files import export as exporting
from engine.adapters.files.export import TABLES, export
from engine.adapters.files.target import Counting
from engine.adapters.sql.reader import Reader
from engine.cli.__main__ import main
from engine.domain.order import OrderId, Side
from engine.errors import StorageUnavailable
from engine.profile import Profile
from tests.engine.adapters.desk import let_pass, limit, market, opened, use_small_market
from tests.engine.adapters.small_market import MIDDLE

pytestmark = pytest.mark.integration


@pytest.fixture
def traded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A profile with trades, settings that hold a secret, a layout and a name that a spreadsheet would run."""
    use_small_market(monkeypatch)
    directory = tmp_path / "profile"

    async def trade() -> None:
        async with opened(directory) as running:
            await let_pass(running, 3)
            await running.orders.submit(market(running, Side.BUY))
            running.orders.new_id = lambda: OrderId('=1+1,"é"')
            await running.orders.submit(limit(running, Side.BUY, MIDDLE - 5_000))

    asyncio.run(trade())
    (directory / "settings.toml").write_text('[appearance]\ntheme = "dark"\n[venue]\napi_key = "hunter2hunter2"\n')
    (directory / "layout.json").write_text('{"symbol": "BTC/USDT"}')
    (directory / "history").mkdir()
    return directory


def crs(directory: Path, out: Path) -> int:
    return main(["export", "--profile-dir", str(directory), "--out", str(out)])


def files(directory: Path) -> dict[str, bytes]:
    return {str(each.relative_to(directory)): each.read_bytes() for each in directory.rglob("*") if each.is_file()}


def test_the_same_profile_gives_the_same_bytes_as_directory_and_as_zip(traded: Path, tmp_path: Path) -> None:
    for name in ("one", "two", "one.zip", "two.zip"):
        assert crs(traded, tmp_path / "out" / name) == 0

    first = files(tmp_path / "out" / "one")
    assert first == files(tmp_path / "out" / "two")
    assert (tmp_path / "out" / "one.zip").read_bytes() == (tmp_path / "out" / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "out" / "one.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == first
    assert {each.name for each in (tmp_path / "out").iterdir()} == {"one", "two", "one.zip", "two.zip"}


def test_the_manifest_vouches_for_every_file(traded: Path, tmp_path: Path) -> None:
    assert crs(traded, tmp_path / "out") == 0
    found = files(tmp_path / "out")
    manifest = json.loads(found.pop("manifest.json"))

    assert {name: [each["bytes"], each["sha256"]] for name, each in manifest["files"].items()} == {
        name: [len(data), sha256(data).hexdigest()] for name, data in found.items()
    }
    with Reader(traded / "crs.sqlite") as reader:
        tip = reader.tip()
        assert (manifest["records"], manifest["last_hash"]) == (tip.seq, tip.hash)
        for name in TABLES:
            assert manifest["files"][f"tables/{name}.csv"]["rows"] == len(reader.table(name))


def test_journal_and_tables_hold_every_record_and_row(traded: Path, tmp_path: Path) -> None:
    assert crs(traded, tmp_path / "out") == 0
    lines = [json.loads(line) for line in (tmp_path / "out" / "journal.jsonl").read_text(encoding="utf-8").splitlines()]
    with Reader(traded / "crs.sqlite") as reader:
        assert [(each["seq"], each["hash"]) for each in lines] == [(each.seq, each.hash) for each in reader.entries()]
        for name in TABLES:
            rows = [{key: row[key] for key in row if key != "data"} for row in reader.table(name)]
            text = (tmp_path / "out" / "tables" / f"{name}.json").read_text(encoding="utf-8")
            read = json.loads(text)
            for row in rows:
                for column in {"payload", "prices"} & row.keys():
                    row[column] = json.loads(row[column])
            assert sorted(read, key=str) == sorted(rows, key=str) or read == rows
            with (tmp_path / "out" / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                assert len(list(csv.DictReader(file))) == len(rows)


def test_what_a_spreadsheet_would_run_is_text_and_truth_is_truth(traded: Path, tmp_path: Path) -> None:
    assert crs(traded, tmp_path / "out") == 0
    with (tmp_path / "out" / "tables" / "order.csv").open(encoding="utf-8", newline="") as file:
        order = list(csv.DictReader(file))[-1]
    exact = json.loads((tmp_path / "out" / "tables" / "order.json").read_text(encoding="utf-8"))[-1]

    assert (order["order_id"], exact["order_id"]) == ('\'=1+1,"é"', '=1+1,"é"')
    assert (order["post_only"], exact["post_only"], exact["stop_price"]) == ("false", False, None)


def test_secrets_stay_at_home_and_settings_that_make_no_sense_stop_nothing(traded: Path, tmp_path: Path) -> None:
    assert crs(traded, tmp_path / "out") == 0
    (traded / "settings.toml").write_text("[appearance\n")
    assert crs(traded, tmp_path / "again") == 0

    assert all(b"hunter2" not in data for data in files(tmp_path / "out").values())
    assert json.loads((tmp_path / "out" / "settings.json").read_text())["appearance"] == {"theme": "dark"}
    assert "unreadable" in (tmp_path / "again" / "settings.json").read_text()
    assert json.loads((tmp_path / "out" / "layout.json").read_text()) == {"symbol": "BTC/USDT"}
    assert json.loads((tmp_path / "out" / "history.json").read_text()) == {"imported": [], "damaged": []}


def test_a_profile_can_be_exported_while_the_engine_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_small_market(monkeypatch)

    async def look() -> int:
        async with opened(tmp_path / "profile") as running:
            await running.orders.submit(limit(running, Side.BUY, MIDDLE - 5_000))
            return await asyncio.to_thread(crs, tmp_path / "profile", tmp_path / "out")

    assert asyncio.run(look()) == 0
    assert (tmp_path / "out" / "manifest.json").exists()
    assert not (tmp_path / "out" / "layout.json").exists()


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_an_interrupted_export_leaves_nothing(
    traded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def stop(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(exporting, "_settings", stop)
    (tmp_path / "place").mkdir()

    assert crs(traded, tmp_path / "place" / name) == 130

    assert list((tmp_path / "place").iterdir()) == []


def test_a_disk_that_fills_up_leaves_nothing_and_is_said(
    traded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Counting, "write", full)
    (tmp_path / "place").mkdir()

    with pytest.raises(StorageUnavailable, match=r"No space left.*Nothing was left"):
        export(Profile(traded), tmp_path / "place" / "out", lambda _: None)

    assert list((tmp_path / "place").iterdir()) == []


def test_a_damaged_journal_is_not_exported(traded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(sqlite3.connect(traded / "crs.sqlite")) as connection:
        connection.execute("UPDATE journal SET ts_ns = 1 WHERE seq = 4")
        connection.commit()
    (tmp_path / "place").mkdir()

    assert crs(traded, tmp_path / "place" / "out") == 1

    assert "Record 4" in capsys.readouterr().err
    assert list((tmp_path / "place").iterdir()) == []


def test_what_is_there_is_never_written_over(traded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out.zip").write_text("mine")
    (tmp_path / "file").write_text("mine")

    assert crs(traded, tmp_path / "out.zip") == 2
    assert "exists already" in capsys.readouterr().err
    assert crs(traded, tmp_path / "file" / "out") == 1
    assert "cannot be written" in capsys.readouterr().err
    assert (tmp_path / "out.zip").read_text() == "mine"


def test_progress_is_told_from_nothing_to_all(traded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "STEP", 3)
    told: list[float] = []

    export(Profile(traded), tmp_path / "out", told.append)

    assert told == sorted(told)
    assert 0 < told[0] < 0.3
    assert 0.7 < told[-1] <= 1
