"""One server for all that is thrown at it, on SQLite; one on PostgreSQL where strings reach the database."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.engine.server.fuzz.town import Town, town


@pytest.fixture(autouse=True)
def no_mistake_of_ours(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Whatever is sent, nothing of it is an error in the server's log."""
    yield
    assert not [record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.ERROR]


@pytest.fixture(scope="package")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Lend a server with people; what one test leaves behind is there for the next."""
    with town(tmp_path_factory.mktemp("town") / "data") as opened:
        yield opened


@pytest.fixture(scope="package", params=["sqlite", "postgres"])
def anywhere(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Lend that one, and then another one whose databases are PostgreSQL's."""
    if request.param == "sqlite":
        yield request.getfixturevalue("here")
        return
    with (
        request.getfixturevalue("postgres").database() as url,
        town(tmp_path_factory.mktemp("town") / "data", database=url) as opened,
    ):
        yield opened
