"""Commands that travel to the replayed exchange: answered when durable, never lost, the same after a crash."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.paper.past import Past, read_past
from engine.adapters.paper.recovery import How
from engine.adapters.paper.venue import durable
from engine.adapters.sql import journal as journal_module
from engine.adapters.sql.reader import Reader
from engine.bootstrap import Engine
from engine.domain.command import AmendOrder, CancelOrder, SubmitList, SubmitOrder
from engine.domain.event import OrderAccepted, OrderAmended, OrderCancelled, OrderRejected
from engine.domain.number import Lots, Ticks
from engine.domain.order import ListKind, OrderId, OrderType, Reason, Side
from engine.errors import StorageUnavailable
from engine.ports.journal import StorageStateChanged
from engine.ports.venue import ListAccepted
from engine.services.latency import PROFILES, latency_of
from engine.settings import Settings, changed
from tests.engine.adapters.desk import let_pass, opened

pytestmark = pytest.mark.integration
SYMBOL, MS = "BTC/USDT", 1_000_000


def order(running: Engine, name: str, *, away: int | None = 1_000, qty: int = 1_000) -> SubmitOrder:
    """A buy: so many ticks under the bid, or at the market."""
    bid = running.venue.market.exchange.book(SYMBOL).best_bid
    assert bid is not None
    return SubmitOrder(
        account=running.venue.account,
        order_id=OrderId(name),
        symbol=SYMBOL,
        side=Side.BUY,
        order_type=OrderType.MARKET if away is None else OrderType.LIMIT,
        qty=Lots(qty),
        price=None if away is None else Ticks(bid - away),
    )


def hold_back(running: Engine) -> None:
    """Let nobody move the market for what is under way."""
    running.venue.on_sent = lambda: None


async def sent(running: Engine, command: SubmitOrder | SubmitList) -> asyncio.Task[Any]:
    """Send a command and return the task that waits for its answer, once the command is on the disk."""
    venue, known = running.venue, len(running.venue.market.line.under_way)
    task = asyncio.create_task(
        venue.submit(command) if isinstance(command, SubmitOrder) else venue.submit_list(command)
    )
    await asyncio.sleep(0)  # it starts
    assert len(venue.market.line.under_way) == known + 1
    await durable(venue.record([]))
    return task


def copied(directory: Path, to: Path) -> Path:
    """Copy a database as a crash at this instant would leave it."""
    to.mkdir()
    with (
        closing(sqlite3.connect(directory / "crs.sqlite")) as source,
        closing(sqlite3.connect(to / "crs.sqlite")) as copy,
    ):
        source.backup(copy)
    return to


def past_of(directory: Path) -> Past:
    with Reader(directory / "crs.sqlite") as reader:
        return read_past(reader)


def count(directory: Path, kind: str) -> int:
    with Reader(directory / "crs.sqlite") as reader:
        return sum(entry.kind == kind for entry in reader.entries())


async def test_an_order_is_answered_when_it_has_arrived_and_a_paused_market_moves_just_so_far(tmp_path: Path) -> None:
    async with opened(tmp_path, market="replay") as running:
        at = running.runner.now

        answer = await running.venue.submit(order(running, "a"))

        assert isinstance(answer, OrderAccepted)
        assert 60 * MS <= answer.at - at < 60 * MS + 17 * 15 * MS
        assert running.runner.now == answer.at
        assert isinstance(await running.venue.submit(order(running, "a")), OrderAccepted)
        assert running.runner.now == answer.at


async def test_cancels_amendments_and_lists_travel_too(tmp_path: Path) -> None:
    async with opened(tmp_path, market="replay") as running:
        account = running.venue.account
        await running.venue.submit(order(running, "a"))
        at = running.runner.now
        amended = await running.venue.amend(AmendOrder(account=account, order_id=OrderId("a"), qty=Lots(900)))
        assert isinstance(amended, OrderAmended)
        cancelled = await running.venue.cancel(CancelOrder(account, OrderId("a")))
        assert isinstance(cancelled, OrderCancelled)
        legs = (order(running, "b"), replace(order(running, "c"), side=Side.SELL))
        accepted = await running.venue.submit_list(SubmitList(account, OrderId("L"), ListKind.OTO, legs))
        assert isinstance(accepted, ListAccepted)

        assert at < amended.at < cancelled.at < accepted.orders[0].at
        again = await running.venue.submit_list(SubmitList(account, OrderId("L"), ListKind.OTO, legs))
        assert again == accepted


async def test_a_repeat_on_the_way_waits_for_the_first_and_another_order_under_its_id_is_refused(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path, market="replay") as running:
        hold_back(running)
        first = await sent(running, order(running, "a"))
        repeat = asyncio.create_task(running.venue.submit(order(running, "a")))
        other = await sent(running, order(running, "a", qty=2_000))
        assert len(running.venue.market.line.under_way) == 2
        await let_pass(running, 1)

        answers = await asyncio.gather(first, repeat)
        assert isinstance(answers[0], OrderAccepted)
        assert answers[0] == answers[1]
        refused = await other
        assert isinstance(refused, OrderRejected)
        assert refused.reason is Reason.DUPLICATE_ID
    assert count(tmp_path, "SubmitOrder") == 2
    assert past_of(tmp_path).under_way == []


async def test_who_gives_up_waiting_changes_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path, market="replay") as running:
        hold_back(running)
        first = await sent(running, order(running, "a"))
        first.cancel()
        await asyncio.sleep(0)
        repeat = asyncio.create_task(running.venue.submit(order(running, "a")))
        await asyncio.sleep(0.05)
        await let_pass(running, 1)

        assert isinstance(await repeat, OrderAccepted)
        assert [each.order_id for each in running.orders.open()] == ["a"]


async def test_pausing_lets_what_is_under_way_arrive(tmp_path: Path) -> None:
    async with opened(tmp_path, market="replay") as running:
        hold_back(running)
        waiting = await sent(running, order(running, "a"))

        running.runner.pause()

        assert isinstance(await waiting, OrderAccepted)


async def test_a_running_market_answers_as_its_time_passes(tmp_path: Path) -> None:
    async with opened(tmp_path, market="replay") as running:
        running.runner.resume()
        answer = await running.venue.submit(order(running, "a", away=None))

        assert isinstance(answer, OrderAccepted)


@pytest.mark.no_cover
async def test_when_the_recording_has_ended_commands_are_carried_out_at_its_end(tmp_path: Path) -> None:
    async with opened(tmp_path, market="replay") as running:
        end = running.runner.market.end
        assert end is not None
        await running.runner.jump(end)

        answer = await running.venue.submit(order(running, "a"))

        assert isinstance(answer, OrderAccepted)
        assert answer.at == end


@pytest.mark.no_cover
async def test_a_jump_and_another_market_answer_what_is_under_way_first(tmp_path: Path) -> None:
    async with opened(tmp_path, market="replay") as running:
        hold_back(running)
        first = await sent(running, order(running, "a"))
        await running.runner.jump(running.runner.market.start)
        second = await sent(running, order(running, "b"))
        await running.runner.restart()

        assert isinstance(await first, OrderAccepted)
        assert isinstance(await second, OrderAccepted)
        assert running.orders.open() == []
        assert running.venue.market.line.latency is not None


async def test_closing_answers_what_is_under_way(tmp_path: Path) -> None:
    async with opened(tmp_path, market="replay") as running:
        hold_back(running)
        waiting = await sent(running, order(running, "a"))
    assert isinstance(await waiting, OrderAccepted)
    assert past_of(tmp_path).under_way == []


@pytest.mark.no_cover
async def test_after_a_crash_what_was_under_way_arrives_when_it_would_have(tmp_path: Path) -> None:
    async with opened(tmp_path / "one", market="replay") as running:
        await running.venue.submit(order(running, "maker", away=0, qty=3_000))
        running.runner.save()
        await let_pass(running, 2)
        hold_back(running)
        await sent(running, order(running, "a", away=None))
        legs = (order(running, "l1"), replace(order(running, "l2"), side=Side.SELL))
        await sent(running, SubmitList(running.venue.account, OrderId("L"), ListKind.OTO, legs))
        crashed = copied(tmp_path / "one", tmp_path / "two")
        await let_pass(running, 1)
        await durable(running.venue.record([]))
        facts = [fact for fact in running.orders.fills() if fact.order_id == "a"]
        hash_one, now = running.venue.market.exchange.state_hash(), running.runner.now

    async with opened(crashed) as again:
        assert again.recovery.how is How.RERUN
        assert "2 sent but not arrived yet" in again.recovery.text
        await again.runner.step()
        await durable(again.venue.record([]))

        assert again.runner.now == now
        assert [fact for fact in again.orders.fills() if fact.order_id == "a"] == facts != []
        assert again.venue.market.exchange.state_hash() == hash_one


@pytest.mark.no_cover
async def test_a_crash_right_after_a_snapshot_with_commands_under_way_is_run_again(tmp_path: Path) -> None:
    async with opened(tmp_path / "one", market="replay") as running:
        hold_back(running)
        await sent(running, order(running, "a"))
        running.runner.save()
        await let_pass(running, 1)
        await durable(running.venue.record([]))
        crashed = copied(tmp_path / "one", tmp_path / "two")

    async with opened(crashed) as again:
        assert again.recovery.how is How.RERUN
        assert [each.order_id for each in again.orders.open()] == ["a"]


@pytest.mark.no_cover
async def test_without_a_snapshot_what_never_arrived_is_named_and_can_be_sent_again(tmp_path: Path) -> None:
    async with opened(tmp_path / "one", market="replay") as running:
        hold_back(running)
        command = order(running, "a")
        await sent(running, command)
        crashed = copied(tmp_path / "one", tmp_path / "two")
    with closing(sqlite3.connect(crashed / "crs.sqlite")) as connection:
        connection.execute("DELETE FROM market_snapshot")
        connection.commit()

    async with opened(crashed) as again:
        assert again.recovery.how is How.SEATED
        assert "never acknowledged: a." in again.recovery.text
        assert isinstance(await again.venue.submit(command), OrderAccepted)
        again.runner.save()
    assert past_of(crashed).under_way == []


@pytest.mark.no_cover
async def test_what_the_risk_gate_refused_on_arrival_is_refused_again_when_run_again(tmp_path: Path) -> None:
    async with opened(tmp_path / "one", market="replay") as running:
        await running.apply(changed(running.settings, "risk.max_open_orders", 2))
        running.runner.save()
        for name in ("a", "b", "c"):
            await running.venue.submit(order(running, name))
        legs = (order(running, "l1"), replace(order(running, "l2"), side=Side.SELL))
        refused = await running.venue.submit_list(SubmitList(running.venue.account, OrderId("L"), ListKind.OTO, legs))
        assert isinstance(refused, OrderRejected)
        crashed = copied(tmp_path / "one", tmp_path / "two")

    async with opened(crashed) as again:
        assert again.recovery.how is How.RERUN
        assert len(again.orders.open()) == 2


@pytest.mark.no_cover
async def test_the_setting_takes_effect_at_once_and_is_found_again(tmp_path: Path) -> None:
    async with opened(tmp_path / "one", market="replay") as running:
        at = running.runner.now
        await running.apply(changed(running.settings, "market.latency", "off"))
        answer = await running.venue.submit(order(running, "a", away=None))
        assert isinstance(answer, OrderAccepted)
        assert answer.at == at
        await running.apply(changed(running.settings, "market.latency", "data-centre"))
        answer = await running.venue.submit(order(running, "b", away=None))
        assert isinstance(answer, OrderAccepted)
        assert 0 < answer.at - at < 10 * MS
        crashed = copied(tmp_path / "one", tmp_path / "two")
    (crashed / "settings.toml").write_text((tmp_path / "one" / "settings.toml").read_text())

    async with opened(crashed) as again:
        assert again.recovery.how is How.RERUN
        assert again.venue.market.line.latency == replace(PROFILES["data-centre"], seed=again.runner.seed)


async def test_the_simulated_market_has_no_latency(tmp_path: Path) -> None:
    async with opened(tmp_path, market="simulated") as running:
        assert running.venue.market.line.latency is None


def test_the_latency_of_the_settings_is_a_profile_or_ones_own_times() -> None:
    custom = Settings()
    for name, value in (
        ("", "custom"),
        ("_submit_ms", 1.5),
        ("_cancel_ms", 2.0),
        ("_amend_ms", 3.0),
        ("_tail_ms", 0.25),
    ):
        custom = changed(custom, f"market.latency{name}", value)

    assert latency_of(changed(Settings(), "market.latency", "off")) is None
    assert latency_of(Settings()) == PROFILES["home"]
    latency = latency_of(custom)
    assert latency is not None
    assert (latency.submit_ns, latency.cancel_ns, latency.amend_ns) == (1_500_000, 2_000_000, 3_000_000)
    assert latency.tail_ns == 250_000


@pytest.mark.no_cover
async def test_cancelling_everything_travels_and_is_run_again_after_a_crash(tmp_path: Path) -> None:
    async with opened(tmp_path / "one", market="replay") as running:
        running.runner.save()
        for name in ("a", "b"):
            await running.venue.submit(order(running, name))
        at = running.runner.now

        assert await running.venue.cancel_everywhere() == 2
        assert running.runner.now > at
        assert running.orders.open() == []
        assert await running.venue.cancel_everywhere() == 0
        crashed = copied(tmp_path / "one", tmp_path / "two")

    async with opened(crashed) as again:
        assert again.recovery.how is How.RERUN


async def test_a_disk_that_refuses_is_told_and_the_command_arrives_when_it_writes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path, market="replay") as running:
        hold_back(running)
        writes = asyncio.Event()
        running.bus.subscribe(StorageStateChanged, lambda state: writes.set() if state.ok else None)
        with monkeypatch.context() as patch:
            patch.setattr(journal_module, "write", _refuse)
            with pytest.raises(StorageUnavailable):
                await running.venue.submit(order(running, "a"))
            with pytest.raises(StorageUnavailable):
                await running.venue.submit(order(running, "b"))
        async with asyncio.timeout(20):
            await writes.wait()
        await let_pass(running, 1)
        await durable(running.venue.record([]))

        assert [each.order_id for each in running.orders.open()] == ["a"]


async def test_a_disk_that_refuses_after_the_arrival_is_told_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(tmp_path, market="replay") as running:
        hold_back(running)
        arrived, writes = threading.Event(), asyncio.Event()
        running.bus.subscribe(StorageStateChanged, lambda state: writes.set() if state.ok else None)

        def refuse_late(*_: object) -> None:
            arrived.wait(20)
            _refuse()

        with monkeypatch.context() as patch:
            patch.setattr(journal_module, "write", refuse_late)
            task = asyncio.create_task(running.venue.submit(order(running, "a")))
            await asyncio.sleep(0)
            await let_pass(running, 1)
            assert not running.venue.market.line.under_way
            arrived.set()
            with pytest.raises(StorageUnavailable, match="full"):
                await task
        async with asyncio.timeout(20):
            await writes.wait()
        await durable(running.venue.record([]))

        assert [each.order_id for each in running.orders.open()] == ["a"]


def _refuse(*_: object) -> None:
    raise OSError(28, "No space left on device")


async def test_cancelling_everything_takes_out_what_is_still_under_way_too(tmp_path: Path) -> None:
    async with opened(tmp_path, market="replay") as running:
        await running.venue.submit(order(running, "a"))
        bring_in = running.venue.on_sent
        hold_back(running)
        waiting = await sent(running, order(running, "b"))
        running.venue.on_sent = bring_in

        gone = await running.venue.cancel_everywhere()

        assert gone == 2
        assert isinstance(await waiting, OrderAccepted)
        assert running.orders.open() == []
