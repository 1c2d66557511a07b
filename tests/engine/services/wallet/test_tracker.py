"""What becomes of a transaction: mined, failed, replaced by ours or by another, dropped, taken back."""

from __future__ import annotations

import pytest
from eth_account import Account

from engine.defi.intents import send
from engine.defi.prepared import FeeChoice
from engine.errors import InvalidInput, NodeRefused
from engine.ports.chain import Receipt, SignedTransaction, UnsignedTransaction
from engine.services.wallet.sent import SendState, SentTransaction
from tests.engine.services.wallet.desk import ALICE, BOB, CAROL, ETHER, GWEI, Desk


def hold(desk: Desk) -> None:
    """No blocks by themselves."""
    desk.node.rpc("practice_setMining", {"instant": False, "interval_s": 0})


def mine(desk: Desk, blocks: int = 1) -> None:
    desk.node.rpc("practice_mine", blocks)


async def gift(desk: Desk, to: str = BOB) -> SentTransaction:
    return await desk.send(send(desk.spec, ALICE.address, to, desk.spec.native.of("1")))


async def polled(desk: Desk, sent: SentTransaction, times: int = 1) -> SentTransaction:
    for _ in range(times):
        await desk.tracker.poll()
    found = await desk.ledger.find(sent.chain_id, sent.hash)
    assert found is not None
    return found


async def test_it_waits_is_confirmed_and_becomes_final(desk: Desk) -> None:
    hold(desk)
    sent = await gift(desk)
    assert (await polled(desk, sent)).state is SendState.PENDING
    mine(desk)
    first = await polled(desk, sent)
    assert (first.state, first.depth) == (SendState.CONFIRMED, 1)
    mine(desk)
    assert (await polled(desk, sent)).depth == 2
    mine(desk)
    last = await polled(desk, sent)
    assert (last.state, last.depth) == (SendState.FINAL, desk.spec.confirmations)
    assert await desk.tracker.poll() == []
    assert [each.state for each in desk.told] == ["kept", "pending", "confirmed", "confirmed", "final"]


async def test_one_poll_is_one_request_however_many_wait(desk: Desk) -> None:
    hold(desk)
    for _ in range(5):
        await gift(desk)
    before = desk.client.requests

    await desk.tracker.poll()

    assert desk.client.requests - before == 1


async def test_what_fails_in_its_block_is_told_and_its_fee_kept(desk: Desk) -> None:
    hold(desk)
    swap = await desk.swap(ETHER // 10)
    first = await desk.send(swap)
    desk.node.rpc("practice_increaseTime", 1_000)  # its deadline passes before it is mined
    mine(desk)

    failed = await polled(desk, first)

    assert (failed.state, failed.gas_used is not None) == (SendState.FAILED, True)
    assert "only the fee" in failed.reason


async def test_a_reorganised_transaction_waits_again_and_is_confirmed_in_another_block(desk: Desk) -> None:
    sent = await gift(desk)
    first = await polled(desk, sent)
    hold(desk)
    desk.node.rpc("practice_reorg", 1, True)

    again = await polled(desk, sent)
    assert (again.state, again.block, again.depth, again.reorgs) == (SendState.PENDING, None, 0, 1)
    desk.node.rpc("practice_increaseTime", 3)
    mine(desk)
    found = await polled(desk, sent)
    assert found.state is SendState.CONFIRMED
    assert found.block_hash != first.block_hash


async def test_a_transaction_whose_block_was_swapped_for_another_at_the_same_height_is_not_final(desk: Desk) -> None:
    """Between two polls its block is taken back and a longer chain has it at the same height: the hash tells."""
    sent = await gift(desk)
    first = await polled(desk, sent)
    hold(desk)
    desk.node.rpc("practice_reorg", 1, True)
    desk.node.rpc("practice_increaseTime", 3)
    mine(desk, 3)

    found = await polled(desk, sent)

    assert found.block == first.block
    assert found.block_hash != first.block_hash
    assert found.state is SendState.CONFIRMED  # deep, but seen there for the first time
    assert (await polled(desk, sent)).state is SendState.FINAL


async def test_a_receipt_of_a_node_that_is_behind_is_not_believed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It tells of a block that the chain has no more: another one stands at its height."""
    sent = await gift(desk)
    stale = await desk.client.receipt(sent.hash)
    await polled(desk, sent)
    hold(desk)
    desk.node.rpc("practice_reorg", 1, False)
    desk.node.rpc("practice_increaseTime", 3)
    mine(desk, 4)

    async def behind(transaction: str) -> Receipt | None:
        return stale

    monkeypatch.setattr(desk.client, "receipt", behind)
    found = await polled(desk, sent)
    assert (found.state, found.depth, found.reorgs) == (SendState.PENDING, 0, 1)


async def test_a_dropped_transaction_is_told_and_keeps_its_number_and_can_be_sent_again(desk: Desk) -> None:
    hold(desk)
    sent = await gift(desk)
    assert desk.node.rpc("practice_drop", sent.hash)

    assert (await polled(desk, sent)).state is SendState.PENDING  # one node that does not know it proves nothing
    dropped = await polled(desk, sent)
    assert dropped.state is SendState.DROPPED
    later = await desk.pipeline.prepare(send(desk.spec, ALICE.address, CAROL, desk.spec.native.of("1")))
    assert (later.transaction.nonce, [each.code for each in later.warnings]) == (1, ["waits-behind"])

    again = await desk.pipeline.broadcast(dropped)
    mine(desk)
    assert (again.hash, (await polled(desk, sent)).state) == (sent.hash, SendState.CONFIRMED)
    assert await desk.balance(desk.spec.native, BOB) == ETHER


async def test_a_transaction_dropped_with_its_block_is_told(desk: Desk) -> None:
    sent = await gift(desk)
    await polled(desk, sent)
    hold(desk)
    desk.node.rpc("practice_reorg", 1, False)

    assert (await polled(desk, sent, 3)).state is SendState.DROPPED


async def test_a_cancelled_transaction_is_replaced_by_ours(desk: Desk) -> None:
    hold(desk)
    sent = await gift(desk)
    prepared = await desk.pipeline.prepare(desk.pipeline.cancel(sent))
    assert prepared.transaction.nonce == sent.nonce
    assert prepared.transaction.max_fee * 10 >= sent.transaction.max_fee * 11
    cancel = await desk.pipeline.send(await desk.pipeline.confirm(prepared))
    mine(desk)

    replaced = await polled(desk, sent, 3)

    assert (replaced.state, replaced.replaced_by) == (SendState.REPLACED, cancel.hash)
    assert (await polled(desk, cancel)).state is SendState.CONFIRMED
    assert await desk.balance(desk.spec.native, BOB) == 0
    mine(desk, 3)
    assert (await polled(desk, sent, 2)).state is SendState.FINAL_REPLACED
    with pytest.raises(InvalidInput, match="does not wait"):
        desk.pipeline.cancel(replaced)


async def test_a_faster_one_does_the_same_once(desk: Desk) -> None:
    hold(desk)
    sent = await gift(desk)
    faster = await desk.send(desk.pipeline.speed_up(sent))
    mine(desk)

    assert (await polled(desk, sent, 2)).replaced_by == faster.hash
    assert await desk.balance(desk.spec.native, BOB) == ETHER


async def test_a_number_taken_by_another_program_is_told_as_such(desk: Desk) -> None:
    hold(desk)
    sent = await gift(desk)
    other = Account.from_key(ALICE.key).sign_transaction(
        {"chainId": desk.spec.chain_id, "nonce": 0, "to": CAROL, "value": 5, "gas": 21_000, "type": 2,
         "maxFeePerGas": 50 * GWEI, "maxPriorityFeePerGas": 5 * GWEI}
    )  # fmt: skip
    desk.node.rpc("eth_sendRawTransaction", "0x" + bytes(other.raw_transaction).hex())
    mine(desk)

    replaced = await polled(desk, sent, 2)

    assert (replaced.state, replaced.replaced_by) == (SendState.REPLACED, None)
    assert "not sent from here" in replaced.reason


async def test_a_replacement_that_is_taken_back_lets_the_first_wait_again(desk: Desk) -> None:
    hold(desk)
    sent = await gift(desk)
    cancel = await desk.send(desk.pipeline.cancel(sent))
    mine(desk)
    await polled(desk, sent, 2)
    desk.node.rpc("practice_reorg", 1, False)
    await desk.client.send_raw(sent.raw)

    assert (await polled(desk, sent)).state is SendState.PENDING
    assert (await polled(desk, cancel, 2)).state is SendState.DROPPED
    mine(desk)
    assert (await polled(desk, sent)).state is SendState.CONFIRMED
    assert (await polled(desk, cancel, 2)).state is SendState.REPLACED


async def test_what_was_mined_meanwhile_is_not_replaced(desk: Desk) -> None:
    hold(desk)
    sent = await gift(desk)
    prepared = await desk.pipeline.prepare(desk.pipeline.cancel(sent))
    confirmed = await desk.pipeline.confirm(prepared)
    mine(desk)

    with pytest.raises(InvalidInput, match="in a block already"):
        await desk.pipeline.send(confirmed)
    assert len(desk.keys.signed) == 1


async def test_a_node_that_refuses_leaves_the_number_free(desk: Desk) -> None:
    confirmed = await desk.pipeline.confirm(
        await desk.pipeline.prepare(send(desk.spec, ALICE.address, BOB, desk.spec.native.of("9.9")))
    )
    drain = Account.from_key(ALICE.key).sign_transaction(
        {"chainId": desk.spec.chain_id, "nonce": 0, "to": CAROL, "value": 9 * ETHER, "gas": 21_000, "type": 2,
         "maxFeePerGas": 50 * GWEI, "maxPriorityFeePerGas": 5 * GWEI}
    )  # fmt: skip
    sign = desk.keys.sign

    async def late(transaction: UnsignedTransaction) -> SignedTransaction:
        signed = await sign(transaction)
        desk.node.rpc("eth_sendRawTransaction", "0x" + bytes(drain.raw_transaction).hex())
        return signed

    desk.keys.sign = late  # type: ignore[method-assign]
    with pytest.raises(NodeRefused):
        await desk.pipeline.send(confirmed)

    assert [each.state for each in desk.told] == ["kept", "refused"]
    assert await desk.tracker.poll() == []


async def test_a_replacement_that_no_node_would_take(desk: Desk) -> None:
    hold(desk)
    sent = await gift(desk)
    old = sent.transaction
    cheap = await desk.pipeline.prepare(
        desk.pipeline.cancel(sent), FeeChoice(None, old.max_fee * 11 // 10, old.max_priority_fee, GWEI)
    )
    assert "replacement-too-cheap" in [each.code for each in cheap.refusals]
