"""Pools of connections for those who read, and for the server's own tables; the journal's writer has its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.adapters.sql.postgres.address import PATIENCE

if TYPE_CHECKING:
    import sqlalchemy

POOL_SIZE, MAX_OVERFLOW, RECYCLE_S = 10, 20, 3_600
BUSY_S = 5.0
"""How long a connection is waited for, and on SQLite a writer; whoever asked would not wait longer."""


def pooled(url: str) -> sqlalchemy.Engine:
    """Return an engine with a pool: 10 connections and 20 more under load, pinged before use, an hour old at most."""
    import sqlalchemy

    options: dict[str, Any] = {"pool_size": POOL_SIZE, "max_overflow": MAX_OVERFLOW, "pool_recycle": RECYCLE_S}
    options["pool_timeout"] = BUSY_S
    if not url.startswith("sqlite"):
        told = sqlalchemy.make_url(url).query
        patience = {name: value for name, value in PATIENCE.items() if name not in told}
        return sqlalchemy.create_engine(url, pool_pre_ping=True, connect_args=patience, **options)
    engine = sqlalchemy.create_engine(
        url,
        poolclass=sqlalchemy.pool.QueuePool,
        connect_args={"timeout": BUSY_S, "check_same_thread": False},
        **options,
    )

    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"):
            connection.execute(statement)

    sqlalchemy.event.listen(engine, "connect", prepare)
    return engine
