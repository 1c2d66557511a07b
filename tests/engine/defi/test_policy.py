"""Each rule by itself, and what must hold of everything that is let through."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.defi.address import ZERO, checksummed
from engine.defi.callwords import CallWords
from engine.defi.chain import ChainSpec
from engine.defi.intent import UNLIMITED, Approval, Intent, IntentKind
from engine.defi.policy import DEFAULT_LIMITS, Facts, remarks
from engine.defi.policy.trade import slippage_of
from engine.defi.prepared import Change, FeeChoice, FeePreset, Remark, Simulation, Weight
from engine.defi.token import NATIVE, Token
from engine.ports.chain import UnsignedTransaction

GWEI = 10**9
NOW = 1_700_000_000
ME, YOU, ROUTER, USDC_AT, WETH_AT = (checksummed("0x" + digit * 40) for digit in "12345")
ETH, USDC, WETH = Token(1, NATIVE, "ETH", 18), Token(1, USDC_AT, "USDC", 6), Token(1, WETH_AT, "WETH", 18)
CHAIN = ChainSpec(1, "ethereum", "Ethereum", ETH, WETH, 12, 12, "", "tests", tokens=(USDC, WETH))
FEES = tuple(FeeChoice(preset, GWEI * (n + 2), GWEI, GWEI) for n, preset in enumerate(FeePreset))
ONE, LEAST = ETH.of("1"), USDC.of("2970")
SWAP = Intent(
    IntentKind.SWAP, 1, ME, ROUTER, "the router", b"swap", ONE.units, (ONE,), (LEAST,), deadline=NOW + 600,
    expected=(USDC.of("3000"),), slippage_bps=100, impact_bps=1,
)  # fmt: skip
SEND = Intent(IntentKind.SEND, 1, ME, YOU, "", value=ONE.units, leaves=(ONE,), arrives=(ONE,), recipient=YOU)
APPROVE = Intent(
    IntentKind.APPROVE, 1, ME, USDC_AT, "USDC", b"approve", approval=Approval(USDC, ROUTER, "the router", 5)
)


def facts(intent: Intent, **changes: Any) -> Facts:  # noqa: ANN401
    """As they are when all is well."""
    payee = {IntentKind.SEND: YOU, IntentKind.APPROVE: ROUTER}.get(intent.kind, "")
    moved = [Change(ME, each.token.units(-each.units)) for each in intent.leaves]
    moved += [Change(intent.recipient or ME, each) for each in (intent.expected or intent.arrives)]
    approvals = () if intent.approval is None else (intent.approval,)
    call = CallWords("swap", (LEAST.units,), NOW + 600, (ME,)) if intent.kind is IntentKind.SWAP else None
    if intent.approval is not None:
        call = CallWords("", (), None, (), "approve", (intent.approval.spender, intent.approval.amount))
    fields: dict[str, Any] = {
        "intent": intent,
        "transaction": UnsignedTransaction(1, ME, 0, intent.to, intent.value, intent.data, 100_000, 3 * GWEI, GWEI),
        "fee": FEES[1],
        "fees": FEES,
        "simulation": Simulation(True, "", 80_000, tuple(moved), approvals, 1, True),
        "chain": CHAIN,
        "client_chain_id": 1,
        "now_s": NOW,
        "balance": 10 * ONE.units,
        "payee": payee,
        "payee_has_code": intent.kind is IntentKind.APPROVE,
        "call": call,
    }
    return Facts(**fields | changes)


def codes(found: tuple[Remark, ...], *weights: Weight) -> list[str]:
    return [each.code for each in found if not weights or each.weight in weights]


def test_what_is_well_has_no_refusal_and_no_warning() -> None:
    for intent in (SWAP, SEND, APPROVE):
        assert codes(remarks(facts(intent)), Weight.REFUSAL, Weight.WARNING) == []


def simulated(**changes: Any) -> Simulation:  # noqa: ANN401
    return replace(facts(SWAP).simulation, **changes)


def told(**changes: Any) -> CallWords:  # noqa: ANN401
    return replace(CallWords("swap", (LEAST.units,), NOW + 600, (ME,)), **changes)


REFUSALS: list[tuple[str, Intent, dict[str, Any]]] = [
    ("wrong-chain", SWAP, {"client_chain_id": 5}),
    ("wrong-chain", replace(SWAP, leaves=(replace(ETH, chain_id=5).of("1"),)), {}),
    ("not-the-intent", SWAP, {"transaction": replace(facts(SWAP).transaction, data=b"other")}),
    ("not-the-intent", SWAP, {"transaction": replace(facts(SWAP).transaction, value=ONE.units + 1)}),
    ("no-simulation", SWAP, {"simulation": Simulation(False, "", 0, (), (), 0, False)}),
    ("would-fail", SWAP, {"simulation": simulated(ok=False, reason="K")}),
    ("min-out-zero", replace(SWAP, arrives=()), {}),
    ("min-out-zero", replace(SWAP, arrives=(USDC.units(0),)), {"call": None}),
    ("min-out-zero", SWAP, {"call": told(minimums=(0,))}),
    ("min-out-mismatch", SWAP, {"call": told(minimums=(LEAST.units - 1,))}),
    ("no-deadline", replace(SWAP, deadline=None), {}),
    ("deadline-expired", replace(SWAP, deadline=NOW), {}),
    ("deadline-too-long", replace(SWAP, deadline=NOW + 86_401), {}),
    ("deadline-mismatch", SWAP, {"call": told(deadline=NOW + 601)}),
    ("deadline-mismatch", SWAP, {"call": told(deadline=None)}),
    ("not-the-intent", SWAP, {"call": told(recipients=(YOU,))}),
    ("not-the-intent", replace(SWAP, kind=IntentKind.STAKE), {"call": told(recipients=(ME, YOU))}),
    ("slippage", replace(SWAP, slippage_bps=1_501), {}),
    ("slippage", replace(SWAP, arrives=(USDC.of("2000"),), slippage_bps=None), {}),
    ("price-impact", replace(SWAP, impact_bps=1_501), {}),
    (
        "leaves-more",
        SWAP,
        {"simulation": simulated(changes=(Change(ME, ETH.units(-ONE.units - 1)), Change(ME, LEAST)))},
    ),
    ("leaves-more", SWAP, {"simulation": simulated(changes=(Change(ME, LEAST), Change(ME, WETH.units(-1))))}),
    ("leaves-more", SWAP, {"stray": ("a piece",)}),
    ("arrives-less", SWAP, {"simulation": simulated(changes=(Change(ME, USDC.units(LEAST.units - 1)),))}),
    ("arrives-less", SWAP, {"simulation": simulated(changes=(Change(YOU, LEAST),))}),
    ("unexpected-approval", SWAP, {"simulation": simulated(approvals=(Approval(USDC, YOU, "", 1, 0),))}),
    ("approves-more", APPROVE, {"simulation": simulated(changes=(), approvals=(Approval(USDC, ROUTER, "", 6, 0),))}),
    ("insufficient-funds", SWAP, {"balance": ONE.units}),
    ("insufficient-funds", replace(SWAP, leaves=(ONE, USDC.of("5"))), {"held": {USDC: 4_999_999}}),
    ("fee-invalid", SWAP, {"fee": FeeChoice(None, 1, 2, None)}),
    ("fee-far-above", SWAP, {"fee": FeeChoice(None, 50 * FEES[2].max_fee, 1, None)}),
    ("look-alike", SEND, {"look_alike": "Anna"}),
    ("to-nobody", SEND, {"payee": ZERO}),
    ("to-token", SEND, {"payee_is_token": "USDC"}),
    ("no-contract", SWAP, {"to_has_code": False}),
    ("spender-no-contract", APPROVE, {"payee_has_code": False}),
    ("unlimited-approval", replace(APPROVE, approval=Approval(USDC, ROUTER, "", UNLIMITED)), {}),
    ("replacement-too-cheap", SEND, {"replaced": facts(SEND).transaction}),
]


@pytest.mark.parametrize(
    ("code", "intent", "changes"), REFUSALS, ids=[f"{n}-{each[0]}" for n, each in enumerate(REFUSALS)]
)
def test_it_is_refused(code: str, intent: Intent, changes: dict[str, Any]) -> None:
    if "stray" in changes:
        changes = {"stray_moves": changes["stray"]}
    found = remarks(facts(intent, **changes))
    assert code in codes(found, Weight.REFUSAL)
    assert found[0].weight is Weight.REFUSAL
    assert all(each.text.endswith((".", "?")) for each in found)


OTHERS: list[tuple[Weight, str, Intent, dict[str, Any]]] = [
    (Weight.WARNING, "incomplete-simulation", SWAP, {"simulation": simulated(is_complete=False, changes=())}),
    (Weight.WARNING, "waits-behind", SWAP, {"waits_behind": 2}),
    (Weight.WARNING, "deadline-long", replace(SWAP, deadline=NOW + 3_601), {}),
    (Weight.WARNING, "slippage", replace(SWAP, slippage_bps=301), {}),
    (Weight.WARNING, "price-impact", replace(SWAP, impact_bps=301), {}),
    (Weight.NOTE, "impact-unknown", replace(SWAP, impact_bps=None), {}),
    (Weight.NOTE, "slippage-unknown", replace(SWAP, expected=(), slippage_bps=None), {}),
    (Weight.NOTE, "sandwich", SWAP, {}),
    (Weight.WARNING, "sandwich", replace(SWAP, arrives=(USDC.of("2800"),), slippage_bps=667, impact_bps=500), {}),
    (Weight.WARNING, "to-contract", SEND, {"payee_has_code": True}),
    (Weight.NOTE, "to-yourself", replace(SEND, to=ME, recipient=ME), {"payee": ME}),
    (Weight.NOTE, "first-time", SEND, {"payee_is_known": False}),
    (Weight.WARNING, "arrives-less", SEND, {"simulation": simulated(changes=(Change(YOU, ETH.units(5)),))}),
    (Weight.NOTE, "leaves-no-gas", SEND, {"balance": ONE.units + 100_000 * 3 * GWEI}),
    (Weight.WARNING, "leaves-no-gas", SWAP, {"balance": ONE.units + 100_000 * 3 * GWEI}),
    (Weight.NOTE, "fee-large", replace(SEND, value=5, leaves=(ETH.units(5),), arrives=(ETH.units(5),)), {}),
    (Weight.WARNING, "fee-low", SWAP, {"fee": FeeChoice(None, GWEI - 1, 1, GWEI)}),
    (Weight.WARNING, "fee-far-above", SWAP, {"fee": FeeChoice(None, 3 * FEES[2].max_fee, 1, None)}),
    (Weight.NOTE, "allowance-unseen", APPROVE, {"simulation": simulated(changes=(), approvals=())}),
    (Weight.NOTE, "cancel-may-lose", replace(SEND, kind=IntentKind.CANCEL),
     {"replaced": replace(facts(SEND).transaction, max_fee=1, max_priority_fee=1), "payee": ""}),
]  # fmt: skip


@pytest.mark.parametrize(("weight", "code", "intent", "changes"), OTHERS, ids=[f"{e[0]}-{e[1]}" for e in OTHERS])
def test_it_is_said(weight: Weight, code: str, intent: Intent, changes: dict[str, Any]) -> None:
    assert (code, weight) in [(each.code, each.weight) for each in remarks(facts(intent, **changes))]


def test_spending_an_allowance_is_no_new_allowance() -> None:
    """Some tokens report the rest of an allowance when it is used."""
    lowered = simulated(approvals=(Approval(USDC, ROUTER, "", 4, 5),))
    assert remarks(facts(SWAP, simulation=lowered)) == remarks(facts(SWAP))


def test_an_unlimited_allowance_that_was_opted_for_is_a_warning() -> None:
    endless = replace(APPROVE, approval=Approval(USDC, ROUTER, "", UNLIMITED))
    assert codes(remarks(facts(endless, allow_unlimited=True)), Weight.REFUSAL) == []
    assert "unlimited-approval" in codes(remarks(facts(endless, allow_unlimited=True)), Weight.WARNING)


def test_missing_money_is_told_in_figures() -> None:
    (found,) = [each for each in remarks(facts(SWAP, balance=ONE.units)) if each.code == "insufficient-funds"]
    assert found.text == "You need 0.0003 ETH more: 1.0003 with the fee, 1 there."


def test_slippage_is_what_was_said_or_what_follows_whichever_is_more() -> None:
    assert slippage_of(SWAP) == 100
    assert slippage_of(replace(SWAP, slippage_bps=None)) == 100
    assert slippage_of(replace(SWAP, slippage_bps=1)) == 100
    assert slippage_of(replace(SWAP, slippage_bps=150)) == 150
    assert slippage_of(replace(SWAP, expected=(), slippage_bps=None)) is None


NEAR = st.integers(-2, 2)
"""Away from what is exactly right."""


@given(
    short=st.sampled_from([0, LEAST.units]) | NEAR, got=NEAR, left=NEAR, told_less=NEAR,
    deadline=st.sampled_from([600, 0, 86_400, 86_401]), slippage=st.sampled_from([None, 100, 1_500, 1_501]),
    granted=st.integers(0, 3), before=st.integers(0, 3),
)  # fmt: skip
def test_what_is_let_through_keeps_every_promise(
    short: int, got: int, left: int, deadline: int, slippage: int | None, told_less: int, granted: int, before: int
) -> None:
    least = LEAST.units - short
    intent = replace(SWAP, arrives=(USDC.units(least),), deadline=NOW + deadline, slippage_bps=slippage)
    simulation = simulated(
        changes=(Change(ME, ETH.units(-ONE.units + left)), Change(ME, USDC.units(least + got))),
        approvals=(Approval(USDC, YOU, "", granted, before),),
    )
    call = told(minimums=(least + told_less,), deadline=NOW + deadline)

    found = remarks(facts(intent, simulation=simulation, call=call))

    keeps = (
        least > 0
        and got >= 0
        and told_less >= 0
        and left >= 0
        and 0 < deadline <= DEFAULT_LIMITS.deadline_refusal_s
        and granted <= before
        and (slippage_of(intent) or 0) <= DEFAULT_LIMITS.slippage_refusal_bps
    )
    assert keeps == (not codes(found, Weight.REFUSAL))
