"""Is the journal sound? The hash chain, the books, the projections against the journal, and the file itself.

Records are looked at first and one by one, so that damage is named by the first record that it touches. What the
tables hold is compared as the journal is read; memory holds open orders and balances, not the whole past.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from engine.adapters.sql.books import Books, Keeper
from engine.adapters.sql.comparison import Comparison
from engine.adapters.sql.projector import Projector
from engine.adapters.sql.reader import Reader
from engine.errors import StorageCorrupt

NUMBERED = ("order", "trade", "fill_why", "transaction", "audit_log", "market_snapshot", "account_snapshot")
"""Tables whose column `seq` names records; none can be later than the journal's last."""

PIECE = 1_000
"""Records between comparisons."""

Progress = Callable[[float], object]
"""Told from time to time which fraction is done."""


class Verified(NamedTuple):
    """What was looked at and found sound."""

    records: int
    last_hash: str
    accounts: int
    rows: int
    """Of all projections."""


def verify(reader: Reader, progress: Progress | None = None, keeper: Keeper | None = None) -> Verified:
    """Check everything that can be checked.

    Args:
        reader: of the database.
        progress: told from time to time which fraction is done.
        keeper: folds the records; one that keeps snapshots has the stored ones compared too.

    Raises:
        StorageCorrupt: names the first record or row that is wrong.
    """
    books, projector, last = keeper or Books(), Projector(), None
    snapshots = {snapshot.seq: snapshot.data for snapshot in reader.account_snapshots()}
    tip = reader.tip() if progress is not None else None
    tables = Comparison(reader, projector)
    for entry, record in reader.records():
        try:
            follows = books.take(entry.seq, entry.ts_ns, record)
        except StorageCorrupt as error:
            raise StorageCorrupt(f"Record {entry.seq} of the journal contradicts the ones before: {error}") from error
        projector.apply(record, entry.seq, entry.payload)
        for each in follows:
            projector.apply(each, entry.seq)
        last = entry
        if entry.seq in snapshots and not books.equals(snapshots[entry.seq], entry.hash):
            raise StorageCorrupt(
                f"The snapshot of the accounts after record {entry.seq} does not hold what the records say. Close the "
                "desktop and use `crs database forget-snapshots`; the next start folds the journal instead."
            )
        if entry.seq % PIECE == 0:
            tables.compare()
            if progress is not None and tip is not None:
                progress(entry.seq / tip.seq)
    seq = last.seq if last else 0
    _check_end(reader, seq)
    damage = reader.damage()
    if damage is not None:
        raise StorageCorrupt(
            f"SQLite finds the file damaged ({damage}), though every record is sound. {reader.store.advice}"
        )
    books.fold.check()
    return Verified(seq, last.hash if last else "", len(books.fold.accounts()), tables.end())


def _check_end(reader: Reader, last: int) -> None:
    """Check that no table speaks of records after the last one."""
    found = 0
    for name in NUMBERED:
        for (seq,) in reader.rows(f'SELECT max(seq) FROM "{name}"'):  # noqa: S608 - names come from the list above
            found = max(found, seq or 0)
    if found > last:
        raise reader.broken(last + 1, f"is missing: what followed from record {found} is there")
