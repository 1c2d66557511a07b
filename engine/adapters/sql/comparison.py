"""The stored projections held against those that follow from the journal, while the journal is read.

Tables to which rows are only added are read beside it. Of the others the last rows are kept until the end, except
orders that ended: those are looked up at once and let go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.adapters.sql.orderrow import Row
from engine.adapters.sql.projector import Projector
from engine.adapters.sql.reader import Reader
from engine.domain.order import OrderStatus
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

APPENDED = ("trade", "fill_why", "transaction")
"""Projections to which rows are only added, in the order of the journal."""

Key = tuple[object, ...]


class Comparison:
    """Takes what a projector gathered; the first row that is not as stored is an error that names it."""

    def __init__(self, reader: Reader, projector: Projector) -> None:
        self._reader, self._projector = reader, projector
        self._stored = {name: self._rows(name) for name in APPENDED}
        self._kept: dict[str, dict[Key, Row]] = {name: {} for name in KEYS if name not in APPENDED}
        self._ended = 0
        """Orders that ended as stored."""
        self._count = 0

    def compare(self) -> None:
        """Hold what was gathered since the last call against what is stored.

        Raises:
            StorageCorrupt: a row is missing, or is not what follows from the journal.
        """
        for name in APPENDED:
            for made in getattr(self._projector.rows, name):
                self._match(name, made, next(self._stored[name], None))
        for name, kept in self._kept.items():
            kept.update(_keyed(name, getattr(self._projector.rows, name).values()))
        self._let_go_of_ended()
        self._projector.commit()

    def end(self) -> int:
        """Compare the rest and return how many rows there are.

        Raises:
            StorageCorrupt: as `compare`, or a row is there that follows from nothing.
        """
        self.compare()
        for name in APPENDED:
            self._match(name, None, next(self._stored[name], None))
        for name, kept in self._kept.items():
            stored = _keyed(name, self._rows(name)) if name != "order" else self._stored_orders()
            for key in sorted({*kept, *stored}, key=str):
                self._match(name, kept.get(key), stored.get(key))
        return self._count + self._ended

    def _rows(self, name: str) -> Iterator[Row]:
        query = f'SELECT * FROM "{name}" ORDER BY {", ".join(KEYS[name])}'  # noqa: S608 - names come from `KEYS`
        return (dict(row) for row in self._reader.rows(query, many=True))

    def _let_go_of_ended(self) -> None:
        orders = self._kept["order"]
        for key in [key for key, row in orders.items() if not OrderStatus(row["status"]).is_open]:
            if self._order(key) == orders[key]:  # else its id may come again; the end will tell
                del orders[key]
                self._ended += 1

    def _order(self, key: Key) -> Row | None:
        query = 'SELECT * FROM "order" WHERE account = ? AND order_id = ?'
        return next((dict(row) for row in self._reader.rows(query, key)), None)

    def _stored_orders(self) -> dict[Key, Row]:
        """Return the stored orders that were kept, and one that follows from nothing, if there are more than all."""
        found = {key: row for key in self._kept["order"] if (row := self._order(key)) is not None}
        [count] = next(self._reader.rows('SELECT count(*) FROM "order"'))
        if count > len(found) + self._ended:
            query = (
                'SELECT * FROM "order" AS o ORDER BY EXISTS (SELECT 1 FROM journal AS j WHERE j.seq = o.seq AND '
                "j.kind = 'OrderAccepted' AND j.account = o.account) LIMIT 1"
            )
            found |= _keyed("order", (dict(row) for row in self._reader.rows(query)))
        return found

    def _match(self, name: str, made: Row | None, stored: Row | None) -> None:
        if made == stored:
            self._count += made is not None
            return
        keys = KEYS[name]
        if stored is None or (made is not None and _key(name, made) < _key(name, stored)):
            row, what = made or {}, "is missing"
        else:
            row, what = stored, "does not follow from the journal"
        words = ", ".join(f"{column} {row[column]}" for column in keys)
        raise StorageCorrupt(f"The row of table {name} with {words} {what}. {self._reader.store.advice}")


def _key(name: str, row: Row) -> tuple[str | int, ...]:
    return tuple(row[column] for column in KEYS[name])


def _keyed(name: str, rows: Iterable[Row]) -> dict[Key, Row]:
    return {_key(name, row): row for row in rows}
