"""A session in which everything happens that the journal can tell of: for tests of what is made from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.bootstrap import Engine
from engine.domain.command import SetFees, SubmitList
from engine.domain.course import TradingState
from engine.domain.number import Lots, Ticks
from engine.domain.order import AccountId, ListKind, LotMethod, OrderType, Side
from engine.domain.why import Arrival, FillExplained, PrintUsed, QueueStep, SeenLevel
from tests.engine.adapters.desk import let_pass, limit, market, opened
from tests.engine.adapters.small_market import MIDDLE, SYMBOL

ME = AccountId("PAPER-1")


async def live(directory: Path) -> None:
    async with opened(directory) as running:
        await let_pass(running, 4)
        await running.orders.submit(market(running, Side.BUY, 2_000))
        for i in range(6):
            await running.orders.submit(limit(running, Side.BUY, MIDDLE - 12 * i - 3))
        await running.orders.submit_list(bracket(running, MIDDLE + 30))
        await running.orders.submit_list(bracket(running, MIDDLE - 3_000))
        await running.orders.submit(limit(running, Side.BUY, MIDDLE, 10**9))
        await let_pass(running, 3)
        stop = replace(market(running, Side.SELL, 100), order_type=OrderType.STOP, stop_price=Ticks(MIDDLE - 3_000))
        await running.orders.submit(stop)
        await running.orders.amend(stop.order_id, stop_price=Ticks(MIDDLE - 3_500))
        trail = replace(market(running, Side.SELL, 100), order_type=OrderType.TRAILING_STOP, trail=Ticks(8))
        await running.orders.submit(trail)
        far = replace(trail, order_id=running.orders.new_id(), trail=Ticks(90_000))
        await running.orders.submit(far)
        await running.orders.amend(far.order_id, trail=Ticks(95_000))
        await running.set_trading_state(TradingState.HALTED, "a test")
        await running.orders.submit(limit(running, Side.BUY, MIDDLE - 100))
        await running.set_trading_state(TradingState.ACTIVE)
        await running.venue.execute([SetFees(ME, SYMBOL, None, None)])
        await running.set_lot_method(LotMethod.HIFO)
        running.venue.record([why(running)])
        iceberg = replace(limit(running, Side.BUY, MIDDLE - 2_500, 900), display_qty=Lots(100), post_only=True)
        await running.orders.submit(iceberg)
        await let_pass(running, 6)
        await running.orders.cancel_last()
        await running.reset_account()
        await running.orders.submit(market(running, Side.BUY))
        await running.orders.submit(limit(running, Side.BUY, MIDDLE - 2_000))
        await running.select_account(ME)
        await let_pass(running, 2)


def bracket(running: Engine, price: int) -> SubmitList:
    """Return an entry with its take-profit and stop."""
    entry, profit = limit(running, Side.BUY, price), limit(running, Side.SELL, MIDDLE + 4_000)
    loss = replace(market(running, Side.SELL), order_type=OrderType.STOP, stop_price=Ticks(MIDDLE - 4_000))
    return SubmitList(ME, running.orders.new_id(), ListKind.BRACKET, (entry, profit, loss))


def why(running: Engine) -> FillExplained:
    """Return why the last fill happened, as an exchange that explains would."""
    fill, at = running.orders.fills()[0], running.runner.now
    seen = (SeenLevel(Ticks(fill.price), Lots(700), Lots(0)),)
    arrival = Arrival(at, at, Ticks(MIDDLE - 3), Ticks(MIDDLE + 3), Ticks(MIDDLE), seen, Lots(4))
    return FillExplained(
        ME, fill.order_id, fill.trade_id, SYMBOL, fill.liquidity, "0.001", "queue", arrival,
        (QueueStep(at, Lots(4)),), (PrintUsed(at, fill.price, Lots(9), Lots(5)),), at,
    )  # fmt: skip
