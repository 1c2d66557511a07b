"""The same life in a file and in PostgreSQL: every reader says the same of both, and an exchange goes on from both."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, select

from engine.adapters.paper import past as pasts
from engine.adapters.paper.past import Past, read_past
from engine.adapters.paper.recovery import How
from engine.adapters.sql.address import store_at
from engine.adapters.sql.books import Keeper
from engine.adapters.sql.chaincheck import ChainCheck, look_again
from engine.adapters.sql.codec import FACTS
from engine.adapters.sql.comparison import KEYS
from engine.adapters.sql.database import REVISION
from engine.adapters.sql.history import SqlHistory, read_history
from engine.adapters.sql.journal import SqlJournal
from engine.adapters.sql.migrations import upgrade
from engine.adapters.sql.pool import pooled
from engine.adapters.sql.postgres.store import PostgresStore
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.recent import read_orders
from engine.adapters.sql.sqlitestore import SqliteStore
from engine.adapters.sql.statement import read_statement
from engine.adapters.sql.store import Store
from engine.adapters.sql.tables import prepare
from engine.adapters.sql.verify import verify
from engine.adapters.sql.why import SqlStories, read_order
from engine.adapters.sql.worth import read_worth
from engine.bootstrap import exchange as exchanges
from engine.bootstrap.exchange import open_exchange
from engine.domain.command import Deposit, SubmitOrder
from engine.domain.number import Lots, Nanos, Ticks, Units
from engine.domain.order import AccountId, OrderId, OrderType, Side
from engine.errors import CrsError, StorageCorrupt
from engine.ports.journal import StorageStateChanged
from engine.profile import Profile
from engine.server.settings import sqlalchemy_url
from tests.engine.adapters.databases import Databases, content, edit, url_of
from tests.engine.adapters.desk import use_small_market
from tests.engine.adapters.rich_life import live
from tests.services import Postgres

pytestmark = pytest.mark.integration

ME = AccountId("PAPER-1")

OLD = Path(__file__).with_name("database_0001.sql")


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file in which everything happened that can."""
    directory = tmp_path_factory.mktemp("lived")
    with pytest.MonkeyPatch.context() as patch:
        use_small_market(patch)
        asyncio.run(live(directory))
    return directory / "crs.sqlite"


@pytest.fixture(scope="module")
def again(lived: Path, postgres: Postgres, template: str) -> PostgresStore:
    """The same records, appended to a PostgreSQL database."""
    store = store_at(postgres.url(postgres.create(template)))
    assert isinstance(store, PostgresStore)
    journal, keeper = SqlJournal(store), Past()
    keeps: Keeper = keeper
    journal.begin(keeps)
    with Reader(lived) as reader:
        together: list[Any] = []
        at = 0
        for entry, record in reader.records():
            if together and not isinstance(record, FACTS):
                journal.append(together, Nanos(at))
                together = []
            together.append(record)
            at = entry.ts_ns
        journal.append(together, Nanos(at))
        [prices] = next(reader.rows("SELECT prices FROM market_snapshot ORDER BY id DESC LIMIT 1"))
    journal.close()
    columns = "seq, ts_ns, wall_ns, prices, digest, data"
    edit(store, f"INSERT INTO market_snapshot ({columns}) VALUES (1, 2, 3, '{prices}', '', '')")  # noqa: S608
    return store


def told(of: Callable[[Reader], Any], *stores: Path | Store) -> list[Any]:
    """Return what is read from each."""
    found = []
    for each in stores:
        with Reader(each) as reader:
            found.append(of(reader))
    return found


def test_journal_and_tables_are_the_same_record_by_record_and_row_by_row(lived: Path, again: PostgresStore) -> None:
    def contents(reader: Reader) -> Any:  # noqa: ANN401 - rows
        rows = {name: sorted((tuple(sorted(r.items())) for r in reader.table(name)), key=str) for name in KEYS}
        return [entry[2:6] for entry in reader.entries()], rows

    file, database = told(contents, lived, again)

    assert database[0] == file[0]
    assert {name: [_plain(row) for row in rows] for name, rows in database[1].items()} == {
        name: [_plain(row) for row in rows] for name, rows in file[1].items()
    }
    assert (
        told(lambda reader: verify(reader, keeper=Past()).rows, lived, again) == [sum(map(len, file[1].values()))] * 2
    )


def _plain(row: Any) -> Any:  # noqa: ANN401 - SQLite has no booleans of its own
    return tuple((name, int(value) if isinstance(value, bool) else value) for name, value in row)


@pytest.mark.parametrize("account", ["PAPER-1", "PAPER-2"])
def test_every_reader_says_the_same_of_both(lived: Path, again: PostgresStore, account: str) -> None:
    who = AccountId(account)

    def everything(reader: Reader) -> Any:  # noqa: ANN401 - values of many kinds
        pairs = {pair.symbol: pair for pair in reader.pairs()}
        worth = read_worth(reader, who, pairs)
        stories = [read_order(reader, who, OrderId(row["order_id"]))[3:] for row in _orders(reader, account)]
        return (
            read_statement(reader, account), read_history(reader, who), read_orders(reader, who), stories,
            (worth.balances, {symbol: price.ticks for symbol, price in worth.prices.items()}),
        )  # fmt: skip

    file, database = told(everything, lived, again)

    assert database == file
    assert SqlHistory(again).days(who) == SqlHistory(lived).days(who)
    assert SqlHistory(again).read(who).fills == SqlHistory(lived).read(who).fills
    first = OrderId(told(lambda reader: _orders(reader, account)[0]["order_id"], lived)[0])
    assert SqlStories(again).read(who, first) == SqlStories(lived).read(who, first)


def _orders(reader: Reader, account: str) -> list[Any]:
    return [row for row in sorted(reader.table("order"), key=lambda row: row["seq"]) if row["account"] == account]


def test_the_past_folds_to_the_same_with_a_snapshot_and_without(lived: Path, again: PostgresStore) -> None:
    file, database = told(lambda reader: read_past(reader).snapshot("x"), lived, again)
    edit(again, "DELETE FROM account_snapshot")

    assert told(lambda reader: read_past(reader).snapshot("x"), again) == [database]
    assert database == file


def test_the_check_of_a_running_program_finds_a_bad_record(
    lived: Path, again: PostgresStore, postgres: Postgres
) -> None:
    copy = store_at(postgres.url(postgres.create(again.address.database)))
    edit(copy, "UPDATE journal SET ts_ns = ts_ns + 1 WHERE seq = 9")
    check = ChainCheck(copy, 20)

    with pytest.raises(StorageCorrupt, match=r"Record 9 of the journal in .* on 127\.0\.0\.1"):
        check.step()
    look_again(copy)  # it has no place for a note, so the check finds it again


def test_migrations_lead_to_the_tables_of_the_schema(databases: Databases) -> None:
    made, migrated = databases.new(empty=True), databases.new(empty=True)
    for store, make in ((made, lambda engine: prepare(engine, made)), (migrated, upgrade)):
        engine = store.engine()
        make(engine)
        engine.dispose()

    assert content(migrated) == content(made)
    assert migrated.revision() == REVISION


def test_an_old_database_in_postgresql_is_migrated_as_a_file_is(postgres: Postgres, tmp_path: Path) -> None:
    file = SqliteStore(tmp_path / "crs.sqlite")
    with closing(sqlite3.connect(file.file)) as connection:
        connection.executescript(OLD.read_text(encoding="utf-8"))
    store = store_at(postgres.url(postgres.create()))
    source, target, metadata = file.engine(), store.engine(), MetaData()
    upgrade(target, "0001")
    with source.connect() as one, target.begin() as other:
        metadata.reflect(target, only=lambda name, _: name != "alembic_version")
        for table in metadata.tables.values():
            if rows := [dict(row) for row in one.execute(select(table)).mappings()]:
                other.execute(table.insert(), rows)
    upgrade(source)
    upgrade(target)
    source.dispose()
    target.dispose()

    sound = told(lambda reader: verify(reader), file, store)
    assert sound[0] == sound[1]
    assert told(lambda reader: read_statement(reader, "PAPER-1"), file, store)[1].orders


async def test_an_exchange_goes_on_where_it_stopped(postgres: Postgres, template: str, tmp_path: Path) -> None:
    url = postgres.url(postgres.create(template))
    store, bars = store_at(url), pooled(sqlalchemy_url(url))
    engine = await open_exchange(Profile(tmp_path), seed=7, database=bars, store=store)
    symbol = engine.venue.pairs()[0].symbol
    sent = SubmitOrder(
        account=ME, order_id=OrderId("a"), symbol=symbol, side=Side.BUY, order_type=OrderType.LIMIT,
        qty=Lots(1_000), price=Ticks(2_000_000),
    )  # fmt: skip
    await engine.venue.carry_out(Deposit(ME, "USDT", Units(10**24)))
    answer = await engine.venue.submit(sent)
    await engine.close()

    engine = await open_exchange(Profile(tmp_path), seed=7, database=bars, store=store)
    try:
        assert (engine.recovery.how, engine.recovery.open_orders, engine.journal.epoch) == (How.RERUN, 1, 2)
        assert engine.epoch == 2
        assert await engine.venue.submit(sent) == answer
    finally:
        await engine.close()
        bars.dispose()


@pytest.mark.no_cover
async def test_a_bad_record_stops_an_exchange_soon_after_its_start(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchanges, "CHECK_AFTER_S", 0.0)
    monkeypatch.setattr(pasts, "CHECKED", 1)
    store = databases.new()
    bars = pooled(url_of(store))
    engine = await open_exchange(Profile(tmp_path), seed=7, database=bars, store=store)
    await engine.close()
    edit(store, "UPDATE journal SET ts_ns = ts_ns + 1 WHERE seq = 2")

    engine = await open_exchange(Profile(tmp_path), seed=7, database=bars, store=store)
    said = asyncio.Event()
    subscription = engine.bus.subscribe(StorageStateChanged, lambda event: said.set())
    await engine.start()
    async with asyncio.timeout(20):
        await said.wait()
    subscription.close()
    with pytest.raises(CrsError, match="Record 2 of the journal"):
        await engine.venue.carry_out(Deposit(ME, "USDT", Units(10**24)))
    await engine.close()
    bars.dispose()
