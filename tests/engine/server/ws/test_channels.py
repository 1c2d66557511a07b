"""What the channels of a market tell a client that is behind, and one whose server missed something."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import create_engine

from engine.domain.market import Bar, Timeframe
from engine.domain.number import Lots, Nanos, Ticks
from engine.server.market import MarketView
from engine.server.ws.channels import Channels
from engine.services.bars import BarClosed
from tests.engine.server.ws.outlets import MemoryOutlet, client_over
from tests.engine.server.ws.small import SmallCore

BTC = "BTC/USDT"


@asynccontextmanager
async def channels_of(core: SmallCore) -> AsyncIterator[Channels]:
    """Lend the channels of a small market; nothing is sent at a pace, but when a test says so."""
    view, database = MarketView(core.bus, core), create_engine("sqlite://")
    await view.start()
    channels = Channels(core.bus, view, database)
    yield channels
    await channels.close()
    view.close()
    database.dispose()


def heard(outlet: MemoryOutlet, kind: str) -> list[dict[str, Any]]:
    """Return the messages of a type."""
    return [each for each in map(json.loads, outlet.got) if each["type"] == kind]


def closed(start: int) -> BarClosed:
    bar = Bar(BTC, Nanos(start * 10**9), Ticks(1), Ticks(3), Ticks(1), Ticks(2), Lots(5), 1)
    return BarClosed(bar, Timeframe.S1)


async def test_who_is_behind_gets_every_print_and_closed_bar_and_of_books_and_tickers_the_newest() -> None:
    core, outlet = SmallCore(), MemoryOutlet(0)
    async with channels_of(core) as channels:
        client = client_over(outlet)
        for name in (f"book:{BTC}", f"book20:{BTC}", f"trades:{BTC}", "ticker:*", f"bars:{BTC}:1s", "status"):
            channels.find(name).add(client)
        for number in range(1, 6):
            core.move(BTC, {9_000: number})
            core.trade(BTC, 10_000, number)
            core.bus.publish(closed(number))
            channels.market.send_tops()
            channels.market.send_forming()
        outlet.read()

    assert [each["seq"] for each in heard(outlet, "trades")] == [1, 2, 3, 4, 5]
    assert [each["data"][0] for each in heard(outlet, "bar_closed")] == [1_000, 2_000, 3_000, 4_000, 5_000]
    assert [(each["ch"], each["seq"]) for each in heard(outlet, "snapshot")] == [
        (f"book:{BTC}", 5),
        (f"book20:{BTC}", 5),
    ]
    assert heard(outlet, "diff") == []
    tickers = heard(outlet, "ticker")
    assert [each["data"]["symbol"] for each in tickers] == [BTC, "ETH/USDT"]
    assert tickers[0]["data"]["trades"] == 5
    assert len(heard(outlet, "status")) == 1


async def test_a_book_of_which_the_server_missed_something_is_shown_anew() -> None:
    core, outlet = SmallCore(), MemoryOutlet()
    async with channels_of(core) as channels:
        channels.find(f"book:{BTC}").add(client_over(outlet))
        core.move(BTC, {9_000: 1})
        core.miss(BTC, 9_100, 7)
        core.move(BTC, {9_000: 3})
        core.move(BTC, {9_000: 4})

    told = [json.loads(each) for each in outlet.got]
    assert [(each["type"], each["seq"]) for each in told] == [
        ("snapshot", 0),
        ("diff", 1),
        ("snapshot", 3),
        ("diff", 4),
    ]
    assert ["91.00", "0.00007"] in told[2]["data"]["bids"]
