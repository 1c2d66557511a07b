"""When a wallet locks itself, and how long wrong passwords make one wait."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.adapters.keys import keeper
from engine.adapters.keys.idle import Idle, Tries
from engine.adapters.keys.keyring import KeyProcess
from tests.engine.adapters.keys.wallets import PASSWORD, PHRASE, HandClock, ThreadHost, transaction, wallet


def test_it_is_locked_when_nobody_was_there() -> None:
    clock = HandClock()
    idle = Idle(clock, 60)
    for _ in range(5):
        clock.go_on(15)
        assert idle.reason() == ""
        idle.touch()
    for _ in range(4):
        assert idle.reason() == ""
        clock.go_on(15)
    assert idle.reason() == "The wallet was locked because nothing was done for 1 minute."
    idle.touch()
    assert idle.left_s == 60


def test_it_is_locked_when_the_machine_slept() -> None:
    clock = HandClock()
    idle = Idle(clock, 0)
    clock.wall_ns += 21 * 10**9  # the monotonic clock of Linux stands still
    assert "slept" in idle.reason()
    idle.touch()
    clock.go_on(21)  # that of Windows does not, but nobody looked
    assert "slept" in idle.reason()


def test_without_a_limit_it_stays_open() -> None:
    clock = HandClock()
    idle = Idle(clock, 0)
    for _ in range(1000):
        clock.go_on(19)
        assert idle.reason() == ""
    assert idle.left_s is None
    clock.wall_ns -= 10**15  # somebody set the clock back
    assert idle.reason() == ""


def test_wrong_passwords_cost_more_each_time_up_to_a_minute() -> None:
    clock = HandClock()
    tries = Tries(clock)
    waits = []
    for _ in range(12):
        tries.failed()
        waits.append(tries.wait_s)
        clock.go_on(tries.wait_s)
        assert tries.wait_s == 0
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    tries.failed()
    tries.succeeded()
    assert tries.wait_s == 0


@pytest.mark.integration
async def test_an_idle_wallet_locks_itself_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "LOOK_S", 0.001)
    clock, told = HandClock(), asyncio.Queue[str]()
    async with wallet(tmp_path, clock=clock) as keys:
        keys.on_locked.append(told.put_nowait)
        keys.auto_lock_s = 18
        await keys.import_phrase(PHRASE, password=PASSWORD)
        clock.go_on(17)
        keys.touch()
        clock.go_on(17)
        await asyncio.sleep(0.01)
        assert not keys.is_locked
        clock.go_on(1)
        assert await told.get() == "The wallet was locked because nothing was done for 18 s."
        assert keys.is_locked


async def test_orders_that_sign_by_themselves_do_not_keep_a_wallet_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "LOOK_S", 0.001)
    clock, told = HandClock(), asyncio.Queue[str]()
    async with wallet(tmp_path, clock=clock) as keys:
        keys.on_locked.append(told.put_nowait)
        keys.auto_lock_s = 18
        await keys.import_phrase(PHRASE, password=PASSWORD)
        clock.go_on(10)
        await keys.sign(transaction(keys.accounts[0].address))
        assert keys.locks_in == 8
        clock.go_on(8)
        assert await told.get() == "The wallet was locked because nothing was done for 18 s."


@pytest.mark.integration
def test_it_can_be_locked_after_the_loop_ended(tmp_path: Path) -> None:
    async def opened() -> KeyProcess:
        keys = KeyProcess(tmp_path, start=ThreadHost)
        await keys.import_phrase(PHRASE, password=PASSWORD)
        return keys

    with asyncio.Runner() as runner:
        keys = runner.run(opened())
    keys.lock()
    assert keys.is_locked
