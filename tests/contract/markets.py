"""The implementations that the contract suites run on: one engine per offline market."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from engine.bootstrap import Engine, open_engine
from engine.profile import Profile

KINDS = ("simulated", "replay")


@pytest.fixture(params=KINDS)
async def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    """An engine on each kind of market, some seconds into its life, held still."""
    engine = await open_engine(Profile(tmp_path_factory.mktemp("profile")), market=request.param, seed=11)
    engine.runner.pause()
    for _ in range(5):
        await engine.runner.step()
    yield engine
    await engine.close()
