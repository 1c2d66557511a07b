"""Fault rows 18, 20, 25, 26 and 49 on PostgreSQL: write errors, a database that goes and comes back, two writers."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.sql.address import store_at
from engine.adapters.sql.postgres.store import PostgresStore
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.tables import prepare
from engine.adapters.sql.verify import verify
from engine.domain.order import Side
from engine.errors import ProfileInUse, StorageUnavailable, WriterFenced
from engine.observe import failpoint
from engine.ports.journal import StorageStateChanged
from tests.engine.adapters.databases import edit
from tests.engine.adapters.journaled import Book, trade
from tests.engine.server.harness import InLoop
from tests.engine.server.traders import fund, of, send, trading_floor
from tests.services import Postgres, postgres_instance

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]

WRITER = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'crs writer main' AND "

LIMIT = {"symbol": "BTC/USDT", "side": "buy", "type": "limit", "qty": "0.01", "price": "20000.00"}


@pytest.fixture(scope="module")
def own() -> Iterator[Postgres]:
    """A PostgreSQL to be stopped and started, with commits that return early unless a session wants them not to."""
    with postgres_instance() as each:
        yield each


@pytest.fixture(scope="module")
def made(own: Postgres) -> str:
    """The name of a database with tables, to be copied."""
    name = own.create()
    store = store_at(own.url(name))
    engine = store.engine()
    prepare(engine, store)
    engine.dispose()
    return name


@pytest.fixture
def store(own: Postgres, made: str) -> PostgresStore:
    """A new database."""
    found = store_at(own.url(own.create(made)))
    assert isinstance(found, PostgresStore)
    return found


def cut_off(own: Postgres, store: PostgresStore) -> int:
    """End the writer's session, as a failover does; return how many there were."""
    return len(own.execute(f"{WRITER}datname = '{store.address.database}'"))


def orders_in(store: PostgresStore) -> list[str]:
    """Check a journal and return the ids of its orders as they were accepted."""
    with Reader(store) as reader:
        verify(reader)
        accepted = [json.loads(each.payload)["order_id"] for each in reader.entries() if each.kind == "OrderAccepted"]
        assert [row["order_id"] for row in sorted(reader.table("order"), key=lambda row: row["seq"])] == accepted
    return accepted


@asynccontextmanager
async def floor(own: Postgres, store: PostgresStore, directory: Path) -> AsyncIterator[InLoop]:
    """Lend a server on the database, to which a trader with money has come."""
    async with trading_floor(directory, database=own.url(str(store.address.database))) as server:
        await fund(server, "ann")
        yield server


async def order(server: InLoop, name: str) -> Any:  # noqa: ANN401 - a response
    return await send(server, "ann", LIMIT, idempotency_key=name)


async def until_ok(server: InLoop, act: Any) -> None:  # noqa: ANN401 - what makes it well again
    """Do something and wait until the journal takes records again."""
    again = asyncio.Event()
    subscription = server.services.bus.subscribe(StorageStateChanged, lambda event: again.set() if event.ok else None)
    await asyncio.to_thread(act)
    async with asyncio.timeout(30):
        await again.wait()
    subscription.close()


# Rows 25 and 26, the whole server


async def test_row_25_postgresql_down(own: Postgres, store: PostgresStore, tmp_path: Path) -> None:
    async with floor(own, store, tmp_path / "data") as server:
        for name in ("a1", "a2"):
            assert (await order(server, name)).status_code == 200
        await asyncio.to_thread(own.stop, signal.SIGQUIT)  # it crashes
        held = await order(server, "held")
        refused = await order(server, "refused")
        book = await server.http.get("/v1/markets/BTC-USDT/book", headers=of("ann"))
        listed = await server.http.get("/v1/orders", headers=of("ann"))
        problem = held.json()
        await until_ok(server, own.start)
        again = await order(server, "held")
        after = await order(server, "a3")

    assert (held.status_code, refused.status_code, book.status_code, listed.status_code) == (503, 503, 200, 503)
    assert "does not answer" in problem["detail"]
    assert "127.0.0.1" in problem["detail"]
    assert book.json()["bids"]
    assert again.status_code == after.status_code == 200
    found = orders_in(store)
    assert found[:2] == ["a1", "a2"]
    assert [name for name in found if name in ("held", "a3")] == ["held", "a3"]


async def test_row_26_failover_in_a_transaction(own: Postgres, store: PostgresStore, tmp_path: Path) -> None:
    async with floor(own, store, tmp_path / "data") as server:
        sent = [asyncio.create_task(order(server, f"o{i}")) for i in range(60)]
        ended = 0
        while not all(task.done() for task in sent):
            await asyncio.sleep(0.02)
            if ended < 3:
                ended += await asyncio.to_thread(cut_off, own, store)
        answers = [task.result() for task in sent]

    assert ended >= 1
    assert [each.status_code for each in answers] == [200] * 60
    assert sorted(orders_in(store)) == sorted(f"o{i}" for i in range(60))


# Row 26, the journal: conflicts, and commits whose outcome is not known


@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_row_26_serialization_failure_and_deadlock_are_retried_unseen(store: PostgresStore, code: str) -> None:
    book = Book(store)
    book.open().result()
    edit(
        store,
        "CREATE SEQUENCE tries",
        f"""CREATE FUNCTION conflict() RETURNS trigger AS $$ BEGIN
            IF nextval('tries') <= 2 THEN RAISE EXCEPTION 'conflict' USING ERRCODE = '{code}'; END IF;
            RETURN NULL; END $$ LANGUAGE plpgsql""",
        "CREATE TRIGGER conflict AFTER INSERT ON journal FOR EACH STATEMENT EXECUTE FUNCTION conflict()",
    )

    book.order("b1", Side.BUY, 5_000_000).result(20)
    book.journal.close()

    assert [state.ok for state in book.states] == []
    assert orders_in(store) == ["b1"]


def test_row_26_a_commit_whose_answer_is_lost_is_looked_up_not_repeated(own: Postgres, store: PostgresStore) -> None:
    with failpoint.armed("journal.after_commit:2=error EIO"):  # the first one is what opens the book
        book = Book(store)
        book.open().result()
        lost = book.order("b1", Side.BUY, 5_000_000)
        with pytest.raises(StorageUnavailable):
            lost.result(20)
        cut_off(own, store)
        book.order("b2", Side.BUY, 5_000_000)
        book.journal.close()

    assert orders_in(store) == ["b1", "b2"]


# Rows 18 and 20, the journal


@pytest.mark.parametrize("site", ["journal.before_write", "journal.half_written", "journal.before_commit"])
def test_row_20_write_error_mid_commit_on_postgresql(store: PostgresStore, site: str) -> None:
    with failpoint.armed(f"{site}:3=error EIO"):
        book = Book(store)
        book.open().result()
        book.order("b1", Side.BUY, 5_000_000).result()
        with pytest.raises(StorageUnavailable):
            book.order("b2", Side.BUY, 5_000_000).result(20)
        with Reader(store) as reader:
            assert [row["order_id"] for row in reader.open_order_rows()] == ["b1"]
        book.journal.close()

    assert [state.ok for state in book.states] == [False, True]
    assert orders_in(store) == ["b1", "b2"]


def test_row_18_a_full_disk_of_postgresql_refuses_with_a_sentence(store: PostgresStore) -> None:
    book = Book(store)
    book.open().result()
    edit(
        store,
        """CREATE FUNCTION full_disk() RETURNS trigger AS $$ BEGIN
            RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$
            LANGUAGE plpgsql""",
        "CREATE TRIGGER full_disk BEFORE INSERT ON trade FOR EACH STATEMENT EXECUTE FUNCTION full_disk()",
    )
    book.order("s1", Side.SELL, 5_000_000).result()

    with pytest.raises(StorageUnavailable, match=r"is full.*free some space"):
        book.order("b1", Side.BUY, 5_000_000).result(20)
    edit(store, "DROP TRIGGER full_disk ON trade")
    book.journal.close()

    assert orders_in(store) == ["s1", "b1"]


# Row 49

CODE = """
import json, sys
from engine.adapters.sql.address import store_at
from engine.domain.command import SetLotMethod
from engine.domain.order import LotMethod
from engine.errors import CrsError
from tests.engine.adapters.journaled import Book

book = Book(store_at(sys.argv[1]))
book.journal.ready.result()
print(json.dumps({"epoch": book.journal.epoch}), flush=True)
for line in sys.stdin:
    try:
        chosen = SetLotMethod(line.strip(), LotMethod.LIFO)
        done = book.open() if line == "open\\n" else book.journal.append([chosen], 2)
        said = {"seq": done.result(30)}
    except CrsError as error:
        said = {"error": type(error).__name__, "text": str(error)}
    print(json.dumps(said), flush=True)
book.journal.close()
"""


class Writer:
    """A process that writes what it is told to."""

    def __init__(self, url: str) -> None:
        command = [sys.executable, "-c", CODE, url]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ)
        )
        self.epoch = self._said()["epoch"]

    def write(self, line: str) -> dict[str, Any]:
        """Let it write something; return what came of it."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self._said()

    def end(self) -> None:
        """Let it end in order."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(30) == 0
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _said(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found


def test_row_49_zombie_writer_after_failover_is_fenced(own: Postgres, store: PostgresStore) -> None:
    url = own.url(str(store.address.database))
    old = Writer(url)
    assert old.write("open") == {"seq": 5}
    old.process.send_signal(signal.SIGSTOP)  # its machine sleeps, or the network to it is cut
    cut_off(own, store)  # so the server gave its session up
    new = Writer(url)
    assert new.write("new-1") == {"seq": 6}
    old.process.send_signal(signal.SIGCONT)

    refused = old.write("old-1")
    later = old.write("old-2")
    assert new.write("new-2") == {"seq": 7}
    old.end()
    new.end()

    assert (old.epoch, new.epoch) == (1, 2)
    assert refused["error"] == "WriterFenced"
    assert "epoch 2, ours was 1" in refused["text"]
    assert "error" in later
    with Reader(store) as reader:
        assert [row["account"] for row in reader.table("account_setting")] == ["new-1", "new-2"]
        assert reader.tip().seq == 7


def test_row_49_a_killed_writer_leaves_its_place_to_the_next_at_once(own: Postgres, store: PostgresStore) -> None:
    url = own.url(str(store.address.database))
    killed = Writer(url)
    assert killed.write("open") == {"seq": 5}
    assert killed.write("kept") == {"seq": 6}
    killed.process.kill()
    killed.process.wait(10)

    new = Writer(url)
    said = new.write("new")
    new.end()
    for pipe in (killed.process.stdin, killed.process.stdout):
        assert pipe is not None
        pipe.close()

    assert (new.epoch, said) == (2, {"seq": 7})
    with Reader(store) as reader:
        assert [row["account"] for row in reader.table("account_setting")] == ["kept", "new"]


def test_row_49_a_raised_epoch_stops_a_writer_whose_session_still_lives(store: PostgresStore) -> None:
    book = Book(store)
    book.open().result()
    edit(store, "UPDATE writer SET epoch = epoch + 1")

    with pytest.raises(WriterFenced, match="epoch 2, ours was 1"):
        book.order("b1", Side.BUY, 5_000_000).result(20)
    with pytest.raises((WriterFenced, StorageUnavailable)):
        book.order("b2", Side.BUY, 5_000_000).result(20)
    book.journal.close()

    assert orders_in(store) == []


def test_row_49_a_second_writer_is_refused_and_told_who_the_first_is(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.adapters.sql.postgres.fence.WAIT_S", 0.3)
    first = Book(store)
    first.open().result()
    second = Book(store)

    with pytest.raises(ProfileInUse, match=rf"shard main .*process {os.getpid()} on"):
        second.journal.ready.result(20)
    trade(first, 3)
    second.journal.close()
    first.journal.close()

    assert len(orders_in(store)) == 3
