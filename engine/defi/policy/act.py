"""Rules that hold the signed call against the act in words, before any simulation and without one.

A node that can only call sees no effects, and one that lies sees what it likes: what the call itself says counts. The
plain acts have one call each; the others must at least be calls that this program can read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from engine.defi.chain import ChainSpec
from engine.defi.intent import Intent, IntentKind
from engine.defi.policy.facts import Facts, Limits, refusal
from engine.defi.prepared import Remark


class _Plain(NamedTuple):
    """The only transaction that a plain act is."""

    to: str
    value: int = 0
    call: str = ""
    args: tuple[object, ...] = ()


def act_rules(facts: Facts, _limits: Limits) -> Iterable[Remark]:
    """Refuse a call that is not that of its act, and one that nobody here can read."""
    intent, sent, call = facts.intent, facts.transaction, facts.call
    wanted = _plain(intent, facts.chain)
    if wanted is not None:
        said = (call.name, call.args) if call is not None else ("", ())
        is_read = call is not None or not sent.data
        if not is_read or (sent.to, sent.value, *said) != (wanted.to, wanted.value, wanted.call, wanted.args):
            yield refusal(
                "not-the-intent", "The contract would be told something else than is shown. It is not signed."
            )
    elif sent.data and call is None:
        yield refusal(
            "unknown-call",
            "What the contract would be told cannot be read here, so it cannot be held against what is shown. "
            "It is not signed.",
        )


def _plain(intent: Intent, chain: ChainSpec) -> _Plain | None:
    """Return what an act has to be; None for those that can be many things."""
    match intent.kind:
        case IntentKind.SEND:
            return _sent(intent)
        case IntentKind.APPROVE | IntentKind.REVOKE if intent.approval is not None:
            approval = intent.approval
            return _Plain(approval.token.address, 0, "approve", (approval.spender, approval.amount))
        case IntentKind.WRAP:
            return _Plain(chain.wrapped.address, _units(intent), "deposit")
        case IntentKind.UNWRAP:
            return _Plain(chain.wrapped.address, 0, "withdraw", (_units(intent),))
        case IntentKind.CANCEL:
            return _Plain(intent.sender)
        case _:
            return None


def _sent(intent: Intent) -> _Plain:
    payee = intent.recipient or intent.to
    token = intent.leaves[0].token if intent.leaves else None
    if token is None or token.is_native:
        return _Plain(payee, _units(intent))
    return _Plain(token.address, 0, "transfer", (payee, _units(intent)))


def _units(intent: Intent) -> int:
    return sum(each.units for each in intent.leaves)
