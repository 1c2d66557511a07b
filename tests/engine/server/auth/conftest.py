"""One server for the tests of a module, emptied before each; on PostgreSQL too where a test asks for any."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack

import pytest
import pytest_asyncio

from tests.engine.server.auth.house import House, house


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the databases."""
    if "shared_house" in metafunc.fixturenames:
        both = "any_doors" in metafunc.fixturenames
        metafunc.parametrize(
            "shared_house", ["sqlite", "postgres"] if both else ["sqlite"], indirect=True, scope="module"
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """The server of the module."""
    with ExitStack() as stack:
        url = None
        if request.param == "postgres":
            url = stack.enter_context(request.getfixturevalue("postgres").database())
        async with house(tmp_path_factory.mktemp("house") / "data", database=url) as opened:
            yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def doors(shared_house: House) -> House:
    """A server's doors."""
    await shared_house.empty()
    return shared_house


@pytest_asyncio.fixture(loop_scope="module")
async def any_doors(shared_house: House) -> House:
    """A server's doors, on either database."""
    await shared_house.empty()
    return shared_house
