"""What the storage layer's tests share: each runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.adapters.sql.address import store_at
from engine.adapters.sql.store import Store
from engine.adapters.sql.tables import prepare
from tests.engine.adapters.databases import Copies, Databases, Files
from tests.services import Postgres

KINDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def template(postgres: Postgres) -> str:
    """The name of a PostgreSQL database with the program's tables and nothing in them."""
    name = postgres.create()
    store = store_at(postgres.url(name))
    engine = store.engine()
    prepare(engine, store)
    engine.dispose()
    return name


@pytest.fixture(scope="module", params=KINDS)
def databases(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Databases of either kind."""
    made: Databases
    if request.param == "sqlite":
        made = Files(tmp_path_factory.mktemp("databases"))
    else:
        made = Copies(request.getfixturevalue("postgres"), request.getfixturevalue("template"))
    yield made
    made.close()


@pytest.fixture
def store(databases: Databases) -> Store:
    """A new database of either kind."""
    return databases.new()
