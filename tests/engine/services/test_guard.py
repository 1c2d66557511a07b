"""The guard before a server asks the gate what the embedded exchange asks it, and gets the same answers."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from engine.bootstrap import Engine, open_engine
from engine.domain.command import AmendOrder, SubmitOrder
from engine.domain.event import OrderRejected
from engine.domain.number import Lots, Ticks, Units
from engine.domain.order import OrderId, OrderType, Reason, Side
from engine.profile import Profile
from engine.risk.gate import RiskGate
from engine.risk.limits import RiskLimits
from engine.services.guard import RiskGuard

pytestmark = pytest.mark.integration

SYMBOLS = ("BTC/USDT", "ETH/USDT")
MONEY = 10**18


def random_order(engine: Engine, draw: random.Random, number: int) -> SubmitOrder:
    """An order that is near enough to trade, often near a limit."""
    symbol = draw.choice(SYMBOLS)
    pair = next(each for each in engine.venue.pairs() if each.symbol == symbol)
    quote = engine.market_data.quote(symbol)
    assert quote.bid is not None
    price = Ticks(int(quote.bid * draw.choice((0.97, 0.995, 1.0, 1.004, 1.03))))
    lots = Lots(draw.choice((1, 2, 4, 8)) * (100 * MONEY // pair.notional(price, 1) + 1))
    market = draw.random() < 0.4
    return SubmitOrder(
        account=engine.venue.account, order_id=OrderId(f"o{number}"), symbol=symbol,
        side=draw.choice((Side.BUY, Side.BUY, Side.SELL)), order_type=OrderType.MARKET if market else OrderType.LIMIT,
        qty=lots, price=None if market else price,
    )  # fmt: skip


@pytest.mark.no_cover
@pytest.mark.parametrize("seed", range(2))
async def test_it_says_what_the_exchange_says_of_every_order(seed: int, tmp_path: Path) -> None:
    engine = await open_engine(Profile(tmp_path), market="simulated", seed=seed)
    engine.runner.pause()
    try:
        await engine.market_data.start()
        while any(engine.market_data.last(symbol) is None for symbol in SYMBOLS):
            await engine.runner.step()
        limits = RiskLimits(
            max_order_value=Units(500 * MONEY), max_position_value=Units(1_500 * MONEY), max_open_orders=6,
            max_price_deviation_bps=200, max_exposure=Units(2_000 * MONEY), max_orders_per_minute=25,
        )  # fmt: skip
        engine.gate.limits = RiskGate(limits).limits
        guard = RiskGuard(
            engine.bus, engine.feed, engine.market_data, engine.venue.fold, engine.gate, engine.venue.account
        )
        draw, said = random.Random(seed), set[Reason | None]()  # noqa: S311 - no secret
        for number in range(40):
            order = random_order(engine, draw, number)
            told = guard.check(order)
            answer = await engine.venue.submit(order)
            refused = isinstance(answer, OrderRejected) and answer.reason is Reason.LIMIT_EXCEEDED
            other = isinstance(answer, OrderRejected) and not refused
            if not other:  # what is refused for another reason is never asked about
                assert (told.text if told else None) == (answer.text if isinstance(answer, OrderRejected) else None)
                said.add(None if told is None else told.reason)
            await engine.runner.step()  # what the order traded is on the tape from here on
            for record in engine.orders.records():
                if draw.random() < 0.3:
                    await _amend_both(engine, guard, record.order.order_id, draw)
                elif draw.random() < 0.2:
                    await engine.orders.cancel(record.order.order_id)
        assert said == {None, Reason.LIMIT_EXCEEDED}
        guard.close()
    finally:
        await engine.close()


async def _amend_both(engine: Engine, guard: RiskGuard, order_id: OrderId, draw: random.Random) -> None:
    before = engine.orders.record(order_id)
    command = AmendOrder(
        account=engine.venue.account, order_id=order_id, qty=Lots(int(before.order.qty * draw.choice((1, 2, 5))))
    )
    told = guard.check(command)
    answer = await engine.venue.amend(command)
    if isinstance(answer, OrderRejected) and answer.reason is Reason.LIMIT_EXCEEDED:
        assert told is not None
        assert told.text == answer.text
    elif not isinstance(answer, OrderRejected):
        assert told is None


async def test_an_order_for_what_is_not_traded_is_left_to_the_server(tmp_path: Path) -> None:
    engine = await open_engine(Profile(tmp_path), market="simulated", seed=1)
    try:
        guard = RiskGuard(
            engine.bus, engine.feed, engine.market_data, engine.venue.fold, engine.gate, engine.venue.account
        )
        order = SubmitOrder(
            account=engine.venue.account, order_id=OrderId("o"), symbol="NO/SUCH", side=Side.BUY,
            order_type=OrderType.MARKET, qty=Lots(1),
        )  # fmt: skip
        assert guard.check(order) is None
        guard.close()
    finally:
        await engine.close()
