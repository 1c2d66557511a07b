"""Claims about the kill switch of a profile: it is found as it was left, and stopping never waits for the disk."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.adapters.paper.recovery import How
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.verify import verify
from engine.bootstrap import open_engine
from engine.cli.__main__ import main
from engine.domain.course import TradingState, TradingStateChanged
from engine.domain.event import OrderAccepted, OrderRejected
from engine.domain.order import Reason, Side
from engine.errors import StorageUnavailable
from engine.ports.journal import StorageStateChanged
from engine.profile import Profile
from tests.engine.adapters.desk import day_noted, limit, market, opened, use_small_market
from tests.engine.adapters.small_market import MIDDLE

pytestmark = pytest.mark.integration

LOW = MIDDLE - 5_000


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    use_small_market(monkeypatch)


@pytest.mark.parametrize("state", [TradingState.HALTED, TradingState.REDUCING])
async def test_a_restart_finds_the_state_as_it_was_left(tmp_path: Path, state: TradingState) -> None:
    async with opened(tmp_path) as running:
        await running.set_trading_state(state, "enough for today")
    async with opened(tmp_path) as running:
        assert running.gate.state is state
        answer = await running.orders.submit(market(running, Side.BUY))
        assert isinstance(answer, OrderRejected)
        assert answer.reason is Reason.HALTED
        await running.set_trading_state(TradingState.ACTIVE)
    async with opened(tmp_path) as running:
        assert running.gate.state is TradingState.ACTIVE


async def test_running_again_refuses_what_was_refused_and_takes_what_was_taken(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        running.runner.save()
        answers = [await running.orders.submit(limit(running, Side.BUY, LOW))]
        await running.set_trading_state(TradingState.HALTED)
        answers.append(await running.orders.submit(limit(running, Side.BUY, LOW + 1)))
        await running.set_trading_state(TradingState.ACTIVE)
        answers.append(await running.orders.submit(limit(running, Side.BUY, LOW + 2)))
        await running.set_trading_state(TradingState.HALTED)
        kinds = [type(answer) for answer in answers]
        copied = Profile(tmp_path / "copied")
        copied.create()
        with closing(sqlite3.connect(tmp_path / "crs.sqlite")) as here, closing(sqlite3.connect(copied.database)) as to:
            here.backup(to)  # as it is on the disk now: killed here, it would be recovered from this

        recovered = await open_engine(copied)
        try:
            assert kinds == [OrderAccepted, OrderRejected, OrderAccepted]
            assert recovered.recovery.how is How.RERUN
            assert recovered.recovery.rerun >= 6
            assert recovered.gate.state is TradingState.HALTED
            open_ids = {order.order_id for order in recovered.orders.open()}
            assert open_ids == {order.order_id for order in running.orders.open()}
        finally:
            await recovered.close()


async def test_halting_holds_at_once_when_the_disk_refuses_and_is_written_when_it_no_longer_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.adapters.sql.database.BUSY_MS", 50)
    async with opened(tmp_path) as running:
        states: list[bool] = []
        running.bus.subscribe(StorageStateChanged, lambda event: states.append(event.ok))
        written: list[TradingStateChanged] = []
        running.bus.subscribe(TradingStateChanged, written.append)
        with closing(sqlite3.connect(tmp_path / "crs.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(StorageUnavailable):
                await running.set_trading_state(TradingState.HALTED, "panic")
            assert running.gate.state is TradingState.HALTED
            with pytest.raises(StorageUnavailable):
                await running.set_trading_state(TradingState.ACTIVE)
            assert running.gate.state is TradingState.HALTED
            other.execute("ROLLBACK")
        # the next change waits for the one that was kept
        while running.journal.failure is not None:
            await _moment()
        await running.set_trading_state(TradingState.REDUCING)

        assert [change.state for change in written] == [TradingState.HALTED, TradingState.REDUCING]
        assert str(running.gate.state) == "reducing"
    with Reader(tmp_path / "crs.sqlite") as reader:
        verify(reader)


async def test_a_resume_that_a_halt_overtook_does_not_resume(tmp_path: Path) -> None:
    import asyncio

    async with opened(tmp_path) as running:
        await running.set_trading_state(TradingState.HALTED)
        states: list[TradingState] = []
        running.bus.subscribe(TradingStateChanged, lambda _: states.append(running.gate.state))
        async with asyncio.TaskGroup() as group:
            group.create_task(running.set_trading_state(TradingState.ACTIVE))
            group.create_task(running.set_trading_state(TradingState.HALTED))

        assert states == [TradingState.HALTED, TradingState.HALTED]
    async with opened(tmp_path) as running:
        assert running.gate.state is TradingState.HALTED


async def test_setting_the_same_state_again_writes_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await day_noted(running)
        before = sum(1 for _ in running.journal.entries())
        await running.set_trading_state(TradingState.ACTIVE)
        assert sum(1 for _ in running.journal.entries()) == before


async def test_every_order_of_every_account_can_be_cancelled_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        first = running.venue.account
        await running.reset_account()
        await running.orders.submit(limit(running, Side.BUY, LOW))
        await running.select_account(first)
        await running.orders.submit(limit(running, Side.BUY, LOW))

        assert await running.cancel_everywhere() == 2
        assert not any(running.venue.market.exchange.open_orders(account) for account in running.accounts)


async def test_the_account_command_says_whether_trading_is_halted_and_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(tmp_path) as running:
        assert main(["account", "--profile-dir", str(tmp_path)]) == 0
        assert "Trading: active" in capsys.readouterr().out
        await running.set_trading_state(TradingState.HALTED, "lost the plot")
        assert main(["account", "--profile-dir", str(tmp_path)]) == 0

    said = capsys.readouterr().out
    assert "Trading: halted, since " in said
    assert said.splitlines()[1].endswith("lost the plot")
    with Reader(tmp_path / "crs.sqlite") as reader:
        row = next(each for each in reader.table("audit_log") if each["action"] == "TradingStateChanged")
    assert (row["subject"], row["text"]) == ("halted", "lost the plot")


async def _moment() -> None:
    import asyncio

    await asyncio.sleep(0.02)
