"""A program that dies between its ledger and the network sends once, not twice and not never."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from engine.defi.intents import send
from engine.errors import ChainUnavailable
from engine.services.wallet.sent import SendState
from tests.conftest import ROOT
from tests.engine.services.wallet.desk import ALICE, BOB, ETHER, Desk, open_desk
from tests.practice import Node


@pytest.mark.integration
async def test_killed_between_ledger_and_network_it_is_sent_once(practice: Node, tmp_path: Path) -> None:
    child = [
        sys.executable,
        "-m",
        "tests.engine.services.wallet.sending_child",
        practice.url,
        str(tmp_path),
        "wallet.kept",
    ]
    ended = await asyncio.to_thread(subprocess.run, child, cwd=ROOT, capture_output=True, check=False)
    assert ended.returncode == -9, ended.stderr.decode()

    desk = await open_desk(practice, tmp_path)
    assert await desk.balance(desk.spec.native, BOB) == 0
    (kept,) = await desk.ledger.unsettled(desk.spec.chain_id)
    assert kept.state is SendState.KEPT
    next_one = await desk.pipeline.prepare(send(desk.spec, ALICE.address, BOB, desk.spec.native.of("1")))
    assert next_one.transaction.nonce == 1

    await desk.pipeline.resume()
    await desk.pipeline.resume()
    await desk.opened().resume()

    assert await desk.balance(desk.spec.native, BOB) == ETHER
    assert [each.state for each in await desk.tracker.poll()] == [SendState.CONFIRMED]
    await desk.client.close()
    desk.store.close()


async def test_what_no_node_took_is_kept_and_handed_in_by_the_tracker(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody(raw: bytes) -> str:
        raise ChainUnavailable("Nobody answers.")

    with monkeypatch.context() as patch:
        patch.setattr(desk.client, "send_raw", nobody)
        sent = await desk.send(send(desk.spec, ALICE.address, BOB, desk.spec.native.of("1")))
        assert sent.state is SendState.KEPT
        assert [each.state for each in await desk.tracker.poll()] == [SendState.KEPT]

    assert [each.state for each in await desk.tracker.poll()] == [SendState.PENDING]
    assert [each.state for each in await desk.tracker.poll()] == [SendState.CONFIRMED]
    assert await desk.balance(desk.spec.native, BOB) == ETHER


async def test_an_answer_that_was_lost_after_the_node_took_it_does_not_send_twice(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_over = desk.client.send_raw

    async def lost(raw: bytes) -> str:
        await hand_over(raw)
        raise ChainUnavailable("The line broke.")

    with monkeypatch.context() as patch:
        patch.setattr(desk.client, "send_raw", lost)
        await desk.send(send(desk.spec, ALICE.address, BOB, desk.spec.native.of("1")))

    assert [each.state for each in await desk.tracker.poll()] == [SendState.CONFIRMED]
    assert await desk.pipeline.resume() == []
    assert await desk.balance(desk.spec.native, BOB) == ETHER


async def test_a_disk_that_refuses_sends_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(row: object) -> None:
        raise OSError(28, "No space left on device")

    prepared = await desk.pipeline.prepare(send(desk.spec, ALICE.address, BOB, desk.spec.native.of("1")))
    confirmed = await desk.pipeline.confirm(prepared)
    monkeypatch.setattr(desk.store, "keep", full)

    with pytest.raises(OSError, match="space"):
        await desk.pipeline.send(confirmed)
    assert await desk.balance(desk.spec.native, BOB) == 0


async def test_a_practice_chain_that_began_anew_is_begun_anew_with(desk: Desk) -> None:
    mark = desk.node.rpc("practice_snapshot")
    for _ in range(2):
        await desk.send(send(desk.spec, ALICE.address, BOB, desk.spec.native.of("1")))
    await desk.tracker.poll()
    await desk.pipeline.resume()
    assert len(await desk.ledger.page(desk.spec.chain_id, ALICE.address)) == 2
    desk.node.rpc("practice_revert", mark)

    await desk.pipeline.resume()

    assert await desk.ledger.page(desk.spec.chain_id, ALICE.address) == []
    again = await desk.send(send(desk.spec, ALICE.address, BOB, desk.spec.native.of("1")))
    assert (again.nonce, await desk.balance(desk.spec.native, BOB)) == (0, ETHER)


async def test_a_real_chain_is_never_forgotten(desk: Desk) -> None:
    mark = desk.node.rpc("practice_snapshot")
    await desk.send(send(desk.spec, ALICE.address, BOB, desk.spec.native.of("1")))
    await desk.tracker.poll()
    desk.node.rpc("practice_revert", mark)

    assert not await desk.ledger.forget_if_anew(desk.client, replace(desk.spec, is_practice=False))
    assert len(await desk.ledger.page(desk.spec.chain_id, ALICE.address)) == 1
