"""A headless engine that trades until it is killed: `python -m tests.faults.headless PROFILE`.

It prints one JSON line per acknowledgement, flushed, so that a test knows what was acknowledged before
the end: `{"id": …, "what": "accepted" | "cancelled"}`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from decimal import Decimal
from pathlib import Path
from random import Random

from engine.bootstrap import Engine, open_engine
from engine.domain.command import SubmitOrder
from engine.domain.event import OrderAccepted, OrderCancelled
from engine.domain.number import Lots, Ticks
from engine.domain.order import OrderType, Side
from engine.domain.pair import TradingPair
from engine.profile import Profile


def say(what: str, order_id: str) -> None:
    """Tell the test that something was acknowledged."""
    print(json.dumps({"what": what, "id": order_id}), flush=True)


async def trade(profile: Profile, seed: int) -> None:
    """Send and cancel orders until the end of the world."""
    engine = await open_engine(profile, speed=5)
    random = Random(seed)  # noqa: S311 - a repeatable stream
    say("open", "")
    pairs = engine.venue.pairs()
    while True:
        await asyncio.gather(*(one(engine, random, random.choice(pairs)) for _ in range(4)))
        await asyncio.sleep(random.random() * 0.02)


async def one(engine: Engine, random: Random, pair: TradingPair) -> None:
    """Send one order; cancel one now and then."""
    book = engine.venue.market.exchange.book(pair.symbol)
    bid, ask = book.best_bid, book.best_ask
    if bid is None or ask is None:
        return
    market = random.random() < 0.3
    price = Ticks(max(1, int(bid * (1 - random.random() * 0.01))))
    qty = Lots(int(pair.quote.units(Decimal(20)) // pair.notional(price, 1)) + 1)
    order = SubmitOrder(
        account=engine.venue.account,
        order_id=engine.orders.new_id(),
        symbol=pair.symbol,
        side=Side.BUY,
        order_type=OrderType.MARKET if market else OrderType.LIMIT,
        qty=qty,
        price=None if market else price,
    )
    answer = await engine.orders.submit(order)
    if isinstance(answer, OrderAccepted):
        say("accepted", order.order_id)
    open_orders = engine.orders.open()
    if len(open_orders) > 20 or (open_orders and random.random() < 0.2):
        gone = await engine.orders.cancel(random.choice(open_orders).order_id)
        if isinstance(gone, OrderCancelled):
            say("cancelled", gone.order_id)


if __name__ == "__main__":
    asyncio.run(trade(Profile(Path(sys.argv[1])), int(sys.argv[2])))
