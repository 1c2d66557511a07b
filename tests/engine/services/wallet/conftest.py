from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.engine.services.wallet.desk import Desk, open_desk
from tests.practice import Node


@pytest.fixture
async def desk(practice: Node, tmp_path: Path) -> AsyncIterator[Desk]:
    """A wallet with 10 ether on the practice chain."""
    opened = await open_desk(practice, tmp_path)
    yield opened
    await opened.client.close()
    opened.store.close()
