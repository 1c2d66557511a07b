"""The security log in the database: appending, alone or within somebody's transaction; reading; verifying."""

from __future__ import annotations

import logging

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from engine.ports.clock import Clock
from engine.server.audit.chain import Break, Line, Scalar, Tip, canonical, first_break, marked
from engine.server.db.database import AccountsDb
from engine.server.db.tables import revocation, security_log, security_tip
from engine.server.keyfiles import KeyFiles
from engine.services.offload import offload

log = logging.getLogger(__name__)

PAGE = 500
SYSTEM = "system"
"""The actor of what happens by itself."""


class SecurityLog:
    """Appends and reads the log. Lines hold references only, so deleting a person needs no change to them."""

    def __init__(self, database: AccountsDb, keys: KeyFiles, clock: Clock) -> None:
        self._database, self._keys, self._clock = database, keys, clock

    async def append(self, kind: str, *, actor: str = SYSTEM, subject: str = "", **data: Scalar) -> int:
        """Append a line by itself and return its number.

        Raises:
            StorageUnavailable: it could not be written; what it tells of must then not happen either.
        """
        return await offload(self.append_now, kind, actor=actor, subject=subject, **data)

    def append_now(self, kind: str, *, actor: str = SYSTEM, subject: str = "", **data: Scalar) -> int:
        """Do the same, blocking."""
        with self._database.writing() as connection:
            return self.record(connection, kind, actor=actor, subject=subject, **data)

    def record(
        self, connection: Connection, kind: str, *, actor: str = SYSTEM, subject: str = "", **data: Scalar
    ) -> int:
        """Append a line within a transaction, so that the act is there with it or not at all; return its number."""
        tip = connection.execute(sa.select(security_tip.c.seq, security_tip.c.hash).with_for_update()).one()
        seq, at_ns, text = int(tip.seq) + 1, int(self._clock.wall()), canonical(data)
        mark = marked(self._keys.audited, tip.hash, seq, at_ns, kind, actor, subject, text)
        connection.execute(
            security_log.insert().values(
                seq=seq, at_ns=at_ns, kind=kind, actor=actor, subject=subject, data=text, hash=mark
            )
        )
        connection.execute(security_tip.update().values(seq=seq, hash=mark))
        told = {"seq": seq, "kind": kind, "actor": actor, "subject": subject, "data": text}
        sa.event.listen(connection, "commit", lambda _: log.info("security", extra=told), once=True)
        return seq

    def revoke(self, connection: Connection, seq: int, *subjects: str) -> None:
        """Tell every process to forget subjects; `seq` is the line that says why, and orders them as committed."""
        rows = [{"seq": seq, "subject": subject, "at_ns": int(self._clock.wall())} for subject in subjects]
        if rows:
            connection.execute(revocation.insert(), rows)

    def tip(self) -> Tip:
        """Return where the log ends: what an anchor holds."""
        with self._database.reading() as connection:
            row = connection.execute(sa.select(security_tip.c.seq, security_tip.c.hash)).one()
        return Tip(row.seq, row.hash)

    def page(self, *, before: int | None = None, subject: str = "", count: int = PAGE) -> list[Line]:
        """Return lines, newest first, from below a number on."""
        query = sa.select(security_log).order_by(security_log.c.seq.desc()).limit(count)
        if before is not None:
            query = query.where(security_log.c.seq < before)
        if subject:
            query = query.where(security_log.c.subject == subject)
        with self._database.reading() as connection:
            return [_line(row) for row in connection.execute(query).mappings()]

    def verify(self, anchors: tuple[Tip, ...] = ()) -> tuple[Tip, Break | None]:
        """Return where the log ends, and where it is not what was written."""
        with self._database.one_state() as connection:
            row = connection.execute(sa.select(security_tip.c.seq, security_tip.c.hash)).one_or_none()
            tip = Tip() if row is None else Tip(row.seq, row.hash)
            query = sa.select(security_log).order_by(security_log.c.seq)
            rows = connection.execution_options(yield_per=PAGE).execute(query).mappings()
            return tip, first_break((_line(each) for each in rows), self._keys.audited, tip, anchors)


def _line(row: RowMapping) -> Line:
    return Line(**{name: row[name] for name in Line._fields})
