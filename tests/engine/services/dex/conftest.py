"""A desk on the practice chain with a purse of everything."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.dexdesk import ACCOUNT, COIN, Desk
from tests.practice import Node


@pytest.fixture
async def desk(practice: Node, tmp_path: Path) -> AsyncIterator[Desk]:
    practice.give(ACCOUNT, 1_000 * COIN)
    for symbol, whole in (("WETH", 100), ("USDT", 500_000), ("USDC", 500_000), ("FARM", 200_000)):
        made = next(each for each in practice.manifest.tokens if each.symbol == symbol)
        practice.give(ACCOUNT, whole * 10**made.decimals, symbol)
    async with Desk(practice.spec(), tmp_path) as desk:
        yield desk
