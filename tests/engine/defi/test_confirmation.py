"""The fingerprint changes with every field that is signed, said or shown."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from engine.defi.address import ZERO
from engine.defi.confirmation import act_of, digest
from engine.defi.intent import UNLIMITED, Approval, Intent, IntentKind
from engine.defi.prepared import ConfirmLine
from engine.defi.token import NATIVE, Token
from engine.ports.chain import UnsignedTransaction

ETH = Token(1, NATIVE, "ETH", 18)
USDC = Token(1, "0x" + "a" * 40, "USDC", 6)
SIGNED = UnsignedTransaction(1, "0xs", 2, "0xt", 3, b"d", 4, 5, 6)
INTENT = Intent(IntentKind.SWAP, 1, "0xs", "0xt", "router", b"d", 3, (ETH.of("1"),), (USDC.of("3"),))
OTHER = {
    "chain_id": 9, "sender": "0xx", "nonce": 9, "to": "0xx", "value": 9, "data": b"x", "gas": 9, "max_fee": 9,
    "max_priority_fee": 9, "is_legacy": True, "kind": IntentKind.SEND, "to_title": "x", "leaves": (), "arrives": (),
    "recipient": "x", "approval": Approval(USDC, "0xx", "", 1), "deadline": 1, "expected": (ETH.of("1"),),
    "slippage_bps": 1, "impact_bps": 1, "route": ("x",), "replaces": "x", "gas_hint": 1,
}  # fmt: skip


@pytest.mark.parametrize("thing", [SIGNED, INTENT], ids=["transaction", "intent"])
def test_every_field_counts(thing: UnsignedTransaction | Intent) -> None:
    seen = {digest(thing)}
    for each in fields(thing):
        seen.add(digest(replace(thing, **{each.name: OTHER[each.name]})))  # type: ignore[arg-type]
    assert len(seen) == len(fields(thing)) + 1


def test_amounts_and_their_tokens_count() -> None:
    one = ETH.units(1)
    assert len({digest(each) for each in (one, ETH.units(2), replace(one, token=replace(ETH, decimals=17)),
                                          replace(one, token=replace(ETH, symbol="ETC")))}) == 4  # fmt: skip


def test_no_two_different_things_read_alike() -> None:
    assert digest(("ab", "c")) != digest(("a", "bc"))
    assert digest("a", "b") != digest(("a", "b"))
    assert digest(b"1") != digest("1") != digest(1)
    assert digest(True) != digest(1)
    assert digest((), ("x",)) != digest(("x",), ())
    assert digest(ConfirmLine("a", "b")) != digest(("a", "b", "", ""))
    assert digest(None) != digest("None")


def test_the_same_is_the_same() -> None:
    assert digest(SIGNED, INTENT) == digest(replace(SIGNED), replace(INTENT))


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "Revoke: the router may take no more USDC"),
        (1_500_000, "Allow the router to take 1.5 USDC"),
        (UNLIMITED, "Allow the router to take all USDC, now and later"),
        (2**255, "Allow the router to take all USDC, now and later"),
    ],
)
def test_an_allowance_reads_as_what_it_is(amount: int, text: str) -> None:
    approval = Approval(USDC, ZERO, "the router", amount)
    assert act_of(Intent(IntentKind.APPROVE, 1, "s", "t", "", approval=approval)) == text
