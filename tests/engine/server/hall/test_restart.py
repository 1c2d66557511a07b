"""What a venue changed while a hall was closed: fees follow it, a pair on another grid is closed with a sentence."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.exchanges.binance.rest import BinanceRest
from engine.adapters.exchanges.dialect.listing import Listing
from engine.adapters.exchanges.venues import SPECS
from engine.domain.pair import FeeRate
from tests.engine.server.hall.district import BUY, district

pytestmark = pytest.mark.integration


class Changed(BinanceRest):
    """Binance with a coarser tick of ETH/USDT, and other fees."""

    def hear_listing(self, answer: str | bytes) -> Listing:
        """Read the list, and change it."""
        found = super().hear_listing(answer)
        dear = FeeRate.parse(Decimal("0.002"))
        listed = []
        for each in found.instruments:
            tick = each.pair.tick * 10 if each.symbol == "ETH/USDT" else each.pair.tick
            listed.append(replace(each, pair=replace(each.pair, tick=tick, taker_fee=dear)))
        return replace(found, instruments=tuple(listed))


async def test_fees_follow_the_venue_and_a_pair_on_another_grid_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with district(tmp_path / "data", "binance") as town:
        await town.send("binance", "ann", BUY)
        await town.send("binance", "ann", BUY | {"symbol": "ETH/USDT"})
        before = await town.balances("binance", "ann")
    monkeypatch.setitem(SPECS, "binance", replace(SPECS["binance"], rest=Changed))
    async with district(tmp_path / "data", "binance") as town:
        bought = (await town.send("binance", "ann", BUY)).json()["order"]
        newcomers = (await town.send("binance", "bob", BUY)).json()["order"]
        refused = await town.send("binance", "ann", BUY | {"symbol": "ETH/USDT", "side": "sell"})
        told = {
            each["symbol"]: each["status"] for each in (await town.http.get("/binance/v1/markets")).json()["markets"]
        }
        book = (await town.http.get("/binance/v1/markets/ETH-USDT/book")).json()
        after = await town.balances("binance", "ann")

    for order in (bought, newcomers):
        assert Decimal(order["fee"]) == Decimal(order["filled_value"]) * Decimal("0.002")
    assert refused.status_code == 422
    assert "changed tick or lot of ETH/USDT" in refused.json()["detail"]
    assert told == {"BTC/USDT": "trading", "ETH/USDT": "closed"}
    assert book["bids"] == book["asks"] == []
    assert after["ETH"] == before["ETH"] == "0.01"
