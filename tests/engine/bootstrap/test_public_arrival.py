"""An order that a print has brought in already is not waited for again."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engine.bootstrap.public import open_public
from engine.bus import Bus
from engine.domain.command import SubmitOrder
from engine.domain.event import OrderAccepted
from engine.domain.number import Lots, Ticks
from engine.domain.order import OrderId, OrderType, Side
from engine.profile import Profile
from engine.settings import Settings, changed, save
from tests.engine.bootstrap.scripted_exchange import BID, SECOND, ScriptedExchange

pytestmark = pytest.mark.integration


async def test_a_print_may_come_before_the_instant_at_which_an_order_was_awaited(tmp_path: Path) -> None:
    profile, bus, problems = Profile(tmp_path), Bus(), list[dict[str, Any]]()
    profile.create()
    save(changed(Settings(), "market.latency", "home"), profile.settings_file)
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: problems.append(context))
    feed = ScriptedExchange(bus)
    engine = await open_public(profile, "binance", feed=feed, bus=bus)
    try:
        order = SubmitOrder(
            account=engine.venue.account, order_id=OrderId("o-1"), symbol="BTC/USDT", side=Side.BUY,
            order_type=OrderType.LIMIT, qty=Lots(1_000), price=Ticks(BID - 500),
        )  # fmt: skip
        sending = asyncio.get_running_loop().create_task(engine.venue.submit(order))
        for _ in range(10):
            await asyncio.sleep(0)
        assert engine.live.market.line.last_at is not None
        feed.later(2 * SECOND)
        feed.print("BTC/USDT", BID, 5)  # of later than it arrives
        engine.live._arrive()  # the timer that was set for it

        assert isinstance(await sending, OrderAccepted)
        assert problems == []
    finally:
        await engine.close()
        asyncio.get_running_loop().set_exception_handler(None)
