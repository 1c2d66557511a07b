"""An account's records by pages, on both databases: the same as a naive look at all of them, without reading all."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.adapters.sql.owned import EVERYBODYS, read_journal
from engine.adapters.sql.schema import journal
from engine.adapters.sql.sqlitestore import SqliteStore
from engine.adapters.sql.store import Store
from engine.adapters.sql.tables import prepare
from engine.domain.order import AccountId

ACCOUNTS = ("U-1", "U-2", "U-3")
COUNT = 60


@pytest.fixture
def records(store: Store) -> Iterator[tuple[sa.Engine, list[dict[str, Any]]]]:
    """Lend a database with records of three accounts and of everybody's, and the records."""
    chance, engine = random.Random(11), store.engine()  # noqa: S311 - a script, no secret
    prepare(engine, store)
    rows: list[dict[str, Any]] = []
    for seq in range(1, COUNT + 1):
        account = chance.choice(("", *ACCOUNTS[:2]))
        kind = "OrderAccepted" if account else chance.choice((EVERYBODYS, "MarketReopened"))
        rows.append(
            {
                "seq": seq, "ts_ns": seq, "kind": kind, "account": account, "payload": "{}", "schema_version": 1,
                "hash": str(seq),
            }
        )  # fmt: skip
    with engine.begin() as connection:
        connection.execute(journal.insert(), rows)
    yield engine, rows
    engine.dispose()


def test_pages_hold_what_a_look_at_every_record_finds(records: tuple[sa.Engine, list[dict[str, Any]]]) -> None:
    engine, rows = records
    for account in ACCOUNTS:
        mine = [row["seq"] for row in rows if row["account"] == account or row["kind"] == EVERYBODYS]
        for after in (0, 7, mine[-1] - 1, mine[-1], COUNT + 5):
            for limit in (1, 5, 500):
                found, tip = read_journal(engine, AccountId(account), after=after, limit=limit)
                assert [row["seq"] for row in found] == [seq for seq in mine if seq > after][:limit]
                assert tip == mine[-1]


def test_no_page_reads_the_records_of_others(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "crs.sqlite")
    engine = store.engine()
    prepare(engine, store)
    asked: list[tuple[str, Any]] = []
    sa.event.listen(engine, "before_cursor_execute", lambda _c, _k, text, values, *_: asked.append((text, values)))

    read_journal(engine, AccountId("U-3"), after=0, limit=5)

    with engine.connect() as connection:
        plans = [
            connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values).all()[0][-1]
            for text, values in tuple(asked)
            if "FROM journal" in text
        ]
    engine.dispose()

    assert len(plans) == 4
    assert all("INDEX ix_journal_" in plan for plan in plans), plans
