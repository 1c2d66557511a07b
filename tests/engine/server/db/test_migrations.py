"""The users' tables: the migrations lead to what the code declares, up, down and up again, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from engine.errors import StorageTooNew, StorageUnavailable
from engine.server.auth.parts import open_parts
from engine.server.auth.staff import Staff
from engine.server.db.database import AccountsDb, open_accounts, stored_revision
from engine.server.db.migrations import downgrade, upgrade
from engine.server.db.tables import REVISION, VERSION_TABLE, crs_user, metadata
from engine.server.settings import ServerSettings, load_settings


@pytest.fixture(params=["sqlite", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServerSettings]:
    if request.param == "sqlite":
        yield load_settings(tmp_path / "data")
    else:
        with request.getfixturevalue("postgres").database() as url:
            yield load_settings(tmp_path / "data", database=url)


def differences(database: AccountsDb) -> list[object]:
    with database.reading() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": VERSION_TABLE,
                "include_name": lambda name, kind, _: kind != "table" or name in mine,
            },
        )
        return list(compare_metadata(context, metadata))


mine = set(metadata.tables)


def test_migrations_lead_to_the_declared_tables_up_down_and_up_again(settings: ServerSettings) -> None:
    database = open_accounts(settings)
    try:
        assert differences(database) == []
        with database.writing() as connection:
            assert stored_revision(connection) == REVISION
            downgrade(connection, "base")
            assert mine.isdisjoint(sa.inspect(connection).get_table_names())
            upgrade(connection)
        assert differences(database) == []
    finally:
        database.close()


def test_a_database_of_a_newer_program_is_left_alone(settings: ServerSettings) -> None:
    database = open_accounts(settings)
    with database.writing() as connection:
        connection.execute(sa.text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))  # noqa: S608 - a constant
    database.close()

    with pytest.raises(StorageTooNew):
        open_accounts(settings)


def test_what_fails_half_way_was_not_done(settings: ServerSettings) -> None:
    parts = open_parts(settings)
    try:
        Staff(parts).add_user("ann@crs.example", "seven-odd-Otters-plough")
        with pytest.raises(RuntimeError), parts.database.writing() as connection:  # noqa: PT012 - that is the point
            connection.execute(crs_user.update().values(email="changed"))
            raise RuntimeError
        with parts.database.reading() as connection:
            assert connection.scalar(sa.select(crs_user.c.email)) == "ann@crs.example"
    finally:
        parts.close()


def test_a_database_that_does_not_answer_is_unavailable_not_a_bug(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable):
        open_accounts(load_settings(tmp_path / "data", database="postgresql://nobody@127.0.0.1:1/none"))
