"""Claims about a running engine: the first run, the next one, accounts, the clock of the market."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from engine.adapters.paper.pace import LOOK_BACK, Pace
from engine.adapters.paper.recovery import How
from engine.adapters.paper.venue import facts_of
from engine.adapters.sql.reader import Reader
from engine.adapters.sql.statement import read_statement
from engine.adapters.sql.verify import verify
from engine.bootstrap import open_engine
from engine.domain.command import CancelOrder
from engine.domain.course import MarketJumped, PaceChanged
from engine.domain.event import BalanceChanged, OrderAccepted, OrderCancelled, OrderFilled, OrderRejected
from engine.domain.market import BookDiff, FeedState, Timeframe
from engine.domain.number import NANOS_PER_SECOND, Nanos
from engine.domain.order import OrderId, Reason, Side
from engine.errors import InvalidInput, InvalidSetting, ProfileInUse, StorageUnavailable, VenueUnavailable
from engine.ports.feed import FeedStateChanged, MarketStatusChanged, TradesPrinted
from engine.ports.journal import JournalEntry, StorageStateChanged
from engine.ports.venue import AccountSelected
from engine.profile import Profile
from engine.settings import Settings, changed, save
from tests.engine.adapters.desk import day_noted, let_pass, limit, market, opened, use_small_market
from tests.engine.adapters.small_market import MIDDLE, START, SYMBOL

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    use_small_market(monkeypatch)


async def test_the_first_run_opens_an_account_with_the_starting_balances(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        assert running.recovery.how is How.FIRST
        assert running.venue.account == "PAPER-1"
        assert running.portfolio.balances()["USDT"].free == 10_000 * 10**18


async def test_a_fill_is_on_the_disk_when_it_is_published(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await let_pass(running, 3)
        seen: list[int] = []

        def look(_: OrderFilled) -> None:
            with Reader(running.profile.database) as reader:
                seen.append(len(reader.table("trade")))

        running.bus.subscribe(OrderFilled, look)
        await running.venue.submit(market(running, Side.BUY))

    assert seen
    assert seen[0] >= 1


async def test_facts_are_published_before_the_answer_in_the_order_of_happening(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await let_pass(running, 3)
        seen: list[object] = []
        for kind in (OrderAccepted, OrderFilled, BalanceChanged):
            running.bus.subscribe(kind, seen.append)
        answer = await running.venue.submit(market(running, Side.BUY))

        assert seen[0] is answer
        kinds = [type(each) for each in seen]
        assert kinds.index(OrderFilled) < kinds.index(BalanceChanged)


async def test_a_repeated_submit_gets_the_first_answer_and_changes_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await day_noted(running)
        order = limit(running, Side.BUY, MIDDLE - 2_000)
        first = await running.venue.submit(order)
        records = running.journal.entries()

        assert await running.venue.submit(order) == first
        assert sum(1 for _ in records) == sum(1 for _ in running.journal.entries())


async def test_orders_can_be_amended_and_cancelled_and_unknown_ones_are_refused(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        order = limit(running, Side.BUY, MIDDLE - 2_000)
        await running.orders.submit(order)
        amended = await running.orders.amend(order.order_id, qty=order.qty * 2)  # type: ignore[arg-type]
        cancelled = await running.orders.cancel(order.order_id)
        again = await running.venue.cancel(CancelOrder(running.venue.account, order.order_id))

    assert not isinstance(amended, OrderRejected)
    assert isinstance(cancelled, OrderCancelled)
    assert isinstance(again, OrderRejected)
    assert again.reason is Reason.UNKNOWN_ORDER


async def test_a_restart_goes_on_with_orders_in_their_queues(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await let_pass(running, 5)
        await running.orders.submit(limit(running, Side.BUY, MIDDLE - 30))
        await running.orders.submit(limit(running, Side.BUY, MIDDLE - 5_000))
        before = running.venue.market.exchange.state_hash()
    async with opened(tmp_path) as running:
        assert running.recovery.how is How.RERUN
        assert running.venue.market.exchange.state_hash() == before
        assert len(running.orders.open()) == 2


async def test_running_again_from_snapshot_and_journal_equals_the_run_that_was_not_interrupted(tmp_path: Path) -> None:
    lived, copied = tmp_path / "lived", tmp_path / "copied"
    async with opened(lived) as running:
        await let_pass(running, 4)
        running.runner.save()
        for i in range(6):
            await running.orders.submit(limit(running, Side.BUY, MIDDLE - 10 * i))
            await running.orders.submit(limit(running, Side.BUY, MIDDLE - 3_000 - i))
            await let_pass(running, 2)
        await running.orders.cancel_last()
        await running.venue.execute([])
        shutil.copytree(lived, copied)
        state = running.venue.market.exchange.state_hash()
        now = running.runner.now
    async with opened(copied) as again:
        assert (again.recovery.how, again.recovery.rerun > 10) == (How.RERUN, True)
        behind = now - again.runner.now
        assert 0 <= behind <= 2 * NANOS_PER_SECOND
        again.runner.market.advance(now)
        assert again.venue.market.exchange.state_hash() == state


async def test_without_a_snapshot_orders_are_seated_and_money_is_what_the_journal_says(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await let_pass(running, 3)
        order = limit(running, Side.BUY, MIDDLE - 5_000)
        await running.orders.submit(order)
        await running.orders.submit(market(running, Side.BUY))
        balances = running.portfolio.balances()
    _forget_snapshots(tmp_path)
    async with opened(tmp_path) as running:
        assert running.recovery.how is How.SEATED
        assert "no snapshot" in running.recovery.text
        assert running.portfolio.balances() == balances
        assert running.venue.market.exchange.balances(running.venue.account) == balances
        assert [each.order_id for each in running.orders.open()] == [order.order_id]
        again = await running.venue.submit(order)
        assert isinstance(again, OrderAccepted)
        assert len(running.orders.open()) == 1


def _forget_snapshots(directory: Path) -> None:
    with closing(sqlite3.connect(directory / "crs.sqlite")) as connection:
        connection.execute("DELETE FROM market_snapshot")
        connection.commit()


async def test_a_refusal_of_the_risk_gate_is_recalled_not_judged_again(tmp_path: Path) -> None:
    settings = changed(Settings(), "risk.max_order_value", "100")
    async with opened(tmp_path) as running:
        await running.apply(settings)
        refused = await running.orders.submit(limit(running, Side.BUY, MIDDLE - 2_000))
        await running.apply(changed(settings, "risk.max_order_value", None))
        taken = await running.orders.submit(limit(running, Side.BUY, MIDDLE - 2_000))
        await running.venue.execute([])
        copy = tmp_path / "copy"
        copy.mkdir()
        _copy(tmp_path / "crs.sqlite", copy / "crs.sqlite")
    assert isinstance(refused, OrderRejected)
    assert refused.reason is Reason.LIMIT_EXCEEDED
    assert isinstance(taken, OrderAccepted)
    async with opened(copy) as running:
        assert running.recovery.how is How.RERUN


def _copy(source: Path, target: Path) -> None:
    from engine.adapters.sql.database import copy_whole

    copy_whole(source, target)


async def test_reset_opens_a_new_account_and_keeps_the_old_one(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await let_pass(running, 2)
        await running.orders.submit(limit(running, Side.BUY, MIDDLE - 5_000))
        await running.orders.submit(market(running, Side.BUY))
        account = await running.reset_account()

        assert (account, running.accounts) == ("PAPER-2", ("PAPER-1", "PAPER-2"))
        assert running.portfolio.balances()["USDT"].total == 10_000 * 10**18
        assert running.orders.open() == []
        assert running.orders.fills() == []
        await running.select_account(running.accounts[0])
        assert len(running.orders.fills()) >= 1
        with pytest.raises(InvalidInput, match="PAPER-9"):
            await running.select_account("PAPER-9")  # type: ignore[arg-type]
    async with opened(tmp_path) as running:
        assert running.venue.account == "PAPER-1"
    with Reader(tmp_path / "crs.sqlite") as reader:
        assert verify(reader).accounts == 2
        assert read_statement(reader, "PAPER-1").fills


async def test_an_account_whose_choice_cannot_be_kept_is_in_use_and_shown_all_the_same(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        first, told = running.venue.account, list[AccountSelected]()
        await running.reset_account()
        running.bus.subscribe(AccountSelected, told.append)
        running.profile.settings_file.write_text("[", "utf-8")

        with pytest.raises(InvalidSetting, match="not valid TOML"):
            await running.select_account(first)

        assert running.venue.account == first
        assert told == [AccountSelected(first)]


async def test_executions_are_counted_once_however_often_their_account_is_chosen(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await let_pass(running, 3)
        first = running.venue.account
        await running.orders.submit(market(running, Side.BUY))
        count = running.orders.fill_count
        second = await running.reset_account()
        assert running.orders.fill_count == 0
        for account in (first, second, first):
            await running.select_account(account)

        assert running.orders.fill_count == count == len(running.orders.fills()) > 0


async def test_what_happens_to_an_account_while_it_is_being_chosen_is_not_missed(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await let_pass(running, 2)
        first = running.venue.account
        order = limit(running, Side.BUY, MIDDLE - 5_000)
        await running.orders.submit(order)
        await running.reset_account()
        late = replace(order, order_id=OrderId("late"))
        async with asyncio.TaskGroup() as group:
            group.create_task(running.select_account(first))
            group.create_task(running.venue.submit(late))

        assert [each.order_id for each in running.orders.open()] == ["late"]
        assert len(running.orders.history()) == 1
        assert len(running.orders.fills()) == running.orders.fill_count == 0


async def test_fees_of_the_settings_are_charged_from_the_next_order_on(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await let_pass(running, 3)
        await running.apply(changed(running.settings, "account.taker_fee", "0"))
        await running.orders.submit(market(running, Side.BUY))

        assert [fill.fee for fill in running.orders.fills()] == [0] * len(running.orders.fills()) != []


async def test_starting_balances_of_an_unknown_asset_are_refused_with_a_sentence(tmp_path: Path) -> None:
    save(changed(Settings(), "account.starting_balances", {"GOLD": "1"}), tmp_path / "settings.toml")

    with pytest.raises(InvalidSetting, match="'GOLD', which is not traded here"):
        await open_engine(Profile(tmp_path))


async def test_an_account_without_money_is_refused(tmp_path: Path) -> None:
    save(changed(Settings(), "account.starting_balances", {"USDT": "0"}), tmp_path / "settings.toml")

    with pytest.raises(InvalidSetting, match="empty"):
        await open_engine(Profile(tmp_path))


async def test_a_second_instance_is_refused_and_named(tmp_path: Path) -> None:
    async with opened(tmp_path):
        with pytest.raises(ProfileInUse, match="process"):
            await open_engine(Profile(tmp_path))
    async with opened(tmp_path):
        pass


async def test_the_market_moves_by_itself_and_shows_prints_and_books(tmp_path: Path) -> None:
    running = await open_engine(Profile(tmp_path), speed=100)
    try:
        seen: dict[type, int] = {TradesPrinted: 0, BookDiff: 0}
        done = asyncio.Event()

        def note(event: object) -> None:
            seen[type(event)] += 1
            if all(seen.values()):
                done.set()

        for kind in seen:
            running.bus.subscribe(kind, note)
        async with asyncio.timeout(20):
            await done.wait()
        assert running.feed.state is FeedState.SYNCED
        assert running.runner.now > START
    finally:
        await running.close()


async def test_the_pace_is_checked_and_said(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        said: list[MarketStatusChanged] = []
        running.bus.subscribe(MarketStatusChanged, said.append)
        running.runner.set_speed(50)
        running.runner.resume()
        with pytest.raises(InvalidInput, match="from 1 to 1000"):
            running.runner.set_speed(0.5)
        with pytest.raises(InvalidInput, match="Pause the market"):
            await running.runner.step()
        running.runner.pause()

        assert [(each.speed, each.paused) for each in said] == [(50, True), (50, False), (50, True)]
        assert running.feed.state is FeedState.PAUSED


async def test_a_jump_cancels_orders_and_resets_the_feed(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        states: list[FeedState] = []
        running.bus.subscribe(FeedStateChanged, lambda event: states.append(event.state))
        await running.orders.submit(limit(running, Side.BUY, MIDDLE - 5_000))
        target = Nanos(START + 3_600 * NANOS_PER_SECOND)
        await running.runner.jump(target)
        await running.venue.execute([])

        assert running.runner.now == target
        assert running.orders.open() == []
        assert FeedState.SNAPSHOT in states
        with pytest.raises(InvalidInput):
            await running.runner.jump(Nanos(0))
    async with opened(tmp_path) as running:
        assert (running.runner.now, running.recovery.how) == (target, How.RERUN)


async def test_a_replay_ends_and_can_be_restarted(tmp_path: Path) -> None:
    async with opened(tmp_path, market="replay", seed=3) as running:
        await let_pass(running, 61)
        assert running.feed.state is FeedState.ENDED
        assert "ended" in running.runner.text
        await running.runner.restart()
        assert running.runner.now == START
        assert running.runner.kind == "replay"


async def test_another_market_keeps_the_money_and_cancels_the_orders(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await let_pass(running, 3)
        await running.orders.submit(limit(running, Side.BUY, MIDDLE - 5_000))
        await running.orders.submit(market(running, Side.BUY))
        total = running.portfolio.balances()["USDT"].total
    async with opened(tmp_path, seed=9) as running:
        assert running.runner.seed == 9
        assert running.portfolio.balances()["USDT"].total == total
        assert running.venue.market.exchange.balances(running.venue.account) == running.portfolio.balances()
        assert running.orders.open() == []
        with pytest.raises(InvalidInput):
            await running.runner.restart_with("real", 1)
    async with opened(tmp_path) as running:
        assert (running.runner.seed, running.recovery.how) == (9, How.RERUN)


async def test_a_kill_between_opening_another_market_and_its_snapshot_loses_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await running.runner.restart_with("simulated", 5)
    with closing(sqlite3.connect(tmp_path / "crs.sqlite")) as connection:
        connection.execute("UPDATE market_snapshot SET seq = 5")
        connection.commit()
    async with opened(tmp_path) as running:
        assert running.recovery.how is How.SEATED
        assert "another market" in running.recovery.text


async def test_while_the_disk_refuses_commands_are_refused_and_the_market_waits(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        running.bus.publish(StorageStateChanged(False, "The disk is full.", Nanos(0)))
        assert running.runner.text == "The disk is full."
        assert running.feed.state is FeedState.PAUSED
        running.journal._failure = StorageUnavailable("The disk is full.")
        with pytest.raises(StorageUnavailable, match="full"):
            await running.venue.submit(limit(running, Side.BUY, MIDDLE))
        running.journal._failure = None
        running.bus.publish(StorageStateChanged(True, "", Nanos(0)))
        assert running.runner.text == "Paused."


async def test_a_closing_venue_takes_nothing_more(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        order = limit(running, Side.BUY, MIDDLE)
    with pytest.raises(VenueUnavailable):
        await running.venue.submit(order)
    await running.close()


async def test_closing_keeps_the_instant_at_which_the_market_stopped(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await let_pass(running, 7)
        now = running.runner.now
    async with opened(tmp_path) as running:
        assert running.runner.now == now


async def test_ids_are_new_in_every_run(tmp_path: Path) -> None:
    ids: set[OrderId] = set()
    for _ in range(3):
        async with opened(tmp_path) as running:
            order = limit(running, Side.BUY, MIDDLE - 5_000)
            assert order.order_id not in ids
            ids.add(order.order_id)
            assert isinstance(await running.orders.submit(order), OrderAccepted)


async def test_the_time_to_a_durable_answer_is_measured(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        await running.orders.submit(limit(running, Side.BUY, MIDDLE - 5_000))
        found = running.metrics()["order_acknowledged_ms"]

    assert isinstance(found, dict)
    assert found["samples"] == 1
    assert found["max"] > 0


async def test_bars_come_from_the_feed(tmp_path: Path) -> None:
    async with opened(tmp_path) as running:
        found = await running.bars.history(SYMBOL, Timeframe.M1, count=10)
        assert len(found) == 10
        with pytest.raises(InvalidInput, match="not in this market"):
            await running.feed.bars("X/Y", Timeframe.M1, end=running.feed.now, count=1)


async def test_changes_of_pace_and_jumps_after_the_snapshot_are_run_again(tmp_path: Path) -> None:
    lived, copied = tmp_path / "lived", tmp_path / "copied"
    async with opened(lived) as running:
        await let_pass(running, 2)
        running.runner.coarse = True
        running.venue.record([PaceChanged(True, running.runner.now)])
        await let_pass(running, 12)
        await running.orders.submit(market(running, Side.BUY))
        at, target = running.runner.now, Nanos(running.runner.now + 600 * NANOS_PER_SECOND)
        facts = facts_of(running.runner.market.jump(target))
        running.venue.record([MarketJumped(target, at), *facts], at)
        running.runner.coarse = False
        running.venue.record([PaceChanged(False, running.runner.now)])
        await let_pass(running, 3)
        await running.orders.submit(limit(running, Side.BUY, MIDDLE - 2_000))
        await running.venue.execute([])
        copied.mkdir()
        _copy(lived / "crs.sqlite", copied / "crs.sqlite")
        state = running.venue.market.exchange.state_hash()
    async with opened(copied) as running:
        assert running.recovery.how is How.RERUN
        assert running.venue.market.exchange.state_hash() == state
        assert running.runner.coarse is False


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE market_snapshot SET data = x'7b7d', digest = ?", "could not be used"),
        ("UPDATE market_snapshot SET seq = 9", "other"),
    ],
)
async def test_a_snapshot_that_does_not_fit_the_journal_is_not_used(tmp_path: Path, change: str, words: str) -> None:
    async with opened(tmp_path) as running:
        await let_pass(running, 3)
        for i in range(4):
            await running.orders.submit(limit(running, Side.BUY, MIDDLE - 5_000 - i))
            running.runner.save()
        balances = running.portfolio.balances()
    with closing(sqlite3.connect(tmp_path / "crs.sqlite")) as connection:
        values = (sha256(b"{}").hexdigest(),) if "?" in change else ()
        connection.execute(change, values)
        connection.execute("DELETE FROM market_snapshot WHERE id < (SELECT max(id) FROM market_snapshot)")
        connection.commit()
    async with opened(tmp_path) as running:
        assert running.recovery.how is How.SEATED
        assert words in running.recovery.text
        assert running.venue.market.exchange.balances(running.venue.account) == balances
        assert len(running.orders.open()) == 4


async def test_a_market_that_would_take_too_long_to_run_again_is_seated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = tmp_path / "copied"
    async with opened(tmp_path / "lived") as running:
        await let_pass(running, 5)
        await running.orders.submit(limit(running, Side.BUY, MIDDLE - 5_000))
        copied.mkdir()
        _copy(tmp_path / "lived" / "crs.sqlite", copied / "crs.sqlite")
    monkeypatch.setattr("engine.adapters.paper.recovery.RERUN_BUDGET_S", -1.0)
    async with opened(copied) as running:
        assert running.recovery.how is How.SEATED
        assert "too much market time" in running.recovery.text


def test_the_pace_learns_and_has_inertia() -> None:
    pace = Pace()
    assert not pace.wants_coarse(False, 1000)
    pace.learn(False, 0, 1.0)
    pace.learn(False, NANOS_PER_SECOND, 0.01)

    assert [pace.wants_coarse(False, speed) for speed in (1, 40, 50)] == [False, False, True]
    assert [pace.wants_coarse(True, speed) for speed in (20, 30)] == [False, True]
    pace.learn(False, NANOS_PER_SECOND, 0.02)
    assert pace.wants_coarse(False, 40)


def test_the_speed_reached_is_said_only_when_it_is_clearly_below_the_asked_one() -> None:
    pace = Pace()
    for _ in range(LOOK_BACK - 1):
        pace.passed(0.1, 74 * NANOS_PER_SECOND)
    assert pace.behind(1000) is None  # too early to say
    pace.passed(0.1, 74 * NANOS_PER_SECOND)

    assert pace.behind(1000) == 740
    assert pace.behind(770) is None
    pace.start_over()
    assert pace.behind(1000) is None


async def test_a_machine_that_cannot_keep_up_says_at_which_speed_the_market_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = await open_engine(Profile(tmp_path))
    try:
        said: asyncio.Queue[MarketStatusChanged] = asyncio.Queue()
        running.bus.subscribe(MarketStatusChanged, said.put_nowait)
        monkeypatch.setattr("engine.adapters.paper.runner.WORK_S", -1.0)  # no time but for one turn
        monkeypatch.setattr("engine.adapters.paper.runner.TURN_S", -1.0)
        running.runner.set_speed(1000)
        async with asyncio.timeout(20):
            while "cannot keep up" not in (text := (await said.get()).text):
                pass
        assert text.endswith("not 1,000.")
        running.runner.set_speed(1)
        assert "cannot keep up" not in running.runner.text
    finally:
        await running.close()


async def test_a_speed_beyond_full_flow_changes_to_coarse_steps_and_back_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.adapters.paper.runner.SNAPSHOT_S", 0.0)
    running = await open_engine(Profile(tmp_path))
    try:
        said: asyncio.Queue[MarketStatusChanged] = asyncio.Queue()
        running.bus.subscribe(MarketStatusChanged, said.put_nowait)
        running.runner._pace.learn(False, NANOS_PER_SECOND, 0.01)
        running.runner.set_speed(500)
        async with asyncio.timeout(20):
            while not (await said.get()).coarse:
                pass
        assert "coarse" in running.runner.text
        running.runner.set_speed(1)
        async with asyncio.timeout(20):
            while (await said.get()).coarse:
                pass
    finally:
        await running.close()
    kinds = [entry.kind for entry in journaled(tmp_path)]
    assert kinds.count("PaceChanged") == 2


def journaled(directory: Path) -> list[JournalEntry]:
    with Reader(directory / "crs.sqlite") as reader:
        return list(reader.entries())
