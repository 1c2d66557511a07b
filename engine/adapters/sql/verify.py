"""Is the journal sound? The file, the hash chain, the books, and the projections against the journal."""

from __future__ import annotations

from typing import NamedTuple

from engine.adapters.sql.books import Books
from engine.adapters.sql.orderrow import Row
from engine.adapters.sql.projector import Projector
from engine.adapters.sql.reader import Reader
from engine.errors import StorageCorrupt

KEYS = {
    "trading_pair": ("symbol",),
    "order": ("account", "order_id"),
    "trade": ("seq",),
    "fill_why": ("seq",),
    "account_setting": ("account", "key"),
    "portfolio_balance": ("account", "asset"),
    "portfolio_position": ("account", "symbol"),
    "transaction": ("seq", "line"),
}
"""What identifies a row of each projection."""


class Verified(NamedTuple):
    """What was looked at and found sound."""

    records: int
    last_hash: str
    accounts: int
    rows: int
    """Of all projections."""


def verify(reader: Reader) -> Verified:
    """Check everything that can be checked.

    Raises:
        StorageCorrupt: names the first record or row that is wrong.
    """
    damage = reader.damage()
    if damage is not None:
        raise StorageCorrupt(f"SQLite finds the database damaged: {damage}.")
    books, projector, last = Books(), Projector(), None
    for entry, record in reader.records():
        try:
            follows = books.apply(record)
        except StorageCorrupt as error:
            raise StorageCorrupt(f"Record {entry.seq} of the journal contradicts the ones before: {error}") from error
        projector.apply(record, entry.seq, entry.payload)
        for each in follows:
            projector.apply(each, entry.seq)
        last = entry
    books.fold.check()
    rows = _compare(reader, projector)
    accounts = len(books.fold.accounts())
    return Verified(last.seq if last else 0, last.hash if last else "", accounts, rows)


def _compare(reader: Reader, projector: Projector) -> int:
    count = 0
    for name, key in KEYS.items():
        made = getattr(projector.rows, name)
        expected = _keyed(made if isinstance(made, list) else list(made.values()), key)
        stored = _keyed(reader.table(name), key)
        for place in sorted({*expected, *stored}, key=str):
            if expected.get(place) != stored.get(place):
                what = "is missing" if place not in stored else "does not follow from the journal"
                words = ", ".join(f"{column} {value}" for column, value in zip(key, place, strict=True))
                raise StorageCorrupt(f"The row of table {name} with {words} {what}.")
        count += len(stored)
    return count


def _keyed(rows: list[Row], key: tuple[str, ...]) -> dict[tuple[object, ...], Row]:
    return {tuple(row[column] for column in key): row for row in rows}
