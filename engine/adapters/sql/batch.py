"""One transaction of the journal's writer: the rows of many appends, written together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from engine.adapters.sql.books import Keeper
from engine.adapters.sql.canonical import encode
from engine.adapters.sql.chain import Tip, link
from engine.adapters.sql.codec import SCHEMA_VERSION
from engine.adapters.sql.orderrow import Row
from engine.adapters.sql.projector import Projector
from engine.adapters.sql.store import Cursor, Writes
from engine.errors import CrsError
from engine.observe.failpoint import reached

if TYPE_CHECKING:
    from sqlalchemy import Table

SNAPSHOTS_KEPT = 2
"""The last one, and the one before in case the last is damaged."""


class Promise(Protocol):
    """What an answer is given to: a future of threads, or one of the loop that answers are delivered to."""

    def done(self) -> bool:
        """Whether it has an answer, or nobody wants one any more."""
        ...

    def set_result(self, result: int, /) -> None:
        """Answer with the last record's number."""
        ...

    def set_exception(self, exception: CrsError, /) -> None:
        """Answer with why it is not durable."""
        ...


@dataclass(slots=True, eq=False)
class Append:
    """Records that must become durable together."""

    records: Sequence[object]
    at: int
    wall_ns: int
    done: Promise
    then: Callable[[int], None] | None = None
    seq: int = 0
    """The last record's number, known when the batch was written."""
    follows: list[Sequence[object]] = field(default_factory=list)
    """What follows from each record, folded once, however often the disk refuses; empty until then."""


@dataclass(slots=True, eq=False)
class Snapshot:
    """The market's state after everything appended before it."""

    data: bytes | Callable[[], bytes]
    """A call is made here, on the writer's thread."""
    at: int
    wall_ns: int
    done: Promise
    prices: str = "{}"
    then: Callable[[int], None] | None = None
    seq: int = 0


Item = Append | Snapshot


def write(cursor: Cursor, items: Sequence[Item], tip: Tip, projector: Projector, keeper: Keeper, writes: Writes) -> Tip:
    """Write the items' rows and return the new end of the journal; nothing is committed here."""
    from engine.adapters.sql import schema

    journal_rows: list[Row] = []
    snapshots: list[Row] = []
    for item in items:
        if isinstance(item, Append):
            tip = _gather(item, tip, journal_rows, projector, keeper)
        else:
            snapshots.append(_snapshot_row(item, tip))
            reached("snapshot.before_blob")
        item.seq = tip.seq
    if journal_rows:
        writes.insertion(schema.journal).run(cursor, journal_rows)
        reached("journal.half_written")
    rows = projector.rows
    for table, keyed in (
        (schema.trading_pair, rows.trading_pair),
        (schema.order, rows.order),
        (schema.account_setting, rows.account_setting),
        (schema.portfolio_balance, rows.portfolio_balance),
        (schema.portfolio_position, rows.portfolio_position),
    ):
        if keyed:
            writes.replacement(table).run(cursor, keyed.values())
    for table, listed in (
        (schema.trade, rows.trade),
        (schema.fill_why, rows.fill_why),
        (schema.transaction, rows.transaction),
        (schema.audit_log, rows.audit_log),
    ):
        if listed:
            writes.insertion(table).run(cursor, listed)
    if snapshots:
        writes.insertion(schema.market_snapshot).run(cursor, snapshots[-1:])
        reached("snapshot.before_delete")
        _forget_older(cursor, schema.market_snapshot)
    return tip


def write_accounts(cursor: Cursor, data: bytes, tip: Tip, at: int, wall_ns: int, writes: Writes) -> None:
    """Write a snapshot of the accounts as of the end of the journal, and let go of all but the last two."""
    from engine.adapters.sql import schema

    row = {"seq": tip.seq, "ts_ns": at, "wall_ns": wall_ns, "digest": sha256(data).hexdigest(), "data": data}
    reached("account_snapshot.before_blob")
    writes.insertion(schema.account_snapshot).run(cursor, [row])
    reached("account_snapshot.before_delete")
    _forget_older(cursor, schema.account_snapshot)


def _forget_older(cursor: Cursor, table: Table) -> None:
    kept = f"SELECT id FROM {table.name} ORDER BY id DESC LIMIT {SNAPSHOTS_KEPT}"  # noqa: S608 - names of our own
    cursor.execute(f"DELETE FROM {table.name} WHERE id NOT IN ({kept})")  # noqa: S608 - likewise


def _gather(item: Append, tip: Tip, rows: list[Row], projector: Projector, keeper: Keeper) -> Tip:
    seq, before = tip
    if not item.follows:
        item.follows += [
            keeper.take(seq + count, getattr(record, "at", item.at), record)
            for count, record in enumerate(item.records, 1)
        ]
    for record, follows in zip(item.records, item.follows, strict=True):
        kind, account, payload = type(record).__name__, getattr(record, "account", ""), encode(record)
        seq, ts_ns = seq + 1, getattr(record, "at", item.at)
        before = link(before, seq, ts_ns, kind, account, payload, SCHEMA_VERSION)
        rows.append(
            {
                "seq": seq,
                "ts_ns": ts_ns,
                "kind": kind,
                "account": account,
                "payload": payload,
                "schema_version": SCHEMA_VERSION,
                "hash": before,
            }
        )
        projector.audit(record, seq, item.wall_ns)
        projector.apply(record, seq, payload)
        for each in follows:
            projector.apply(each, seq)
    return Tip(seq, before)


def _snapshot_row(item: Snapshot, tip: Tip) -> Row:
    data = item.data if isinstance(item.data, bytes) else item.data()
    return {
        "seq": tip.seq,
        "ts_ns": item.at,
        "wall_ns": item.wall_ns,
        "prices": item.prices,
        "digest": sha256(data).hexdigest(),
        "data": data,
    }
