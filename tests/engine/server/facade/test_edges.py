"""What the facade says when somebody asks too much, from where he must not, or with a key that may not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.server.limits.tier import Tier, Verdict
from tests.engine.server.facade.signers import ask, signed_floor

pytestmark = pytest.mark.integration
LIMIT: dict[str, Any] = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC"}


class OnlySome:
    """A limiter that lets so many of each tier pass."""

    def __init__(self, **left: int) -> None:
        self._left = left

    async def check(self, _who: str, tier: Tier, *, cost: int = 1, trust: float = 1.0) -> Verdict:
        """Count down."""
        left = self._left[tier] = self._left.get(tier, 100) - cost
        return Verdict(left >= 0, 1_000, max(0, left), 30.0, 0.0 if left >= 0 else 12.0)


async def test_too_much_is_said_with_the_time_to_wait(tmp_path: Path) -> None:
    async with signed_floor(tmp_path / "data") as server:
        server.services.limiter = OnlySome(market=4)
        heavy = await server.http.get("/api/v3/exchangeInfo")
        refused = await server.http.get("/api/v3/ping")
        server.services.limiter = OnlySome(orders=0)
        orders = await ask(server, "POST", "order", **LIMIT, quantity="0.01", price="9000.00")
        seen = await ask(server, "GET", "account")
        server.services.guard.blocks.block("127.0.0.1", 60.0, "a test")
        blocked = await server.http.get("/api/v3/time")

    assert heavy.status_code == 200
    assert (refused.status_code, refused.json()["code"], refused.headers["retry-after"]) == (429, -1003, "12")
    assert "1000 request weight" in refused.json()["msg"]
    assert (orders.status_code, orders.json()["code"]) == (429, -1015)
    assert seen.status_code == 200
    assert (blocked.status_code, blocked.json()["code"]) == (418, -1003)
    assert int(blocked.headers["retry-after"]) > 0
