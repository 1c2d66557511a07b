"""Claims about URLs and failures of PostgreSQL: a sentence each, and never a password in one."""

from __future__ import annotations

import pytest

from engine.adapters.sql.address import store_at
from engine.adapters.sql.postgres.address import Address
from engine.adapters.sql.postgres.store import PostgresStore
from engine.errors import CrsError, InvalidInput, StorageCorrupt, StorageUnavailable
from tests.services import Postgres, free_port

SECRET = "hunter2secret"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://crs:{SECRET}@db.example:5433/main",
        f"postgres://crs:{SECRET}@db.example:5433/main",
        f"postgresql+psycopg://crs:{SECRET}@db.example:5433/main",
        f"postgresql://db.example:5433/main?user=crs&password={SECRET}",
    ],
)
def test_an_address_is_read_from_every_way_to_write_it_and_shows_no_password(url: str) -> None:
    address = Address(url)

    assert (address.parameters["user"], address.parameters["password"]) == ("crs", SECRET)
    assert str(address) == "main on db.example:5433"
    assert SECRET not in repr(address)
    assert "driver" not in address.parameters


def test_what_the_url_says_wins_over_our_patience() -> None:
    assert Address("postgresql://h/d").parameters["connect_timeout"] == "5"
    assert Address("postgresql://h/d?connect_timeout=60").parameters["connect_timeout"] == "60"


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://crs:{SECRET}@h/d",
        f"crs:{SECRET}@h",
        f"postgresql://crs:{SECRET}@h:port:port/d",
        f"postgresql://crs:{SECRET}@[::1/d",
        f"postgresql://h/d?nonsense={SECRET}",
        "",
    ],
)
def test_a_url_that_cannot_be_read_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(InvalidInput, match="postgresql://USER:PASSWORD@HOST") as refused:
        store_at(url)

    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None


def said(url: str) -> str:
    """Return why a database cannot be read."""
    with pytest.raises(StorageUnavailable) as refused:
        store_at(url).revision()
    assert SECRET not in str(refused.value)
    return str(refused.value)


def test_a_server_that_is_not_there_is_named() -> None:
    port = free_port()
    text = said(f"postgresql://crs:{SECRET}@127.0.0.1:{port}/main")

    assert f"The database main on 127.0.0.1:{port} does not answer" in text
    assert "Nothing acknowledged is lost" in text


def test_a_database_that_is_not_there_is_named_with_what_to_do(postgres: Postgres) -> None:
    assert "`crs server db init` makes it" in said(postgres.url("nowhere"))


def test_a_user_who_is_not_let_in_is_told_what_to_look_at(postgres: Postgres) -> None:
    postgres.execute("CREATE ROLE reader LOGIN")
    name = postgres.create()
    postgres.execute("CREATE TABLE alembic_version (version_num text)", name)
    url = f"postgresql://reader@127.0.0.1:{postgres.port}/{name}"

    assert "may not do this" in said(url)
    postgres.drop(name)


@pytest.mark.parametrize(
    ("state", "kind", "words"),
    [
        ("53100", StorageUnavailable, "is full"),
        ("28P01", StorageUnavailable, "Check user and password"),
        ("53300", StorageUnavailable, "max_connections"),
        ("XX001", StorageCorrupt, "damaged"),
        ("57P01", StorageUnavailable, "does not answer"),
        ("22003", StorageUnavailable, "refuses"),
    ],
)
def test_each_failure_of_the_server_is_one_sentence(
    postgres: Postgres, state: str, kind: type[CrsError], words: str
) -> None:
    store = store_at(postgres.url())
    assert isinstance(store, PostgresStore)
    with store.connect("test") as connection, pytest.raises(store.errors) as raised:
        connection.execute(f"DO $$ BEGIN RAISE EXCEPTION 'no such luck' USING ERRCODE = '{state}'; END $$")

    found = store.explained(raised.value)

    assert type(found) is kind
    assert words in str(found)
    assert "\n" not in str(found)
    assert store.passing(raised.value) == (state == "57P01")
