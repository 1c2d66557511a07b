"""Rules about who is paid."""

from __future__ import annotations

from collections.abc import Iterable

from engine.defi.address import ZERO, short
from engine.defi.intent import IntentKind
from engine.defi.policy.facts import Facts, Limits, note, refusal, warning
from engine.defi.prepared import Remark

DEAD = "0x000000000000000000000000000000000000dEaD"
"""Where people send what they mean to burn."""


def payee_rules(facts: Facts, _limits: Limits) -> Iterable[Remark]:
    """Give all remarks about whoever gets something."""
    intent = facts.intent
    if intent.recipient and intent.recipient not in (intent.sender, facts.payee):
        yield refusal("not-the-intent", "Who receives is not who was shown. It is not signed.")
    if intent.kind is IntentKind.SEND:
        yield from _sending(facts)
    elif not facts.to_has_code and intent.data:
        yield refusal("no-contract", f"There is no contract at {short(intent.to)}: what it is told would be lost.")
    if facts.payee and facts.payee != intent.sender:
        yield from _strangers(facts)


def _sending(facts: Facts) -> Iterable[Remark]:
    payee, intent = facts.payee, facts.intent
    if payee in (ZERO, DEAD):
        yield refusal("to-nobody", "Nobody has the key of this address: what is sent there is lost.")
    elif facts.payee_is_token:
        yield refusal(
            "to-token",
            f"This is the contract of {facts.payee_is_token}, not somebody's account: what is sent there is lost.",
        )
    elif facts.payee_has_code:
        yield warning("to-contract", "This is a contract. Many cannot give back what is simply sent to them.")
    elif payee == intent.sender:
        yield note("to-yourself", "This goes to the account it comes from.")
    if not facts.to_has_code and intent.data:
        yield refusal("no-contract", f"There is no contract at {short(intent.to)}: nothing would be sent.")


def _strangers(facts: Facts) -> Iterable[Remark]:
    if facts.look_alike:
        yield refusal(
            "look-alike",
            f"{facts.payee} looks like {facts.look_alike}, and is another address. Such addresses are made to be "
            "mistaken. If it is meant, add it to the address book first.",
        )
    elif not facts.payee_is_known and facts.intent.kind is IntentKind.SEND:
        yield note(
            "first-time",
            "Nothing was sent to this address before. Compare it, digit by digit, with what you were given.",
        )
