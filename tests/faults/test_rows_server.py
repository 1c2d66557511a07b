"""Rows 1 to 5 and 48 for the server: kill -9 over REST, a torn or flipped journal, SIGTERM under load."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import verify
from engine.bootstrap.exchange import open_exchange
from engine.errors import StorageUnavailable
from engine.profile import Profile
from tests.engine.server.harness import free_port, program
from tests.engine.server.visitor import crs
from tests.faults.served import Served

pytestmark = [pytest.mark.integration, pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="programs are killed")]


@pytest.fixture
def served(tmp_path: Path) -> Served:
    """Lend a data directory with one user."""
    made = Served(tmp_path / "data")
    made.prepare()
    return made


def test_row_01_kill_the_server_between_journal_write_and_reply(served: Served) -> None:
    served.killed_at("venue.before_reply:40", seed=1)
    served.check()

    assert served.seen["never told"] > 0, "everything on the disk had been told: the kill came too late"


def test_row_02_kill_the_server_between_match_and_commit(served: Served) -> None:
    served.killed_at("venue.after_match:60", seed=2)
    served.check()

    assert served.seen["fills"] > 0


def test_row_03_kill_the_server_during_snapshot_write(served: Served) -> None:
    served.killed_at("snapshot.before_blob:3", seed=3, stop_s=0.5)  # two are written as it opens, one as it ends
    served.check()


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lend the data directory of a server that was killed while somebody traded: its log is beside the database."""
    made = Served(tmp_path_factory.mktemp("lived") / "data")
    made.prepare()
    made.killed_at("journal.after_commit:25", seed=4)
    return made.data_dir


async def test_row_04_the_server_starts_on_a_log_torn_anywhere(lived: Path, tmp_path: Path) -> None:
    log = (lived / "crs.sqlite-wal").read_bytes()
    random, found = Random(4), list[int]()  # noqa: S311 - repeatable places
    cuts = sorted({0, len(log), *(random.randrange(len(log)) for _ in range(40))})
    for cut in cuts:
        torn = tmp_path / "torn"
        shutil.rmtree(torn, ignore_errors=True)
        torn.mkdir()
        shutil.copy(lived / "crs.sqlite", torn)
        (torn / "crs.sqlite-wal").write_bytes(log[:cut])
        found.append(_records(torn))
        if cut in cuts[len(cuts) // 2 :: 10]:
            engine = await open_exchange(Profile(torn), seed=7)
            assert len(engine.venue.fold.accounts()) <= 1
            await engine.close()

    assert found == sorted(found)
    assert len(set(found)) > 3


def _records(directory: Path) -> int:
    """Return how many sound records there are; none where the log lacks the tables themselves."""
    try:
        with Reader(directory / "crs.sqlite") as reader:
            return verify(reader).records
    except StorageUnavailable:
        return 0


def test_row_05_a_flipped_bit_keeps_the_server_from_starting_and_names_the_record(lived: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(lived, data)
    with closing(sqlite3.connect(data / "crs.sqlite")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [payload] = connection.execute("SELECT payload FROM journal WHERE seq = 20").fetchone()
    whole = bytearray((data / "crs.sqlite").read_bytes())
    whole[whole.find(payload.encode()) + 5] ^= 4
    (data / "crs.sqlite").write_bytes(whole)

    refused = crs("run", "--data-dir", str(data), "--port", str(free_port()))

    assert refused.returncode == 1
    assert "Record 20 of the journal" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert (data / "crs.sqlite").read_bytes() == bytes(whole), "a damaged journal was written to"


def test_row_48_sigterm_to_the_server_under_load(served: Served) -> None:
    with program(served.data_dir) as server:
        asyncio.run(served.traded(server, 5, stop_s=1.0))
        assert server.stop(timeout_s=8) == 0

    assert len(served.told) > 20
    with Reader(served.data_dir / "crs.sqlite") as reader:
        verify(reader)
        assert reader.snapshot() is not None
        durable = {row["order_id"] for row in reader.table("order")}
    assert set(served.told) <= durable
    assert not (served.data_dir / "control.json").exists()


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_nothing_promised_by_the_server_is_missing_after_200_kills(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random, seen = Random(13), Counter[str]()  # noqa: S311 - repeatable moments
    for life in range(10):
        served = Served(tmp_path / f"life{life}")
        served.prepare()
        for seed in range(20):
            served.killed_after(random.random() * 1.5, seed)
        served.check()
        seen += served.seen

    with capsys.disabled():
        print(f"\n200 kills of the server at random: {', '.join(f'{n:,} {name}' for name, n in seen.items())}")
    assert seen["never told"] > 50
