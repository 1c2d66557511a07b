"""The kill switch as a person means it, on the real venue: cancelled, sold, halted; and what a bad disk delays."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import verify
from engine.domain.command import SubmitList
from engine.domain.course import StateCause, TradingState, TradingStateChanged
from engine.domain.event import OrderAccepted
from engine.domain.market import FeedState
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import ListKind, Side
from engine.errors import InvalidInput
from engine.ports.feed import FeedStateChanged
from engine.services.emergency import Kill, KillFinished
from engine.services.portfolio import EquityChanged
from engine.settings import changed
from tests.engine.adapters.desk import let_pass, limit, market, opened, use_small_market
from tests.engine.adapters.small_market import MIDDLE

pytestmark = pytest.mark.integration

LOW = MIDDLE - 5_000


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    use_small_market(monkeypatch)


async def test_flattening_cancels_sells_what_is_held_in_every_account_and_halts(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        first = running.venue.account
        await let_pass(running, 1)
        await running.orders.submit(market(running, Side.BUY, 300))
        await running.orders.submit(limit(running, Side.BUY, LOW))
        await running.reset_account()
        await running.orders.submit(market(running, Side.BUY, 200))
        await running.orders.submit(limit(running, Side.SELL, MIDDLE + 5_000, 150))

        report = await running.kill("enough", Kill.FLATTEN)

        assert report.cancelled == 1  # the first account's bid went when the second was opened
        assert {(each.account, each.wanted, each.sold, each.refusal) for each in report.sold} == {
            (first, 300, 300, ""),
            (running.venue.account, 200, 200, ""),
        }
        assert all(each.notional > 0 for each in report.sold)
        assert running.gate.state is TradingState.HALTED
        for account in running.accounts:
            assert running.venue.fold.orders(account) == []
            assert running.venue.fold.balances(account)["BTC"].total == 0
        assert running.kill_switch.last is not None
        assert running.kill_switch.last.reason == "enough"
    with Reader(tmp_path / "crs.sqlite") as reader:
        verify(reader)


async def test_the_default_cancels_and_leaves_what_is_held(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await let_pass(running, 1)
        await running.orders.submit(market(running, Side.BUY, 300))
        await running.orders.submit(limit(running, Side.BUY, LOW))

        report = await running.kill()

        assert (report.kill, report.cancelled, report.sold, report.waits) == (Kill.CANCEL, 1, [], "")
        assert running.venue.fold.balances(running.venue.account)["BTC"].total > 0


async def test_halting_only_leaves_working_orders(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await running.orders.submit(limit(running, Side.BUY, LOW))
        await running.kill(kill=Kill.HALT)

        assert len(running.orders.open()) == 1
        assert running.gate.state is TradingState.HALTED


async def test_what_a_refusing_disk_delays_is_done_by_itself_when_it_allows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.adapters.sql.database.BUSY_MS", 50)
    async with opened(tmp_path) as running:
        await running.orders.submit(limit(running, Side.BUY, LOW))
        done: asyncio.Future[KillFinished] = asyncio.get_running_loop().create_future()
        running.bus.subscribe(KillFinished, done.set_result)
        with closing(sqlite3.connect(tmp_path / "crs.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            report = await running.kill()
            assert report.waits
            assert running.emergency.waits
            assert running.gate.state is TradingState.HALTED
            assert len(running.orders.open()) == 1
            other.execute("ROLLBACK")
        finished = await asyncio.wait_for(done, 20)

        assert (finished.report.cancelled, finished.report.waits, running.emergency.waits) == (1, "", False)
        assert running.orders.open() == []


@pytest.mark.parametrize(("word", "state"), [("reduce", TradingState.REDUCING), ("halt", TradingState.HALTED)])
async def test_a_loss_beyond_its_limit_changes_the_state_with_its_figures_as_the_reason(
    tmp_path: Path, word: str, state: TradingState
) -> None:
    async with opened(tmp_path) as running:
        settings = changed(changed(running.settings, "risk.on_breach", word), "risk.max_daily_loss", "500")
        await running.apply(settings)
        told: asyncio.Future[TradingStateChanged] = asyncio.get_running_loop().create_future()
        running.bus.subscribe(TradingStateChanged, told.set_result)
        quote = running.venue.pairs()[0].quote
        running.bus.publish(EquityChanged(quote.units(Decimal(9_500)), quote.units(Decimal(-500)), running.feed.now))
        await asyncio.wait_for(told, 10)

        assert running.kill_switch.last is not None
        assert (running.gate.state, running.kill_switch.last.cause) == (state, StateCause.BREACH)
        assert running.kill_switch.last.reason == "500 USDT lost today, the limit is 500."
    async with opened(tmp_path) as running:
        assert running.gate.state is state
        if state is TradingState.HALTED:
            with pytest.raises(InvalidInput, match="why you go on"):
                await running.set_trading_state(TradingState.ACTIVE)
        await running.set_trading_state(TradingState.ACTIVE, "I know why")
        assert isinstance(await running.orders.submit(limit(running, Side.BUY, LOW)), OrderAccepted)


async def test_a_breach_that_only_refuses_changes_no_state(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await running.apply(changed(running.settings, "risk.max_daily_loss", "500"))
        quote = running.venue.pairs()[0].quote
        running.bus.publish(EquityChanged(quote.units(Decimal(9_500)), quote.units(Decimal(-500)), running.feed.now))
        answer = await running.orders.submit(limit(running, Side.BUY, LOW))

        assert running.gate.state is TradingState.ACTIVE
        assert getattr(answer, "text", "").startswith("Not sent: you lost 500 USDT today")


@pytest.mark.parametrize("then", ["cancel", "reduce"])
async def test_silence_takes_the_orders_out_and_by_choice_lets_only_reducing_ones_pass(
    tmp_path: Path, then: str
) -> None:
    async with opened(tmp_path) as running:
        await running.orders.submit(limit(running, Side.BUY, LOW))
        await running.apply(changed(running.settings, "risk.dead_man_then", then))

        await running.on_silence()

        assert running.orders.open() == []
        assert running.gate.state is (TradingState.REDUCING if then == "reduce" else TradingState.ACTIVE)


async def test_the_order_rate_counts_a_minute_of_market_time(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await running.apply(changed(running.settings, "risk.max_orders_per_minute", 2))
        answers = [await running.orders.submit(limit(running, Side.BUY, LOW + i)) for i in range(3)]
        await let_pass(running, 61)
        answers.append(await running.orders.submit(limit(running, Side.BUY, LOW + 9)))

        assert [isinstance(answer, OrderAccepted) for answer in answers] == [True, True, False, True]
        assert "2 orders were taken in the last minute, your limit is 2." in getattr(answers[2], "text", "")


async def test_a_weaker_wish_does_not_replace_a_stronger_one_that_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.adapters.sql.database.BUSY_MS", 50)
    async with opened(tmp_path) as running:
        await let_pass(running, 1)
        await running.orders.submit(market(running, Side.BUY, 300))
        done: asyncio.Future[KillFinished] = asyncio.get_running_loop().create_future()
        running.bus.subscribe(KillFinished, done.set_result)
        with closing(sqlite3.connect(tmp_path / "crs.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            await running.kill("all of it", Kill.FLATTEN)
            await running.kill("only this", Kill.HALT)
            assert running.gate.state is TradingState.HALTED
            other.execute("ROLLBACK")
        finished = await asyncio.wait_for(done, 20)

        assert [each.sold for each in finished.report.sold] == [300]
        assert running.venue.fold.balances(running.venue.account)["BTC"].total == 0


async def test_flattening_after_a_halt_by_a_breach_needs_no_reason_and_loosens_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await let_pass(running, 1)
        await running.orders.submit(market(running, Side.BUY, 300))
        await running.kill_switch.set(TradingState.HALTED, "a loss", StateCause.BREACH)
        states: list[TradingState] = []
        running.bus.subscribe(TradingStateChanged, lambda change: states.append(change.state))

        report = await running.kill(kill=Kill.FLATTEN)

        assert [each.sold for each in report.sold] == [300]
        assert states == []
        assert running.kill_switch.needs_reason(TradingState.ACTIVE)


async def test_who_resumed_after_a_breach_is_not_stopped_again_by_the_same_one(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        settings = changed(changed(running.settings, "risk.on_breach", "halt"), "risk.max_drawdown", "100")
        await running.apply(settings)
        quote = running.venue.pairs()[0].quote
        changes: list[TradingStateChanged] = []
        running.bus.subscribe(TradingStateChanged, changes.append)

        async def valued(equity: int) -> None:
            running.bus.publish(EquityChanged(quote.units(Decimal(equity)), quote.units(Decimal(0)), running.feed.now))
            await asyncio.sleep(0.1)

        await valued(10_000_000)
        await valued(9_999_900)
        await running.set_trading_state(TradingState.ACTIVE, "I know why")
        await valued(9_999_800)

        assert [(each.state, each.cause) for each in changes] == [
            (TradingState.HALTED, StateCause.BREACH),
            (TradingState.ACTIVE, StateCause.USER),
        ]


async def test_the_best_value_of_another_market_is_no_drawdown(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        quote, account = running.venue.pairs()[0].quote, running.venue.account

        def valued(equity: int) -> int | None:
            units = quote.units(Decimal(equity))
            running.bus.publish(EquityChanged(units, quote.units(Decimal(0)), running.feed.now))
            return running.gate.standing[account].drawdown

        assert valued(20_000_000) == 0
        assert valued(19_999_000) == quote.units(Decimal(1_000))
        running.bus.publish(FeedStateChanged(FeedState.SNAPSHOT, "another market", running.feed.now))
        assert valued(19_999_000) == 0


async def test_a_kill_that_the_venue_cannot_carry_out_stays_a_wish(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await running.orders.submit(limit(running, Side.BUY, LOW))
        running.venue.close()

        report = await running.kill()

        assert "closing" in report.waits
        assert running.emergency.waits
        assert running.gate.state is TradingState.HALTED


async def test_row_31_an_order_after_a_long_sleep_finds_the_dead_mans_switch_fired_first(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await running.orders.submit(limit(running, Side.BUY, LOW))
        now = [0]
        running.dead_man._elapsed = lambda: Nanos(now[0])
        running.dead_man.arm(20)
        now[0] = 8 * 3_600 * NANOS_PER_SECOND

        await running.orders.submit(limit(running, Side.BUY, LOW + 1))

        assert [order.price for order in running.orders.open()] == [LOW + 1]
        assert running.dead_man.fired


async def test_a_list_counts_whole_against_the_limit_on_open_orders(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await running.apply(changed(running.settings, "risk.max_open_orders", 1))
        legs = limit(running, Side.BUY, LOW), limit(running, Side.BUY, LOW + 1)
        answer = await running.orders.submit_list(
            SubmitList(running.venue.account, running.orders.new_id(), ListKind.OTO, legs)
        )

        assert getattr(answer, "text", "").startswith("Not sent: 1 orders are open, your limit is 1.")
