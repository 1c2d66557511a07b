"""The doors, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.engine.server.auth.house import House, house


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database, or nothing for SQLite."""
    if request.param == "sqlite":
        yield ""
    else:
        with request.getfixturevalue("postgres").database() as url:
            yield url


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[House]:
    """A server's doors on SQLite."""
    async with house(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
async def any_doors(tmp_path: Path, database: str) -> AsyncIterator[House]:
    """A server's doors on either database."""
    async with house(tmp_path / "data", database=database or None) as opened:
        yield opened
