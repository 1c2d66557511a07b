"""A program that trades on a public exchange until it is killed, and says at once what it was promised.

python -m tests.engine.bootstrap.public_child DIRECTORY
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from random import Random

from engine.bootstrap.public import open_public
from engine.bus import Bus
from engine.domain.command import SubmitOrder
from engine.domain.event import OrderAccepted, OrderCancelled, OrderFilled
from engine.domain.number import Lots, Ticks
from engine.domain.order import OrderId, OrderType, Side
from engine.profile import Profile
from engine.settings import Settings, changed, save
from tests.engine.bootstrap.scripted_exchange import BID, ScriptedExchange


async def main(profile: Profile) -> None:
    profile.create()
    settings = changed(Settings(), "market.latency", "data-centre")
    save(changed(settings, "risk.max_open_orders", 100_000), profile.settings_file)
    bus = Bus()
    feed = ScriptedExchange(bus)
    engine = await open_public(profile, "binance", feed=feed, bus=bus)
    bus.subscribe(OrderAccepted, told)
    bus.subscribe(OrderFilled, told)
    bus.subscribe(OrderCancelled, told)
    random, number = Random(5), 0  # noqa: S311 - a repeatable stream
    while True:
        number += 1
        order = SubmitOrder(
            account=engine.venue.account,
            order_id=OrderId(f"{engine.recovery.records}-{number}"),
            symbol="BTC/USDT",
            side=Side.BUY,
            order_type=OrderType.LIMIT,
            qty=Lots(random.randint(100, 200)),
            price=Ticks(BID - 10 * random.randint(0, 5)),
        )
        sent = asyncio.ensure_future(engine.venue.submit(order))
        await asyncio.sleep(0)
        while not sent.done():
            feed.later(200_000)
            feed.print("BTC/USDT", BID - 10 * random.randint(0, 2), random.randint(1, 20_000))
            await asyncio.sleep(0.0005)
        if isinstance(sent.result(), OrderAccepted):
            say(f"told {order.order_id}")


def told(fact: OrderAccepted | OrderFilled | OrderCancelled) -> None:
    say(f"fact {type(fact).__name__} {fact.order_id}")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Profile(Path(sys.argv[1]))))
