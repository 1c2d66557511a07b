"""Claims about the losses of a day: a restart goes on with the same day, its best value and what stopped trading."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.paper.past import Past
from engine.adapters.paper.venue import durable
from engine.adapters.sql.reader import Reader
from engine.bootstrap import Engine
from engine.bootstrap.engine import past_of
from engine.domain.course import Breach, StateCause, TradingState
from engine.domain.day import DayHigh, DayOpened
from engine.domain.event import OrderAccepted, OrderRejected
from engine.domain.number import Nanos
from engine.domain.order import Reason, Side
from engine.portfolio.equity import DAY
from engine.profile import Profile
from engine.settings import changed
from tests.engine.adapters.desk import let_pass, market, opened, use_small_market
from tests.engine.adapters.small_market import SYMBOL

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    use_small_market(monkeypatch)


async def lose(running: Engine) -> None:
    """Pay the spread and two fees."""
    await let_pass(running, 2)
    running.portfolio.mark()
    for side in (Side.BUY, Side.SELL):
        assert isinstance(await running.orders.submit(market(running, side)), OrderAccepted)
    running.portfolio.mark()


async def valued(running: Engine) -> None:
    """Value the account, and wait until what that sets going is durable."""
    running.portfolio.mark()
    await asyncio.sleep(0)
    await durable(running.venue.record([]))


async def limited(running: Engine, rule: str, on_breach: str, limit: float = 0.01) -> None:
    settings = changed(running.settings, f"risk.{rule}", Decimal(str(limit)))
    await running.apply(changed(settings, "risk.on_breach", on_breach))


async def test_the_days_profit_and_where_it_comes_from_outlast_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await lose(running)
        pnl, told = running.portfolio.day_pnl(), running.portfolio.explain_day()
    async with opened(tmp_path) as running:
        await running.market_data.start()
        running.portfolio.mark()

        assert pnl < 0
        assert running.portfolio.day_pnl() == pnl
        assert running.portfolio.explain_day().total.amount == told.total.amount == pnl


@pytest.mark.parametrize("rule", ["max_daily_loss", "max_drawdown"])
async def test_a_limit_on_losses_holds_after_a_restart(tmp_path: Path, rule: str) -> None:
    async with opened(tmp_path) as running:
        await limited(running, rule, "refuse")
        await lose(running)
    async with opened(tmp_path) as running:
        await running.market_data.start()
        running.portfolio.mark()
        answer = await running.orders.submit(market(running, Side.BUY))

        assert isinstance(answer, OrderRejected)
        assert answer.reason is Reason.LIMIT_EXCEEDED


async def test_who_resumed_after_a_breach_is_not_stopped_by_the_same_one_after_a_restart(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await limited(running, "max_daily_loss", "halt")
        await lose(running)
        await valued(running)
        assert running.gate.state is TradingState.HALTED
        assert running.kill_switch.last is not None
        assert running.kill_switch.last.breach is not None
        await running.set_trading_state(TradingState.ACTIVE, "I know")
    async with opened(tmp_path) as running:
        await running.market_data.start()
        await valued(running)
        assert running.gate.state is TradingState.ACTIVE

        await limited(running, "max_drawdown", "halt")
        await let_pass(running, 1)
        await valued(running)
        stopped = running.gate.state

    assert [stopped, *(each.rule for each in past_of(Profile(tmp_path)).breaches)] == [
        TradingState.HALTED,
        "max_daily_loss",
        "max_drawdown",
    ]


@pytest.mark.no_cover
async def test_what_has_no_price_yet_after_a_restart_is_no_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # a recording, whose first price comes with its first print
    async with opened(tmp_path, market="replay") as running:
        await limited(running, "max_daily_loss", "halt", 1_000)
        await let_pass(running, 3)
        running.portfolio.mark()
        assert isinstance(await running.orders.submit(market(running, Side.BUY, 10_000)), OrderAccepted)
        await let_pass(running, 2)
        await valued(running)
        assert running.gate.state is TradingState.ACTIVE
    async with opened(tmp_path) as running:
        await running.market_data.start()
        running.market_data._market(SYMBOL).last = None
        running.market_data._market(SYMBOL).buckets.clear()
        running.portfolio._stale = True
        await valued(running)
        unpriced = running.portfolio.worth().prices.get(SYMBOL), running.portfolio.day_pnl(), running.gate.state
        await let_pass(running, 5)
        await valued(running)

        assert unpriced == (None, 0, TradingState.ACTIVE)
        assert running.portfolio.worth().prices[SYMBOL]
        assert running.gate.state is TradingState.ACTIVE


async def test_a_best_value_of_other_prices_is_not_found_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await lose(running)
        await running.runner.jump(Nanos(running.feed.now + DAY // 48))
    past = past_of(Profile(tmp_path))

    assert past.days
    assert past.highs == {}


async def test_a_best_value_that_is_noted_late_does_not_set_the_time_back(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await lose(running)
        [high] = past_of(Profile(tmp_path)).highs.values()
        now = running.feed.now
        running.venue.note(replace(high, at=Nanos(high.at - DAY)))
    past = past_of(Profile(tmp_path))

    assert past.highs[high.account].at == high.at - DAY
    assert past.last_at == now


async def test_another_day_is_opened_anew(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await lose(running)
        tomorrow = running.feed.now + DAY
    async with opened(tmp_path) as running:
        await running.market_data.start()
        await running.runner.jump(Nanos(tomorrow))
        await let_pass(running, 1)
        running.portfolio.mark()

        assert running.portfolio.day_pnl() == 0
    days = [each.at // DAY for each in records(tmp_path) if isinstance(each, DayOpened)]
    assert days == [tomorrow // DAY - 1, tomorrow // DAY]


async def test_the_best_value_is_journaled_when_it_rises_notably_and_at_the_end(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await lose(running)
    highs = [each for each in records(tmp_path) if isinstance(each, DayHigh)]
    openings = [each for each in records(tmp_path) if isinstance(each, DayOpened)]

    assert [each.equity for each in highs] == [each.equity for each in openings]


async def test_a_snapshot_of_the_past_holds_the_day(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await limited(running, "max_daily_loss", "halt")
        await lose(running)
        await valued(running)
    past = past_of(Profile(tmp_path))
    again, _ = Past.load(past.snapshot("0" * 64))

    assert again.days == past.days != {}
    assert again.highs == past.highs != {}
    assert again.breaches == past.breaches
    [breach] = past.breaches
    account = next(iter(past.days))
    assert breach == Breach(account, "max_daily_loss", breach.limit, past.days[account].at // DAY)
    assert past.trading is TradingState.HALTED
    assert StateCause.BREACH in {getattr(each, "cause", None) for each in records(tmp_path)}


def records(directory: Path) -> list[object]:
    """Return everything that is journaled."""
    with Reader(Profile(directory).database) as reader:
        return [record for _, record in reader.records(0)]
