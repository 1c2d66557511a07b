"""A disk that is full, read-only, locked by others, damaged or torn: one clear sentence, nothing lost."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import verify
from engine.bootstrap import Engine, open_engine
from engine.cli.__main__ import main
from engine.domain.command import SubmitOrder
from engine.domain.event import OrderAccepted
from engine.domain.order import Side
from engine.errors import StorageCorrupt, StorageUnavailable
from engine.ports.journal import StorageStateChanged
from engine.profile import Profile, ProfileLock
from tests.engine.adapters.desk import limit, opened, use_small_market, works_again
from tests.engine.adapters.small_market import MIDDLE
from tests.engine.server.traders import fund, of, send, trading_floor

pytestmark = pytest.mark.integration

LOW = MIDDLE - 5_000

FAR = {"symbol": "BTC/USDT", "side": "buy", "type": "limit", "qty": "0.001", "price": "20000.00"}
"""An order that rests far below the market."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    use_small_market(monkeypatch)


def mounted(directory: Path, *options: str) -> None:
    """Mount something on a directory, or skip where that is not allowed."""
    directory.mkdir(exist_ok=True)
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("only root can mount")
    done = subprocess.run(["mount", *options, str(directory)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    directory = tmp_path / "disk"
    mounted(directory, "-t", "tmpfs", "-o", "size=2m", "tmpfs")
    yield directory
    subprocess.run(["umount", "-l", str(directory)], check=True)


@pytest.fixture
def larger_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk on which a server can live."""
    directory = tmp_path / "disk"
    mounted(directory, "-t", "tmpfs", "-o", "size=24m", "tmpfs")
    yield directory
    subprocess.run(["umount", "-l", str(directory)], check=True)


def fill(path: Path) -> None:
    """Write until nothing more fits."""
    with path.open("wb", buffering=0) as file:
        while file.write(b"\0" * 4096) == 4096:
            pass


async def order_until_refused(running: Engine, sent: list[SubmitOrder]) -> None:
    """Send orders, noted in `sent`, until one is refused."""
    for i in range(5_000):
        sent.append(limit(running, Side.BUY, LOW - i % 100, 100))
        await running.orders.submit(sent[-1])


async def test_a_full_disk_refuses_orders_with_a_sentence_and_takes_them_again_when_freed(small_disk: Path) -> None:
    async with opened(small_disk) as running:
        states: list[StorageStateChanged] = []
        running.bus.subscribe(StorageStateChanged, states.append)
        kept = limit(running, Side.BUY, LOW)
        await running.orders.submit(kept)
        ballast = small_disk / "ballast"
        with pytest.raises(OSError, match="space"):
            fill(ballast)
        sent: list[SubmitOrder] = []
        with pytest.raises(StorageUnavailable, match=r"full.*free some space"):
            await order_until_refused(running, sent)
        held = sent[-1]
        assert running.runner.text
        assert held.order_id not in {order.order_id for order in running.orders.open()}
        with pytest.raises(StorageUnavailable):
            await running.orders.submit(limit(running, Side.BUY, LOW))

        ballast.unlink()
        await works_again(running)
        again = await running.venue.submit(held)

        assert isinstance(again, OrderAccepted)
        assert [state.ok for state in states] == [False, True]
        assert {kept.order_id, held.order_id} <= {order.order_id for order in running.orders.open()}
    with Reader(small_disk / "crs.sqlite") as reader:
        verify(reader)


async def test_closing_on_a_full_disk_loses_nothing_acknowledged(small_disk: Path) -> None:
    sent: list[SubmitOrder] = []
    async with opened(small_disk) as running:
        (small_disk / "ballast").write_bytes(b"\0" * 1_000_000)
        with pytest.raises(StorageUnavailable):
            await order_until_refused(running, sent)
        running.journal.close(0.2)
    (small_disk / "ballast").unlink()
    with Reader(small_disk / "crs.sqlite") as reader:
        verify(reader)
        acknowledged = {order.order_id for order in sent[:-1]}
        assert acknowledged <= {row["order_id"] for row in reader.table("order")}


def test_a_directory_that_cannot_be_written_is_named_and_can_still_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = tmp_path / "profile"
    asyncio.run(traded(directory))
    mounted(directory, "--bind", str(directory))
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(directory)], check=True)
        with pytest.raises(StorageUnavailable, match=r"cannot be written.*--profile-dir"):
            asyncio.run(open_engine(Profile(directory)))
        assert main(["account", "--profile-dir", str(directory)]) == 0
        assert "PAPER-1" in capsys.readouterr().out
    finally:
        subprocess.run(["umount", str(directory)], check=True)


async def test_a_locked_database_stops_trading_until_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.adapters.sql.database.BUSY_MS", 50)
    async with opened(tmp_path) as running:
        with closing(sqlite3.connect(tmp_path / "crs.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            order = limit(running, Side.BUY, LOW)
            with pytest.raises(StorageUnavailable, match="has locked the database"):
                await running.orders.submit(order)
            assert main(["account", "--profile-dir", str(tmp_path)]) == 0
            other.execute("ROLLBACK")
        await works_again(running)
        assert isinstance(await running.venue.submit(order), OrderAccepted)
        assert len(running.orders.open()) == 1


async def test_an_engine_opens_on_a_locked_database_and_trades_when_it_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.adapters.sql.database.BUSY_MS", 50)
    async with opened(tmp_path):
        pass
    with closing(sqlite3.connect(tmp_path / "crs.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        async with opened(tmp_path) as running:
            with pytest.raises(StorageUnavailable, match="locked"):
                await running.orders.submit(limit(running, Side.BUY, LOW))
            other.execute("ROLLBACK")
            await works_again(running)
            assert isinstance(await running.orders.submit(limit(running, Side.BUY, LOW)), OrderAccepted)


async def traded(directory: Path) -> None:
    """Make a profile with some history and nothing left in the log."""
    async with opened(directory) as running:
        for i in range(40):
            await running.orders.submit(limit(running, Side.BUY, LOW - i))


@pytest.mark.parametrize("damage", ["header", "middle", "short"])
async def test_a_damaged_database_is_refused_in_words_and_left_alone(tmp_path: Path, damage: str) -> None:
    await traded(tmp_path)
    path = tmp_path / "crs.sqlite"
    data = bytearray(path.read_bytes())
    if damage == "header":
        data[:64] = b"\xff" * 64
    elif damage == "middle":
        for place in range(4096 * 2, len(data), 4096):  # the head of every page but the first two
            data[place : place + 16] = b"\xff" * 16
    else:
        del data[len(data) // 3 :]
    path.write_bytes(data)

    with pytest.raises(StorageCorrupt, match="left as it"):
        await open_engine(Profile(tmp_path))

    assert path.read_bytes() == bytes(data)
    assert main(["journal", "verify", "--profile-dir", str(tmp_path)]) == 1
    ProfileLock(Profile(tmp_path)).release()


def test_two_programs_cannot_write_to_one_profile(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom engine.profile import Profile, ProfileLock\n"
        "lock = ProfileLock(Profile(Path(sys.argv[1])))\nprint('held', flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(Exception, match=rf"already runs on this profile \(process {other.pid}\)"):
            ProfileLock(Profile(tmp_path))
        other.kill()
    ProfileLock(Profile(tmp_path)).release()


async def test_row_18_a_full_disk_makes_the_server_refuse_and_read_on(larger_disk: Path) -> None:
    async with trading_floor(larger_disk / "data") as server:
        await fund(server, "ann")
        kept = await send(server, "ann", FAR, idempotency_key="kept")
        with pytest.raises(OSError, match="space"):
            fill(larger_disk / "ballast")
        answers = []
        for i in range(2_000):
            answers.append(await send(server, "ann", FAR, idempotency_key=f"o{i}"))
            if answers[-1].status_code != 200:
                break
        book = await server.http.get("/v1/markets/BTC-USDT/book", headers=of("ann"))
        again = asyncio.Event()
        bus = server.services.bus
        subscription = bus.subscribe(StorageStateChanged, lambda event: again.set() if event.ok else None)
        (larger_disk / "ballast").unlink()
        async with asyncio.timeout(30):
            await again.wait()
        subscription.close()
        repeated = await send(server, "ann", FAR, idempotency_key=f"o{len(answers) - 1}")

    assert (kept.status_code, answers[-1].status_code, book.status_code) == (200, 503, 200)
    assert "free some space" in answers[-1].json()["detail"]
    assert repeated.status_code == 200
    with Reader(larger_disk / "data" / "crs.sqlite") as reader:
        verify(reader)
        sent = ["kept", *(f"o{i}" for i in range(len(answers)))]
        assert [row["order_id"] for row in reader.table("order")] == sent
