"""From the URL of a database to the door that leads to it."""

from __future__ import annotations

from pathlib import Path

from engine.adapters.sql.sqlitestore import SqliteStore
from engine.adapters.sql.store import Store
from engine.errors import InvalidInput


def store_at(url: str, *, shard: str = "main") -> Store:
    """Return the database at a URL: `sqlite:////absolute/path` or `postgresql://…`.

    Raises:
        InvalidInput: it is no such URL, or what it needs is not installed.
    """
    if url.startswith("sqlite:///"):
        return SqliteStore(Path(url.removeprefix("sqlite:///")))
    try:
        from engine.adapters.sql.postgres.store import PostgresStore

        return PostgresStore(url, shard=shard)
    except ImportError as error:
        raise InvalidInput(
            f"PostgreSQL needs the package {error.name}. Install it with: pip install crs-desktop[server]"
        ) from error
