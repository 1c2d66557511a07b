"""What a wallet remembers, in an SQLite file of its own: `wallet.db`.

Every write is one transaction with full durability, on a connection that lives as long as it: writes are few, and
come from whichever thread has time. A file of a newer version is refused, an older one is brought up to date.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Engine, and_, delete, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from engine.adapters.sql.database import BUSY_MS
from engine.adapters.sql.encrypted import engine_options
from engine.adapters.sql.failure import explained
from engine.adapters.sql.wallettables import STEPS, VERSION, dex_orders, metadata, scanned, sent, transfer
from engine.errors import StorageTooNew
from engine.ports.wallet_store import StoredOrder, StoredTransaction, StoredTransfer

FILE = "wallet.db"
UNITS = ("units", "gas_price")
"""Columns whose numbers are text."""


class SqliteWalletStore:
    """`ports.wallet_store.WalletStore` in a file."""

    def __init__(self, path: Path) -> None:
        """Open the file, make it if it is not there; raises StorageUnavailable, StorageTooNew, StorageCorrupt."""
        self._path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._engine = _engine(path)
        with self._writing() as connection:
            _bring_up_to_date(connection, path)

    def keep(self, row: StoredTransaction) -> None:
        """Write a new transaction; the same again changes nothing."""
        with self._writing() as connection:
            connection.execute(upsert(sent).values(_plain(row)).on_conflict_do_nothing())

    def change(self, row: StoredTransaction) -> None:
        """Write what became of it."""
        with self._writing() as connection:
            connection.execute(
                update(sent).where(sent.c.chain_id == row.chain_id, sent.c.hash == row.hash).values(_plain(row))
            )

    def transaction(self, chain_id: int, transaction: str) -> StoredTransaction | None:
        """Return one by its hash."""
        query = select(sent).where(sent.c.chain_id == chain_id, sent.c.hash == transaction)
        return next(iter(self._read(query, StoredTransaction)), None)

    def unsettled(self, chain_id: int, settled: Sequence[str]) -> list[StoredTransaction]:
        """Return those whose state is none of these, oldest first."""
        query = select(sent).where(sent.c.chain_id == chain_id, sent.c.state.not_in(settled))
        return self._read(query.order_by(sent.c.kept_ns, sent.c.nonce), StoredTransaction)

    def transactions(
        self, chain_id: int | None, sender: str | None, *, below_ns: int | None = None, limit: int = 100
    ) -> list[StoredTransaction]:
        """Return a page, newest first."""
        query = select(sent).order_by(sent.c.kept_ns.desc(), sent.c.nonce.desc()).limit(limit)
        if chain_id is not None:
            query = query.where(sent.c.chain_id == chain_id)
        if sender is not None:
            query = query.where(sent.c.sender == sender)
        if below_ns is not None:
            query = query.where(sent.c.kept_ns < below_ns)
        return self._read(query, StoredTransaction)

    def of_nonce(self, chain_id: int, sender: str, nonce: int) -> list[StoredTransaction]:
        """Return all that carry a number, oldest first."""
        mine = and_(sent.c.chain_id == chain_id, sent.c.sender == sender, sent.c.nonce == nonce)
        return self._read(select(sent).where(mine).order_by(sent.c.kept_ns), StoredTransaction)

    def add_transfers(
        self, rows: Sequence[StoredTransfer], chain_id: int, account: str, first: int, scanned_to: int
    ) -> None:
        """Write what was found from a block to another, in place of what was known of these blocks."""
        mine = and_(transfer.c.chain_id == chain_id, transfer.c.account == account)
        with self._writing() as connection:
            connection.execute(delete(transfer).where(mine, transfer.c.block >= first))
            if rows:
                connection.execute(upsert(transfer).on_conflict_do_nothing(), [_plain(each) for each in rows])
            mark = upsert(scanned).values(chain_id=chain_id, account=account, block=scanned_to)
            connection.execute(
                mark.on_conflict_do_update(index_elements=["chain_id", "account"], set_={"block": scanned_to})
            )

    def transfers(
        self, chain_id: int, account: str, *, below: int | None = None, limit: int = 100
    ) -> list[StoredTransfer]:
        """Return a page, newest first."""
        query = select(transfer).where(transfer.c.chain_id == chain_id, transfer.c.account == account)
        if below is not None:
            query = query.where(transfer.c.block < below)
        newest = query.order_by(transfer.c.block.desc(), transfer.c.log_index.desc()).limit(limit)
        return self._read(newest, StoredTransfer)

    def scanned_to(self, chain_id: int, account: str) -> int | None:
        """Return the last block that was looked through."""
        query = select(scanned.c.block).where(scanned.c.chain_id == chain_id, scanned.c.account == account)
        with self._reading() as connection:
            return connection.execute(query).scalar()

    def forget_chain(self, chain_id: int) -> None:
        """Drop all of a chain."""
        with self._writing() as connection:
            for table in (sent, transfer, scanned, dex_orders):
                connection.execute(delete(table).where(table.c.chain_id == chain_id))

    def keep_order(self, row: StoredOrder) -> None:
        """Write an order, new or changed."""
        values = asdict(row)
        with self._writing() as connection:
            connection.execute(
                upsert(dex_orders).values(values).on_conflict_do_update(index_elements=["id"], set_=values)
            )

    def orders(self, chain_id: int | None = None, states: Sequence[str] | None = None) -> list[StoredOrder]:
        """Return orders, oldest first."""
        query = select(dex_orders).order_by(dex_orders.c.created_ns, dex_orders.c.id)
        if chain_id is not None:
            query = query.where(dex_orders.c.chain_id == chain_id)
        if states is not None:
            query = query.where(dex_orders.c.state.in_(states))
        return self._read(query, StoredOrder)

    def remove_order(self, id: str) -> None:
        """Drop an order; one that is not there is no mistake."""
        with self._writing() as connection:
            connection.execute(delete(dex_orders).where(dex_orders.c.id == id))

    def close(self) -> None:
        """Let go of the file; safe to call twice."""
        self._engine.dispose()

    def _read(self, query: sqlalchemy.Select[Any], kind: Callable[..., Any]) -> list[Any]:
        with self._reading() as connection:
            return [kind(**_restored(row)) for row in connection.execute(query).mappings()]

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._engine.connect().execution_options(reads=True) as connection:
                yield connection
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise explained(error, self._path) from error

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with self._lock, self._engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise explained(error, self._path) from error


def _engine(path: Path) -> Engine:
    engine = sqlalchemy.create_engine(f"sqlite:///{path}", poolclass=NullPool, **engine_options(path, BUSY_MS / 1000))

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"):
            connection.execute(statement)

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reads") else "BEGIN IMMEDIATE")

    sqlalchemy.event.listen(engine, "connect", prepare)
    sqlalchemy.event.listen(engine, "begin", begin)
    return engine


def _bring_up_to_date(connection: Connection, path: Path) -> None:
    version = int(connection.exec_driver_sql("PRAGMA user_version").scalar() or 0)
    if version > VERSION:
        raise StorageTooNew(
            f"The wallet's database {path} was written by a newer CRS Desktop (version {version}). "
            "Install that version, or choose another profile with --profile-dir."
        )
    if version == 0:
        metadata.create_all(connection)
    for old in range(max(version, 1), VERSION):
        for statement in STEPS[old]:
            connection.exec_driver_sql(statement)
    if version != VERSION:
        connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")


def _plain(row: StoredTransaction | StoredTransfer) -> dict[str, Any]:
    values = asdict(row)
    return values | {name: str(values[name]) for name in UNITS if values.get(name) is not None}


def _restored(row: Mapping[Any, Any]) -> dict[str, Any]:
    values = dict(row)
    return values | {name: int(values[name]) for name in UNITS if values.get(name) is not None}
