"""Signatures equal eth_account's byte for byte, and only what was asked for is signed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.keys import signing
from engine.adapters.keys.custody import Custody
from engine.adapters.keys.host import answered
from engine.adapters.keys.message import ImportKey, Refused, Sign, Signed, to_sign
from engine.adapters.keys.refusal import Refusal
from engine.ports.chain import UnsignedTransaction
from tests.engine.adapters.keys.wallets import ACCOUNTS, KEYS, transaction

AMOUNTS = st.one_of(st.integers(0, 2**64), st.integers(0, 2**256 - 1))


@st.composite
def transactions(draw: st.DrawFn) -> UnsignedTransaction:
    most = draw(st.integers(0, 2**128))
    to = draw(st.none() | st.sampled_from(ACCOUNTS[1:]))
    return UnsignedTransaction(
        chain_id=draw(st.integers(1, 2**40)),
        sender=ACCOUNTS[0],
        nonce=draw(st.integers(0, 2**64 - 2)),
        to=to,
        value=draw(AMOUNTS),
        data=draw(st.binary(min_size=0 if to else 1, max_size=200)),
        gas=draw(st.integers(1, 2**40)),
        max_fee=most,
        max_priority_fee=draw(st.integers(0, most)),
        is_legacy=draw(st.booleans()),
    )


def peer(asked: UnsignedTransaction) -> bytes:
    """What eth_account makes of it."""
    fields: dict[str, object] = {"chainId": asked.chain_id, "nonce": asked.nonce, "value": asked.value}
    fields |= {"gas": asked.gas, "data": asked.data, "to": asked.to or b""}
    if asked.is_legacy:
        fields["gasPrice"] = asked.max_fee
    else:
        fields |= {"maxFeePerGas": asked.max_fee, "maxPriorityFeePerGas": asked.max_priority_fee}
    return bytes(Account.from_key(KEYS[0]).sign_transaction(fields).raw_transaction)


def custody() -> Custody:
    made = Custody(2)
    made.answer(ImportKey("one", KEYS[0], "a password"))
    return made


HELD = custody()


@given(transactions())
def test_signatures_are_those_of_eth_account_byte_for_byte(asked: UnsignedTransaction) -> None:
    reply = HELD.answer(to_sign(asked))

    assert isinstance(reply, Signed)
    assert reply.raw == peer(asked)
    assert Account.recover_transaction(reply.raw) == ACCOUNTS[0]


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("chain_id", 0, "for one chain"),
        ("chain_id", 2**63, "for one chain"),
        ("nonce", -1, "out of range"),
        ("nonce", 2**64 - 1, "out of range"),
        ("value", -1, "out of range"),
        ("value", 2**256, "out of range"),
        ("gas", 0, "out of range"),
        ("max_priority_fee", 31 * 10**9, "tip is higher"),
        ("sender", ACCOUNTS[1], "no key here"),
    ],
)
def test_impossible_fields_are_refused(field: str, value: int | str, why: str) -> None:
    changed: dict[str, Any] = {field: value}
    with pytest.raises(Refusal, match=why):
        HELD.answer(to_sign(replace(transaction(), **changed)))


def test_a_contract_that_is_made_of_nothing_is_refused() -> None:
    with pytest.raises(Refusal, match="no recipient"):
        HELD.answer(to_sign(replace(transaction(to=None), data=b"")))


@pytest.mark.parametrize("field", ["nonce", "value", "data", "to", "gas", "max_fee", "chain_id"])
def test_a_signature_of_something_else_is_thrown_away(monkeypatch: pytest.MonkeyPatch, field: str) -> None:
    asked = to_sign(transaction())
    honest = signing._fields

    def crooked(request: Sign) -> dict[str, Any]:
        fields = honest(request)
        name = {"max_fee": "maxFeePerGas", "chain_id": "chainId"}.get(field, field)
        other: dict[str, object] = {"to": ACCOUNTS[2], "data": b"\xff"}
        fields[name] = other[field] if field in other else fields[name] + 1
        return fields

    monkeypatch.setattr(signing, "_fields", crooked)
    with pytest.raises(Refusal, match="not what was asked for"):
        HELD.answer(asked)


def test_a_key_that_is_not_the_senders_signs_nothing() -> None:
    with pytest.raises(Refusal, match="not what was asked for"):
        signing.signed(to_sign(transaction()), bytes.fromhex(KEYS[1]))


def test_nothing_here_signs_a_message() -> None:
    import engine.adapters.keys.message as message
    from engine.adapters.keys.keyring import KeyProcess

    offered = [name for name in (*dir(KeyProcess), *dir(message)) if "sign" in name.lower()]
    assert sorted(offered) == ["Sign", "Signed", "UnsignedTransaction", "can_sign", "sign", "to_sign"]


def test_what_a_library_says_stays_in_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(self: Custody, request: object) -> object:
        raise ValueError(f"cannot use {KEYS[0]}")

    monkeypatch.setattr(Custody, "answer", careless)
    reply = answered(HELD, to_sign(transaction()))

    assert isinstance(reply, Refused)
    assert reply.sentence == "The key process could not do that (ValueError). Nothing was changed."
