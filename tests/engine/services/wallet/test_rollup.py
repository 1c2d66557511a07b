"""What a rollup takes besides gas is asked of its own contract, shown, and counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from engine.defi import abi
from engine.defi.intents import send
from engine.ports.chain import Call, Outcome
from engine.services.wallet.rollup import CHAINS, ORACLE, base_fees, rounded_up
from tests.engine.services.wallet.desk import ALICE, BOB, Desk


async def test_the_base_chains_fee_is_shown_and_counted_as_money(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    read = desk.client.read
    sizes: list[int] = []

    async def oracle(calls: Sequence[Call]) -> list[Outcome]:
        """Ten wei for each byte, as if it were the predeploy."""
        if not calls or calls[0].to != ORACLE:
            return await read(calls)
        told = [abi.decode("(bytes)", each.data[4:])[0] for each in calls]
        sizes.extend(map(len, told))
        return [Outcome(True, (10**12 * len(each)).to_bytes(32, "big")) for each in told]

    monkeypatch.setattr(desk.client, "read", oracle)
    monkeypatch.setattr("engine.services.wallet.rollup.CHAINS", CHAINS | {desk.spec.chain_id})
    intent = send(desk.spec, ALICE.address, BOB, desk.spec.native.of("1"))

    prepared = await desk.pipeline.prepare(intent)

    assert sizes == [160]
    assert [each.text for each in prepared.lines if "base chain" in each.title] == ["0.0002 ETH"]
    fee = prepared.transaction.gas * prepared.transaction.max_fee
    rest = await desk.balance(desk.spec.native, ALICE.address) - fee
    without = desk.spec.native.units(rest - 2 * 10**14 + 1)
    short = await desk.pipeline.prepare(send(desk.spec, ALICE.address, BOB, without), prepared.fee)
    assert [each.code for each in short.refusals] == ["insufficient-funds"]


async def test_other_chains_take_none_and_are_not_asked(desk: Desk) -> None:
    before = desk.client.requests
    intent = send(desk.spec, ALICE.address, BOB, desk.spec.native.of("1"))
    assert await base_fees(desk.client, desk.spec, [intent, replace(intent, value=2)]) == [0, 0]
    assert desk.client.requests == before


def test_figures_are_rounded_up_to_few_steps() -> None:
    assert [rounded_up(each) for each in (0, 1, 2, 3, 6, 11, 21, 51, 999)] == [0, 1, 2, 5, 10, 20, 50, 100, 1_000]
