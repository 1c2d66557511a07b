"""An estimated place is held against the exact one, which the embedded exchange knows."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from engine.adapters.crs.queueplace import QueuePlaces
from engine.bootstrap import Engine, open_engine
from engine.domain.command import AmendOrder, SubmitOrder
from engine.domain.number import Lots, Ticks
from engine.domain.order import OrderId, OrderType, Side
from engine.profile import Profile

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("seed", range(2))
async def test_an_order_is_never_shown_further_ahead_than_it_stands(seed: int, tmp_path: Path) -> None:
    engine = await open_engine(Profile(tmp_path), market="simulated", seed=seed)
    engine.runner.pause()
    try:
        await engine.market_data.start()
        places = QueuePlaces(engine.bus, engine.market_data.book, engine.market_data.last_price)
        draw, compared = random.Random(seed), 0  # noqa: S311 - no secret
        for step in range(60):
            await _act(engine, draw, step)
            await engine.runner.step()
            for record in engine.orders.records():
                exact = engine.venue.place_in_queue(record.order.order_id)
                told = places.place(record.order.order_id)
                if exact is None or told is None or exact.ahead is None or told.ahead is None:
                    continue
                compared += 1
                assert told.is_estimate
                assert told.ahead >= exact.ahead
                assert told.level_qty == exact.level_qty
        assert compared > 20
        places.close()
    finally:
        await engine.close()


async def _act(engine: Engine, draw: random.Random, step: int) -> None:
    symbol = "BTC/USDT"
    quote = engine.market_data.quote(symbol)
    if step % 6 == 0:
        side = draw.choice((Side.BUY, Side.BUY, Side.SELL))
        best = quote.bid if side is Side.BUY else quote.ask
        assert best is not None
        away = draw.choice((0, 1, 5, 60, 200)) * (-1 if side is Side.BUY else 1)
        await engine.venue.submit(
            SubmitOrder(
                account=engine.venue.account,
                order_id=OrderId(f"o{step}"),
                symbol=symbol,
                side=side,
                order_type=OrderType.LIMIT,
                qty=Lots(draw.choice((500, 2_000))),
                price=Ticks(best + away),
            )
        )
    elif step % 6 == 3 and (records := engine.orders.records()):
        record = draw.choice(records)
        await engine.venue.amend(
            AmendOrder(
                account=engine.venue.account,
                order_id=record.order.order_id,
                qty=Lots(record.filled + draw.choice((100, 5_000))),
            )
        )
