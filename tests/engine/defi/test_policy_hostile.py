"""Acts whose call says something else than their words, fees that eat an account, tokens that borrow a name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.defi import abi
from engine.defi.address import checksummed
from engine.defi.callwords import call_words
from engine.defi.intent import UNLIMITED, Approval, Intent, IntentKind
from engine.defi.intents import exact_allowance, revoke, send, unwrap, wrap
from engine.defi.policy import remarks
from engine.defi.prepared import FeeChoice, FeePreset, Simulation, Weight
from engine.defi.token import Token
from engine.ports.chain import UnsignedTransaction
from tests.engine.defi.test_policy import CHAIN, ETH, GWEI, ME, ROUTER, USDC, WETH, YOU, codes, facts

EVE = checksummed("0x" + "e" * 40)
TRANSFER, APPROVE = "transfer(address,uint256)", "approve(address,uint256)"
PAYS = send(CHAIN, ME, YOU, USDC.of("5"))
SENDS = send(CHAIN, ME, YOU, ETH.of("1"))
ALLOWS = exact_allowance(CHAIN, ME, USDC.of("5"), ROUTER, "the router")
REVOKES = revoke(CHAIN, ME, USDC, ROUTER, "the router")
CANCELS = Intent(IntentKind.CANCEL, 1, ME, ME, "yourself")


def blind(intent: Intent, **changes: Any) -> list[str]:  # noqa: ANN401
    """The refusals where the node can only call: nothing but the words stands against the call."""
    payee = intent.approval.spender if intent.approval else intent.recipient
    told = {
        "simulation": Simulation(True, "", 50_000, (), (), 1, False), "payee": payee,
        "payee_has_code": intent.approval is not None, "call": call_words(intent.data),
    }  # fmt: skip
    return codes(remarks(facts(intent, **told | changes)), Weight.REFUSAL)


@pytest.mark.parametrize("intent", [PAYS, SENDS, ALLOWS, REVOKES, CANCELS, wrap(CHAIN, ME, 5), unwrap(CHAIN, ME, 5)])
def test_what_the_makers_of_intents_make_says_what_it_does(intent: Intent) -> None:
    assert blind(intent) == []


@pytest.mark.parametrize(
    "intent",
    [
        replace(PAYS, data=abi.encode(TRANSFER, EVE, USDC.of("5").units)),
        replace(PAYS, data=abi.encode(TRANSFER, YOU, USDC.of("500").units)),
        replace(PAYS, data=abi.encode(APPROVE, YOU, UNLIMITED)),
        replace(PAYS, data=b"\x12\x34\x56\x78" + bytes(64)),
        replace(PAYS, to=EVE),
        replace(SENDS, to=EVE),
        replace(SENDS, to=USDC.address, data=abi.encode(TRANSFER, EVE, 5)),
        replace(SENDS, data=abi.encode(TRANSFER, EVE, 5)),
        replace(ALLOWS, data=abi.encode(APPROVE, ROUTER, UNLIMITED)),
        replace(ALLOWS, data=abi.encode(APPROVE, EVE, USDC.of("5").units)),
        replace(ALLOWS, to=WETH.address),
        replace(ALLOWS, data=abi.encode("increaseAllowance(address,uint256)", ROUTER, 5)),
        replace(REVOKES, data=abi.encode(APPROVE, ROUTER, UNLIMITED)),
        replace(REVOKES, data=abi.encode(TRANSFER, ROUTER, 5)),
        replace(REVOKES, data=abi.encode("setApprovalForAll(address,bool)", ROUTER, True)),
        replace(CANCELS, to=EVE),
        replace(CANCELS, data=abi.encode(TRANSFER, EVE, 5), to=ME),
        replace(wrap(CHAIN, ME, 5), to=EVE),
        replace(unwrap(CHAIN, ME, 5), data=abi.encode("withdraw(uint256)", 500)),
    ],
)
def test_a_call_that_says_something_else_than_its_words_is_refused_without_a_simulation(intent: Intent) -> None:
    assert "not-the-intent" in blind(intent)


@pytest.mark.parametrize("kind", [IntentKind.SWAP, IntentKind.STAKE, IntentKind.ADD_LIQUIDITY, IntentKind.CLAIM])
def test_a_call_that_nobody_here_can_read_is_refused(kind: IntentKind) -> None:
    assert "unknown-call" in blind(Intent(kind, 1, ME, ROUTER, "", b"\x12\x34\x56\x78" + bytes(32)))


def costing(price: int, *, balance: int = 100 * ETH.of("1").units, **changes: Any) -> list[tuple[str, str]]:  # noqa: ANN401
    """What is said of a transaction of 100,000 gas at a price that the node itself suggests as fast."""
    fee = FeeChoice(FeePreset.FAST, price, price, 0)
    made = UnsignedTransaction(1, ME, 0, PAYS.to, 0, PAYS.data, 100_000, price, price)
    told = facts(
        PAYS, fee=fee, fees=(fee,), transaction=made, payee=YOU, call=call_words(PAYS.data), balance=balance, **changes
    )
    return [(each.code, each.weight.value) for each in remarks(told) if each.code.startswith("fee")]


def test_a_fee_that_eats_the_account_is_told_whatever_the_node_calls_usual() -> None:
    half = 100_000 * 60 * GWEI
    assert costing(60 * GWEI, balance=4 * half) == []
    assert costing(60 * GWEI, balance=2 * half) == [("fee-share", "warning")]


def test_a_price_of_gas_that_no_chain_ever_had_is_told_and_refused() -> None:
    rich = ETH.of("1000000000").units
    assert costing(9_000 * GWEI, balance=rich) == []
    assert costing(10_000 * GWEI, balance=rich) == [("fee-price", "warning")]
    assert costing(10**6 * GWEI, balance=rich) == [("fee-price", "refusal")]


def test_what_replaces_another_is_held_against_the_same_prices() -> None:
    old = UnsignedTransaction(1, ME, 0, YOU, 0, b"", 100_000, GWEI, GWEI)
    assert costing(10**6 * GWEI, balance=ETH.of("1000000000").units, replaced=old) == [("fee-price", "refusal")]


def test_a_token_that_borrows_a_name_has_to_be_acknowledged() -> None:
    fake = Token(1, EVE, "U\u0405DC", 6)
    buys = Approval(fake, ROUTER, "the router", 5)
    other = replace(ALLOWS, to=EVE, approval=buys)
    assert "imitation" not in codes(remarks(facts(other)))
    found = remarks(facts(other, imitations=("USDC is not the USDC that is known here.",)))
    assert "imitation" in codes(found, Weight.WARNING)
