"""Public channels over a real socket."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.engine.server.ws.served import listening, served


async def test_a_book_is_a_snapshot_and_diffs_that_chain_and_equals_the_market(tmp_path: Path) -> None:
    async with served(tmp_path / "data") as server, listening(server.url, "book:BTC/USDT") as client:
        await client.hear(10)

        first, *rest = client.heard
        assert first["type"] == "snapshot"
        seq = first["seq"]
        for message in rest:
            assert (message["type"], message["data"]["first_seq"]) == ("diff", seq + 1)
            seq = message["seq"]
        assert Decimal(first["data"]["bids"][0][0]) < Decimal(first["data"]["asks"][0][0])
