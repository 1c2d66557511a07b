"""One writer per shard: a lock that lives as long as the writer's session, and an epoch that outlives it.

The lock keeps two writers apart while both are connected. It cannot do so when a session ends and its process does
not know (a machine that was asleep, a network that was cut): then another process takes the lock and raises the epoch,
and the old one finds a higher epoch than its own in whatever it tries to write. An old session's commit that is under
way cannot come late either: its lock is given free only when it is over.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from engine.domain.number import NANOS_PER_SECOND
from engine.errors import ProfileInUse, StorageUnavailable, WriterFenced

if TYPE_CHECKING:
    import psycopg

WAIT_S = 5.0
"""How long the lock is waited for: a killed process's session ends within this, unless its machine went with it."""

POLL_S = 0.05

log = logging.getLogger(__name__)

CHECK = "SELECT epoch FROM writer WHERE shard = %s FOR SHARE"
"""In every transaction of the writer: whoever wants to raise the epoch waits for it."""

_RAISE = (
    "INSERT INTO writer (shard, epoch, host, pid, since_ns) VALUES (%s, 1, %s, %s, %s) ON CONFLICT (shard) DO UPDATE "
    "SET epoch = writer.epoch + 1, host = excluded.host, pid = excluded.pid, since_ns = excluded.since_ns "
    "RETURNING epoch"
)
_HOLDER = (
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND ((classid::bigint << 32) | objid::bigint) = %s"
)


class Fence:
    """The right to write one shard, as this process has it."""

    def __init__(self, shard: str, name: str) -> None:
        self.shard, self._name = shard, name
        self.key = int.from_bytes(sha256(f"crs writer {shard}".encode()).digest()[:8], "big", signed=True)
        self.epoch = 0
        """0 until it was raised for us."""
        self._session: int | None = None
        """The server's process that held the lock for us last."""

    def take(self, connection: psycopg.Connection[Any]) -> None:
        """Take the lock for a new session.

        Raises:
            ProfileInUse: another process has it; says which.
            WriterFenced: another process took over since we had it.
            StorageUnavailable: our own last session is not over yet.
        """
        until = time.monotonic() + WAIT_S
        while True:
            if self.epoch:
                self._check(connection)
            if self._try(connection):
                break
            holder = self._holder(connection)
            if holder is not None and holder == self._session:  # ours, and nobody is at its other end any more
                connection.execute("SELECT pg_terminate_backend(%s)", (holder,))
            if time.monotonic() > until:
                raise self._held(connection)
            time.sleep(POLL_S)
        self._session = connection.info.backend_pid
        if self.epoch:
            self._check(connection)

    def raise_epoch(self, connection: psycopg.Connection[Any]) -> None:
        """Become the writer after every other; once, when the lock is ours and the tables are there."""
        values = (self.shard, socket.gethostname(), os.getpid(), time.time_ns())
        row = connection.execute(_RAISE, values).fetchone()
        assert row is not None, "an insertion returns its row"  # noqa: S101 - a promise of the database
        self.epoch = int(row[0])
        log.info("writer of the shard", extra={"shard": self.shard, "epoch": self.epoch})

    def passed(self, row: Any) -> None:  # noqa: ANN401 - of `CHECK`
        """Look at the row of `CHECK`.

        Raises:
            WriterFenced: another process took over.
        """
        found = int(row[0]) if row else 0
        if found != self.epoch:
            raise WriterFenced(
                f"Another process writes shard {self.shard} of the database {self._name} now (epoch {found}, ours was "
                f"{self.epoch}). This one has stopped; nothing that it acknowledged is lost. End it."
            )

    def _check(self, connection: psycopg.Connection[Any]) -> None:
        self.passed(connection.execute("SELECT epoch FROM writer WHERE shard = %s", (self.shard,)).fetchone())

    def _try(self, connection: psycopg.Connection[Any]) -> bool:
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (self.key,)).fetchone()
        return bool(row and row[0])

    def _holder(self, connection: psycopg.Connection[Any]) -> int | None:
        row = connection.execute(_HOLDER, (self.key,)).fetchone()
        return None if row is None else int(row[0])

    def _held(self, connection: psycopg.Connection[Any]) -> ProfileInUse | StorageUnavailable:
        if self.epoch:
            return StorageUnavailable(f"The last session of ours on the database {self._name} is not over yet.")
        who = ""
        if (connection.execute("SELECT to_regclass('writer')").fetchone() or (None,))[0] is not None:
            epoch, told = holder_of(connection, self.shard)
            who = f" ({told})" if epoch else ""
        return ProfileInUse(
            f"Another server already writes shard {self.shard} of the database {self._name}{who}. End it first."
        )


def holder_of(connection: psycopg.Connection[Any], shard: str) -> tuple[int, str]:
    """Return the epoch of a shard's last writer and, in words, who that is; 0 and nothing if there was none."""
    query = "SELECT epoch, host, pid, since_ns FROM writer WHERE shard = %s"
    for epoch, host, pid, since in connection.execute(query, (shard,)):
        at = datetime.fromtimestamp(since // NANOS_PER_SECOND, UTC).strftime("%Y-%m-%d %H:%M:%S")
        return int(epoch), f"process {pid} on {host}, since {at} UTC"
    return 0, ""
