"""Reading a database while another program may be writing to it.

It uses the driver directly, because it runs before the first prices are on the screen and SQLAlchemy
takes a quarter of a second to import. It never writes; a transaction sees one state of the database.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from engine.adapters.sql.chain import GENESIS, Tip, link
from engine.adapters.sql.codec import decode
from engine.adapters.sql.database import REVISION
from engine.adapters.sql.sqlitestore import store_of
from engine.adapters.sql.store import Reading, Row, Store
from engine.domain.command import ListPair
from engine.domain.pair import TradingPair
from engine.errors import StorageCorrupt, StorageUnavailable
from engine.ports.journal import JournalEntry

_LAST = 2**62
_COLUMNS = "seq, ts_ns, kind, account, payload, schema_version, hash"


log = logging.getLogger(__name__)


class StoredSnapshot(NamedTuple):
    """The market's state, or that of the accounts, after record `seq`, at the venue's instant `at`."""

    seq: int
    at: int
    data: bytes


class Reader:
    """A read-only view of a database; use it as a context manager.

    Args:
        where: the database; a path is a SQLite file.
        older: take one of an older version too, of which only the journal can be read.

    Raises:
        StorageUnavailable: there is no database, it must be migrated first, or it does not answer.
        StorageCorrupt: it is damaged.
        StorageTooNew: a newer program wrote it.
    """

    def __init__(self, where: Path | Store, *, older: bool = False) -> None:
        self.store = store_of(where)
        reading = self.store.reading()
        if reading is None:
            raise StorageUnavailable(self.store.empty)
        self.revision = reading.revision
        if self.revision != REVISION and not older:
            reading.close()
            raise StorageUnavailable(self.store.older)
        self.reading: Reading = reading
        """The connection."""

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self.reading.close()

    def rows(self, statement: str, values: tuple[object, ...] = (), *, many: bool = False) -> Iterator[Row]:
        """Yield the rows of a query, with `?` for values; `many` of them are not held in memory at once.

        Raises:
            StorageCorrupt: the database is damaged where the query looks.
            StorageUnavailable: it cannot be read now.
        """
        try:
            for row in self.reading.rows(statement, values, many=many):  # noqa: UP028 - else a late close reaches it
                yield row
        except self.store.errors as error:
            raise self.store.explained(error) from error

    def entries(self, after: int = 0, last: int | None = None, *, check: bool = True) -> Iterator[JournalEntry]:
        """Yield the records with `after` < `seq` <= `last`, in order, each checked against its hash and the one before.

        Raises:
            StorageCorrupt: a record is missing or was changed; names it.
        """
        seq, before = after, self.hash_of(after) if check else GENESIS
        for row in self._journal_rows(after, _LAST if last is None else last):
            entry = JournalEntry(*row)
            if check:
                seq += 1
                if entry.seq != seq:
                    raise self.broken(seq, "is missing")
                content = (entry.ts_ns, entry.kind, entry.account, entry.payload, entry.schema_version)
                before = link(before, seq, *content)
                if before != entry.hash:
                    raise self.broken(seq, "was changed after it was written")
            yield entry

    def _journal_rows(self, after: int, last: int) -> Iterator[Row]:
        query = f"SELECT {_COLUMNS} FROM journal WHERE seq > ? AND seq <= ? ORDER BY seq"  # noqa: S608
        seq = after
        try:
            for row in self.rows(query, (after, last), many=True):
                seq += 1
                yield row
        except StorageCorrupt as error:
            raise self.broken(seq + 1, "cannot be read: its place in the file is damaged") from error

    def records(self, after: int = 0) -> Iterator[tuple[JournalEntry, Any]]:
        """Yield (entry, record) as `entries` does.

        Raises:
            StorageCorrupt: as `entries`, or a payload cannot be read; names the record.
        """
        for entry in self.entries(after):
            yield entry, self.decoded(entry)

    def decoded(self, entry: JournalEntry) -> Any:  # noqa: ANN401 - any kind of record
        """Return the record of an entry.

        Raises:
            StorageCorrupt: its payload cannot be read; names the record.
        """
        try:
            return decode(entry.kind, entry.payload, entry.schema_version)
        except StorageCorrupt as error:
            raise self.broken(entry.seq, f"cannot be read ({error})") from error

    def tip(self) -> Tip:
        """Return number and hash of the last record."""
        for row in self.rows("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1"):
            return Tip(row[0], row[1])
        return Tip()

    def pairs(self) -> tuple[TradingPair, ...]:
        """Return every pair ever listed, as last listed, in the order of first listing."""
        found: dict[str, TradingPair] = {}
        for row in self.rows("SELECT payload FROM journal WHERE kind = 'ListPair' ORDER BY seq"):
            listed: ListPair = decode("ListPair", row[0])
            found[listed.pair.symbol] = listed.pair
        return tuple(found.values())

    def open_order_rows(self) -> list[dict[str, Any]]:
        """Return the rows of orders that can still trade."""
        query = "SELECT * FROM \"order\" WHERE status IN ('pending', 'waiting', 'working') ORDER BY seq"
        return [dict(row) for row in self.rows(query)]

    def table(self, name: str) -> list[dict[str, Any]]:
        """Return all rows of a table."""
        return [dict(row) for row in self.rows(f'SELECT * FROM "{name}"', many=True)]  # noqa: S608 - names come from the schema

    def snapshot(self) -> StoredSnapshot | None:
        """Return the newest market snapshot that is whole."""
        for row in self.rows("SELECT seq, ts_ns, digest, data FROM market_snapshot ORDER BY id DESC"):
            if sha256(row["data"]).hexdigest() == row["digest"]:
                return StoredSnapshot(row["seq"], row["ts_ns"], row["data"])
        return None

    def account_snapshots(self) -> Iterator[StoredSnapshot]:
        """Yield the snapshots of the accounts that are whole, newest first."""
        for row in self.rows("SELECT seq, ts_ns, digest, data FROM account_snapshot ORDER BY id DESC"):
            if sha256(row["data"]).hexdigest() == row["digest"]:
                yield StoredSnapshot(row["seq"], row["ts_ns"], row["data"])
            else:
                log.warning("a snapshot of the accounts is damaged", extra={"record": row["seq"]})

    def damage(self) -> str | None:
        """Return what the database itself finds wrong with its files; None if nothing."""
        try:
            return self.reading.damage()
        except self.store.errors as error:
            raise self.store.explained(error) from error

    def hash_of(self, seq: int) -> str:
        """Return the hash of a record, which is what stands before the first if `seq` is 0.

        Raises:
            StorageCorrupt: there is no such record.
        """
        if seq == 0:
            return GENESIS
        for row in self.rows("SELECT hash FROM journal WHERE seq = ?", (seq,)):
            return str(row[0])
        raise self.broken(seq, "is missing")

    def broken(self, seq: int, what: str) -> StorageCorrupt:
        """Return the error of a bad record, with what to do."""
        return StorageCorrupt(f"Record {seq} of the journal in {self.store.name} {what}. {self.store.advice}")
