"""Logs of all the kinds that move something or allow somebody, and logs that only look like them."""

from __future__ import annotations

from engine.defi.address import ZERO, checksummed
from engine.defi.effects import (
    APPROVAL,
    APPROVAL_FOR_ALL,
    COIN,
    DEPOSIT,
    PERMIT2_APPROVAL,
    SYNC,
    TRANSFER,
    TRANSFER_BATCH,
    TRANSFER_SINGLE,
    V3_SWAP,
    WITHDRAWAL,
    Grant,
    Move,
    event,
    grants,
    moves,
    net,
    pools_touched,
)  # fmt: skip
from engine.defi.intent import UNLIMITED
from engine.defi.token import NATIVE
from engine.ports.chain import Log

A, B, TOKEN, WETH = (checksummed("0x" + digit * 40) for digit in "1234")
TOPICS = {
    TRANSFER: "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef",
    APPROVAL: "8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925",
    APPROVAL_FOR_ALL: "17307eab39ab6107e8899845ad3d59bd9653f200f220920489ca2b5937696c31",
    TRANSFER_SINGLE: "c3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62",
    TRANSFER_BATCH: "4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb",
    DEPOSIT: "e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c",
    WITHDRAWAL: "7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65",
    SYNC: "1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1",
    V3_SWAP: "c42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67",
}
"""As published: the topics that every explorer shows."""


def word(value: int | str | bytes) -> bytes:
    if isinstance(value, str):
        return bytes(12) + bytes.fromhex(value[2:])
    return value.to_bytes(32, "big") if isinstance(value, int) else value


def log(signature: str, *topics: int | str, data: tuple[int, ...] = (), address: str = TOKEN) -> Log:
    return Log(address, (event(signature), *map(word, topics)), b"".join(map(word, data)))


def test_topics_are_the_published_ones() -> None:
    assert {signature: event(signature).hex() for signature in TOPICS} == TOPICS


def test_tokens_the_coin_and_the_wrapped_coin_move() -> None:
    logs = [
        log(TRANSFER, A, B, data=(5,)),
        log(TRANSFER, B, A, data=(7,), address=COIN),
        log(DEPOSIT, A, data=(9,), address=WETH),
        log(WITHDRAWAL, A, data=(4,), address=WETH),
    ]
    assert moves(logs, WETH) == [
        Move(TOKEN, A, B, 5), Move(NATIVE, B, A, 7), Move(WETH, ZERO, A, 9), Move(WETH, A, ZERO, 4),
    ]  # fmt: skip
    assert net(moves(logs, WETH), A) == {TOKEN: -5, NATIVE: 7, WETH: 5}


def test_pieces_of_collections_move_one_by_one_or_by_the_number() -> None:
    found = moves(
        [
            log(TRANSFER, A, B, 77),
            log(TRANSFER_SINGLE, B, A, B, data=(77, 3)),
            log(TRANSFER_BATCH, B, A, B, data=(0x40, 0xA0, 2, 1, 2, 2, 10, 20)),
        ],
        WETH,
    )
    assert [(each.units, each.is_collectible) for each in found] == [(1, True), (3, True), (30, True)]


def test_a_deposit_into_something_else_moves_nothing() -> None:
    assert moves([log(DEPOSIT, A, data=(9,))], WETH) == []


def test_allowances_of_all_kinds() -> None:
    found = grants(
        [
            log(APPROVAL, A, B, data=(5,)),
            log(APPROVAL, A, B, 77),
            log(APPROVAL, A, ZERO, 77),
            log(APPROVAL_FOR_ALL, A, B, data=(1,)),
            log(APPROVAL_FOR_ALL, A, B, data=(0,)),
            log(PERMIT2_APPROVAL, A, TOKEN, B, data=(2**160 - 1, 99), address=WETH),
        ]
    )
    assert found == [
        Grant(TOKEN, A, B, 5), Grant(TOKEN, A, B, 1), Grant(TOKEN, A, B, UNLIMITED, is_for_all=True),
        Grant(TOKEN, A, B, 0, is_for_all=True), Grant(TOKEN, A, B, UNLIMITED),
    ]  # fmt: skip


def test_damaged_logs_are_passed_over() -> None:
    assert moves([Log(TOKEN, (), b""), Log(TOKEN, (event(TRANSFER),), b""), log(TRANSFER, A, B)], WETH) == []
    assert moves([log(TRANSFER_BATCH, B, A, B, data=(0x40, 2**250))], WETH)[0].units == 0
    assert moves([log(TRANSFER_BATCH, B, A, B, data=(0x40, 0x40, 2**200))], WETH)[0].units == 0
    assert grants([Log(TOKEN, (event(APPROVAL),), b"")]) == []


def test_pools_are_counted_once() -> None:
    assert pools_touched([log(SYNC, data=(1, 2)), log(SYNC, data=(1, 2)), log(V3_SWAP, A, B, address=WETH)]) == 2
