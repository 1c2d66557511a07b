"""What a prepared transaction does, line by line, taken from the fields that are signed and from its simulation."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.wallet.figures import (
    ABOUT,
    NOT_LESS,
    address_in_full,
    change,
    exact,
    gwei,
    into,
    out,
    plain,
)
from crs_desktop.viewmodels.words import NOTHING, Sentence, say, verbatim
from engine.defi.chain import ChainSpec
from engine.defi.intent import Approval, Intent, IntentKind
from engine.defi.prepared import Change, Prepared
from engine.defi.token import TokenAmount

DATA_SHOWN = 68
"""Bytes of the data that are shown: the function and its first two arguments."""
MOST_TITLE = 80
Label = Callable[[str], str]
"""What an address is called here (own account, address book); empty for a stranger."""


class Line(NamedTuple):
    """A line of the confirmation: what it is about, what it says, in which tone."""

    title: Sentence
    text: Sentence
    tone: str = "text"
    note: Sentence = NOTHING
    """A smaller line below."""
    address: str = ""
    """All of an address, grouped."""


TITLES = {
    IntentKind.SEND: say("Send"),
    IntentKind.WRAP: say("Wrap"),
    IntentKind.UNWRAP: say("Unwrap"),
    IntentKind.APPROVE: say("Allow spending"),
    IntentKind.REVOKE: say("Revoke"),
    IntentKind.SWAP: say("Swap"),
    IntentKind.ADD_LIQUIDITY: say("Add liquidity"),
    IntentKind.REMOVE_LIQUIDITY: say("Remove liquidity"),
    IntentKind.COLLECT: say("Collect fees"),
    IntentKind.STAKE: say("Stake"),
    IntentKind.UNSTAKE: say("Unstake"),
    IntentKind.CLAIM: say("Claim rewards"),
    IntentKind.CANCEL: say("Cancel a waiting transaction"),
}
VERBS = {
    IntentKind.SEND: say("Sign and send"),
    IntentKind.APPROVE: say("Sign the allowance"),
    IntentKind.REVOKE: say("Sign the revocation"),
    IntentKind.CANCEL: say("Sign the cancellation"),
}
SIGN = say("Sign and send")
NOT_KNOWN = say("Not in your address book")
REVOKE = TITLES[IntentKind.REVOKE]


def title_of(intent: Intent) -> Sentence:
    """Return what is done in a word or two; an allowance of nothing is a revocation, whoever made it."""
    if _takes_away(intent):
        return REVOKE
    return TITLES[intent.kind]


def verb_of(intent: Intent) -> Sentence:
    """Return what the button says."""
    return VERBS.get(IntentKind.REVOKE if _takes_away(intent) else intent.kind, SIGN)


def _takes_away(intent: Intent) -> bool:
    about_allowance = intent.kind in (IntentKind.APPROVE, IntentKind.REVOKE)
    return about_allowance and intent.approval is not None and intent.approval.amount == 0


def moves(intent: Intent) -> list[Line]:
    """Return what leaves at most, what arrives at least and what is expected."""
    lines = [Line(say("Leaves"), verbatim(out(each)), "down") for each in intent.leaves]
    expected = {each.token.key: each for each in intent.expected}
    theirs = bool(intent.recipient) and intent.recipient != intent.sender
    for each in intent.arrives:
        if theirs:
            lines.append(Line(say("They receive at least"), verbatim(exact(each))))
            continue
        about = expected.pop(each.token.key, None)
        note = say("{about} {amount} expected", about=ABOUT, amount=exact(about)) if about is not None else NOTHING
        lines.append(Line(say("Arrives at least"), verbatim(f"{NOT_LESS} {into(each)}"), "up", note))
    lines += [
        Line(say("Expected"), verbatim(f"{ABOUT} {into(each)}"), "warn", say("Nothing promises this amount."))
        for each in expected.values()
    ]
    if not lines and intent.approval is None:
        lines.append(Line(say("Leaves"), say("Nothing but the fee")))
    return lines


def parties(intent: Intent, label: Label) -> list[Line]:
    """Return whose it is, who is paid or called, and who receives if that is somebody else; addresses in full."""
    lines = [_who(say("From"), intent.sender, "", label)]
    if intent.kind is IntentKind.SEND:
        payee = intent.recipient or intent.to
        lines.append(_who(say("To"), payee, "", label))
        if payee != intent.to:
            lines.append(_who(say("Contract"), intent.to, intent.to_title, label))
        return lines
    lines.append(_who(say("Contract"), intent.to, intent.to_title, label))
    if intent.recipient and intent.recipient != intent.sender:
        lines.append(_who(say("Goes to"), intent.recipient, "", label, stranger="warn"))
    return lines


def _who(title: Sentence, address: str, known_as: str, label: Label, stranger: str = "muted") -> Line:
    name = plain(label(address) or known_as, MOST_TITLE)
    text = verbatim(name) if name else NOT_KNOWN
    return Line(title, text, "text" if name else stranger, NOTHING, address_in_full(address))


def allowance(approval: Approval, label: Label) -> list[Line]:
    """Return who may spend what from now on; that it never runs out cannot be missed."""
    token, spender = approval.token, approval.spender
    name = plain(label(spender) or approval.spender_title, MOST_TITLE)
    who = verbatim(name) if name else NOT_KNOWN
    before = _before(approval)
    symbol = plain(token.symbol, 20)
    if approval.amount == 0:
        said = Line(REVOKE, say("May spend no more {symbol}", symbol=symbol), "good", before)
    elif approval.is_unlimited:
        warning = say("It may take every {symbol} that you have, now and later.", symbol=symbol)
        said = Line(say("Allowance"), say("Never runs out: all {symbol}", symbol=symbol), "error", warning)
    else:
        amount = exact(TokenAmount(token, approval.amount))
        said = Line(say("Allowance"), say("Exactly {amount}", amount=amount), "text", before)
    tone = "error" if approval.is_unlimited else "text" if name else "warn"
    return [said, Line(say("Who may spend"), who, tone, NOTHING, address_in_full(spender))]


def _before(approval: Approval) -> Sentence:
    if approval.before is None:
        return NOTHING
    if approval.before >= 2**255:
        return say("Until now: without end")
    return say("Until now: {amount}", amount=exact(TokenAmount(approval.token, approval.before)))


def terms(intent: Intent) -> list[Line]:
    """Return by how much less is still taken, and how far the price moves."""
    lines = []
    if intent.slippage_bps is not None:
        text = say("At most {share} less than expected", share=fmt.share(intent.slippage_bps))
        lines.append(Line(say("Slippage"), text, "warn" if intent.slippage_bps > 300 else "text"))
    if intent.impact_bps is not None:
        share = fmt.share(abs(intent.impact_bps))
        lines.append(Line(say("Price impact"), verbatim(share), "warn" if intent.impact_bps >= 100 else "text"))
    return lines


def simulated(prepared: Prepared, label: Label) -> list[Line]:
    """Return what the chain says it would do: who gains and loses what, which allowances it would set."""
    found = prepared.simulation
    if not found.ok:
        reason = plain(found.reason) or "no reason was given"
        return [Line(say("It would fail"), verbatim(reason), "error")]
    lines = [_changed(each, prepared.intent.sender, label) for each in found.changes]
    meant = prepared.intent.approval
    lines += [
        Line(say("Also sets an allowance"), verbatim(plain(each.token.symbol, 20)), "error", NOTHING,
             address_in_full(each.spender))
        for each in found.approvals
        if meant is None or (each.token.key, each.spender) != (meant.token.key, meant.spender)
    ]  # fmt: skip
    if not lines:
        lines.append(Line(say("Simulated"), say("No balance changes but the fee")))
    return lines


def _changed(each: Change, sender: str, label: Label) -> Line:
    if each.account == sender:
        title = say("You")
    else:
        name = plain(label(each.account), MOST_TITLE)
        title = verbatim(name) if name else verbatim(f"{each.account[:8]}…{each.account[-6:]}")
    return Line(title, verbatim(change(each.amount)), "down" if each.amount.units < 0 else "up")


def signed_fields(prepared: Prepared, chain: ChainSpec) -> list[Line]:
    """Return every field that is signed, as it is signed."""
    made = prepared.transaction
    data = made.data[:DATA_SHOWN].hex(" ", 4)
    more = say("and {count} bytes more", count=len(made.data) - DATA_SHOWN) if len(made.data) > DATA_SHOWN else NOTHING
    kind = say("Gas price") if made.is_legacy else say("Most per gas")
    lines = [
        Line(say("Chain"), verbatim(f"{chain.title} · {made.chain_id}")),
        Line(say("From"), verbatim(address_in_full(made.sender))),
        Line(say("To"), verbatim(address_in_full(made.to)) if made.to else say("Makes a contract")),
        Line(say("Number"), verbatim(str(made.nonce))),
        Line(say("Value"), verbatim(exact(TokenAmount(chain.native, made.value)))),
        Line(say("Gas, at most"), verbatim(f"{made.gas:,}")),
        Line(kind, verbatim(f"{gwei(made.max_fee)} gwei")),
    ]
    if not made.is_legacy:
        lines.append(Line(say("Tip per gas"), verbatim(f"{gwei(made.max_priority_fee)} gwei")))
    lines.append(Line(say("Data"), verbatim(data) if data else say("None"), "text", more))
    covered = {str(each.title) for each in lines}
    for each in prepared.lines:
        if each.title not in covered:
            text = plain(f"{each.text} {each.detail}".strip())
            lines.append(
                Line(verbatim(plain(each.title, MOST_TITLE)), verbatim(text), LINE_TONES.get(each.tone, "text"))
            )
    return lines


LINE_TONES = {"out": "down", "in": "up", "muted": "muted", "warning": "warn", "danger": "error"}
