"""The two kinds of database that the storage layer's tests run on: new ones, copies, and edits behind its back."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import MetaData, inspect, select

from engine.adapters.sql.address import store_at
from engine.adapters.sql.postgres.store import PostgresStore
from engine.adapters.sql.sqlitestore import SqliteStore
from engine.adapters.sql.store import Store
from tests.services import Postgres


class Databases(Protocol):
    """Makes databases of one kind."""

    def new(self, *, empty: bool = False) -> Store:
        """Return a new one, with tables unless `empty`."""
        ...

    def copy(self, store: Store) -> Store:
        """Return a copy of one that nobody uses."""
        ...

    def close(self) -> None:
        """Remove what was made."""
        ...


class Files:
    """SQLite files in a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory, self._names = directory, count(1)

    def new(self, *, empty: bool = False) -> Store:
        """Return a file that is not there yet."""
        folder = self._directory / f"d{next(self._names)}"
        folder.mkdir()
        return SqliteStore(folder / "crs.sqlite")

    def copy(self, store: Store) -> Store:
        """Return a copy of a file and its log."""
        made = self.new()
        assert store.path is not None
        assert made.path is not None
        for suffix in ("", "-wal"):
            part = store.path.with_name(store.path.name + suffix)
            if part.exists():
                shutil.copy(part, made.path.with_name(made.path.name + suffix))
        return made

    def close(self) -> None:
        """Leave the files to pytest."""


class Copies:
    """Databases of a PostgreSQL, each a copy of a template."""

    def __init__(self, postgres: Postgres, template: str) -> None:
        self._postgres, self._template, self._made = postgres, template, list[str]()

    def new(self, *, empty: bool = False) -> Store:
        """Return a database with tables, or without."""
        return self._copied(None if empty else self._template)

    def copy(self, store: Store) -> Store:
        """Return a copy of a database."""
        assert isinstance(store, PostgresStore)
        return self._copied(store.address.database)

    def close(self) -> None:
        """Drop what was made."""
        for name in self._made:
            self._postgres.drop(name)

    def _copied(self, template: str | None) -> Store:
        name = self._postgres.create(template)
        self._made.append(name)
        return store_at(self._postgres.url(name))


def edit(store: Store, *statements: str) -> None:
    """Change a database behind the program's back."""
    if isinstance(store, PostgresStore):
        with store.connect("test") as connection:
            connection.execute("SET lock_timeout = '1s'")
            for statement in statements:
                connection.execute(statement)
        return
    assert store.path is not None
    with closing(sqlite3.connect(store.path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def blob(store: Store, text: str) -> str:
    """Return bytes, given in hex, as the dialect writes them."""
    return f"decode('{text}', 'hex')" if isinstance(store, PostgresStore) else f"x'{text}'"


def url_of(store: Store) -> str:
    """Return the URL of a database of a test, as SQLAlchemy writes it."""
    if isinstance(store, PostgresStore):
        parameters = store.address.parameters
        where = f"{parameters['host']}:{parameters['port']}/{parameters['dbname']}"
        return f"postgresql+psycopg://{parameters['user']}@{where}"
    return f"sqlite:///{store.path}"


def content(store: Store) -> dict[str, Any]:
    """Return columns, indexes, key and rows of every table, by name."""
    engine = store.engine()
    found: dict[str, Any] = {}
    with engine.connect() as connection:
        looking, metadata = inspect(connection), MetaData()
        metadata.reflect(connection)
        for name, table in metadata.tables.items():
            columns = {each["name"]: (str(each["type"]), each["nullable"]) for each in looking.get_columns(name)}
            indexes = {each["name"]: each["column_names"] for each in looking.get_indexes(name)}
            keys = looking.get_pk_constraint(name)["constrained_columns"]
            rows = [tuple(sorted(row.items())) for row in connection.execute(select(table)).mappings()]
            found[name] = (columns, indexes, keys, sorted(rows, key=str))
    engine.dispose()
    return found
