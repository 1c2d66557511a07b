"""What a person reads before a signature, and the fingerprint of what they have read.

The fingerprint covers every field that is signed, the intent, all remarks and all lines: if any of them is another
when it comes to signing, it was not this that was confirmed. Times are UTC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum

from engine.defi.address import short
from engine.defi.chain import ChainSpec
from engine.defi.intent import Approval, Intent, IntentKind
from engine.defi.policy.trade import slippage_of
from engine.defi.prepared import ConfirmLine, FeeChoice, Remark, Simulation, Weight
from engine.defi.slippage import percent
from engine.defi.token import TokenAmount
from engine.ports.chain import UnsignedTransaction

ACTS = {
    IntentKind.SEND: "Send",
    IntentKind.WRAP: "Wrap the coin",
    IntentKind.UNWRAP: "Unwrap the coin",
    IntentKind.APPROVE: "Allow",
    IntentKind.REVOKE: "Revoke an allowance",
    IntentKind.SWAP: "Swap",
    IntentKind.ADD_LIQUIDITY: "Add liquidity",
    IntentKind.REMOVE_LIQUIDITY: "Remove liquidity",
    IntentKind.COLLECT: "Collect fees",
    IntentKind.STAKE: "Stake",
    IntentKind.UNSTAKE: "Unstake",
    IntentKind.CLAIM: "Claim rewards",
    IntentKind.CANCEL: "Cancel a waiting transaction",
}
GWEI = 10**9
DATA_SHOWN = 2_000
"""Hexadecimal digits of a call that are shown in a detail."""
TONES = {Weight.NOTE: "muted", Weight.WARNING: "warning", Weight.REFUSAL: "danger"}


@dataclass(frozen=True, slots=True)
class Readable:
    """All that the lines are made from."""

    intent: Intent
    transaction: UnsignedTransaction
    fee: FeeChoice
    simulation: Simulation
    chain: ChainSpec
    remarks: tuple[Remark, ...]
    payee: str
    payee_title: str
    call: str = ""
    """The decoded call in words; empty: there is none."""
    base_fee: int = 0
    """What the base chain of a rollup takes besides, in wei."""


def act_of(intent: Intent) -> str:
    """Return what an intent does, in a few words: "Send 1.5 ETH", "Revoke USDC from Uniswap V2's router"."""
    approval = intent.approval
    if approval is not None and intent.kind in (IntentKind.APPROVE, IntentKind.REVOKE):
        who, symbol = approval.spender_title or short(approval.spender), approval.token.symbol[:20]
        if approval.amount == 0:
            return f"Revoke: {who} may take no more {symbol}"
        much = f"all {symbol}, now and later" if approval.is_unlimited else str(approval.token.units(approval.amount))
        return f"Allow {who} to take {much}"
    act = ACTS[intent.kind]
    if intent.kind is IntentKind.SWAP and intent.leaves and intent.arrives:
        return f"Swap {_listed(intent.leaves)} for {_listed(intent.expected or intent.arrives)}"
    if intent.kind is IntentKind.SEND and intent.leaves:
        return f"{act} {_listed(intent.leaves)}"
    told = intent.leaves or intent.arrives
    return f"{act}: {_listed(told)}" if told else act


def lines(told: Readable) -> tuple[ConfirmLine, ...]:
    """Return the confirmation, line by line."""
    found = [ConfirmLine("What", act_of(told.intent)), *_places(told), *_amounts(told), *_allowances(told)]
    found += _conditions(told)
    found += _costs(told)
    found += [
        ConfirmLine("Note" if each.weight is Weight.NOTE else "Mind", each.text, TONES[each.weight])
        for each in told.remarks
    ]
    return tuple(found)


def digest(*shown: object) -> str:
    """Return the fingerprint of values, hexadecimal: dataclasses field by field, in order."""
    state = hashlib.sha256()
    for each in shown:
        for part in _canonical(each):
            state.update(part)
    return state.hexdigest()


def _canonical(value: object) -> Iterable[bytes]:
    """Every value with its kind and length in front, so that no two different ones read alike."""
    if is_dataclass(value) and not isinstance(value, type):
        yield f"<{type(value).__name__}>".encode()
        for each in fields(value):
            yield from _canonical(getattr(value, each.name))
    elif isinstance(value, (tuple, list)):
        yield f"[{len(value)}]".encode()
        for each in value:
            yield from _canonical(each)
    elif isinstance(value, bytes):
        yield f"b{len(value)}:".encode() + value
    else:
        text = str(value.value) if isinstance(value, Enum) else repr(value)
        yield f"{type(value).__name__}{len(text)}:{text}".encode()


def _listed(amounts: Sequence[TokenAmount]) -> str:
    return " and ".join(map(str, amounts))


def _places(told: Readable) -> Iterable[ConfirmLine]:
    intent, sent = told.intent, told.transaction
    yield ConfirmLine("Network", told.chain.title, detail=f"chain {sent.chain_id}")
    yield ConfirmLine("From", short(sent.sender), detail=sent.sender)
    if told.payee and told.payee != intent.to and intent.kind is IntentKind.SEND:
        yield ConfirmLine("To", told.payee_title or told.payee, detail=told.payee)
        yield ConfirmLine("Contract", intent.to_title or short(intent.to), "muted", intent.to)
    elif intent.kind is not IntentKind.CANCEL:
        is_person = intent.kind is IntentKind.SEND
        title = (
            (told.payee_title if is_person else "") or intent.to_title or (intent.to if is_person else short(intent.to))
        )
        yield ConfirmLine("To" if is_person else "Contract", title, detail=intent.to)
    if intent.recipient and intent.recipient != intent.sender and intent.kind is not IntentKind.SEND:
        yield ConfirmLine("Receives", intent.recipient, "warning", intent.recipient)
    if intent.replaces:
        yield ConfirmLine("Replaces", f"the transaction with number {sent.nonce} that waits", detail=intent.replaces)


def _amounts(told: Readable) -> Iterable[ConfirmLine]:
    intent = told.intent
    for each in intent.leaves:
        yield ConfirmLine("Leaves, at most", str(each), "out")
    for each in intent.arrives:
        yield ConfirmLine("Arrives, at least", str(each), "in", intent.recipient or intent.sender)
    if told.simulation.ok and told.simulation.is_complete:
        for change in told.simulation.changes:
            whose = "you" if change.account == intent.sender else short(change.account)
            sign, tone = ("+", "in") if change.amount.units > 0 else ("", "out")
            yield ConfirmLine(f"Simulated, {whose}", f"{sign}{change.amount}", tone, change.account)


def _allowances(told: Readable) -> Iterable[ConfirmLine]:
    approval = told.intent.approval
    if approval is not None:
        yield ConfirmLine(
            "Allowance", _allowance(approval), "danger" if approval.is_unlimited else "", approval.spender
        )
        if approval.before:
            before = "unlimited" if approval.before >= 2**255 else str(approval.token.units(approval.before))
            yield ConfirmLine("Allowed until now", before, "muted")


def _allowance(approval: Approval) -> str:
    who, symbol = approval.spender_title or approval.spender, approval.token.symbol[:20]
    if approval.amount == 0:
        return f"none: {who} may take no more {symbol}"
    if approval.is_unlimited:
        return f"UNLIMITED: {who} may take all {symbol}"
    return f"{approval.token.units(approval.amount)} for {who}"


def _conditions(told: Readable) -> Iterable[ConfirmLine]:
    intent = told.intent
    for each in intent.route:
        yield ConfirmLine("Route", each, "muted")
    slippage = slippage_of(intent)
    if slippage is not None:
        yield ConfirmLine("Slippage, at most", percent(slippage))
    if intent.impact_bps is not None:
        yield ConfirmLine("Price impact", percent(intent.impact_bps))
    if intent.deadline is not None:
        yield ConfirmLine("Deadline", _instant(intent.deadline))


def _costs(told: Readable) -> Iterable[ConfirmLine]:
    sent, coin = told.transaction, told.chain.native
    yield ConfirmLine("Fee, at most", str(coin.units(sent.gas * sent.max_fee)), "out", _gas(told))
    if told.base_fee:
        yield ConfirmLine("Fee of the base chain, at most about", str(coin.units(told.base_fee)), "out")
    base = told.fee.base_fee
    price = sent.max_fee if base is None else min(sent.max_fee, base + sent.max_priority_fee)
    if told.simulation.gas_used:
        yield ConfirmLine("Fee, about", str(coin.units(told.simulation.gas_used * price)), "muted")
    yield ConfirmLine("Number", str(sent.nonce), "muted", "of the sender's transactions")
    if sent.data:
        digits = sent.data.hex()
        tail = "…" if len(digits) > DATA_SHOWN else ""
        yield ConfirmLine("Call", told.call or "not known to this program", "muted", f"0x{digits[:DATA_SHOWN]}{tail}")


def _gas(told: Readable) -> str:
    sent = told.transaction
    return f"{sent.gas:,} gas at {_gwei(sent.max_fee)} gwei at most, {_gwei(sent.max_priority_fee)} of it a tip"


def _gwei(wei: int) -> str:
    whole, rest = divmod(wei, GWEI)
    return f"{whole}.{rest:09}".rstrip("0").rstrip(".")


def _instant(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):
        return "no time that there is"
