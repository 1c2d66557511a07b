"""Rules that hold what a simulation saw against what was promised."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from engine.defi.intent import Intent, IntentKind
from engine.defi.policy.facts import Facts, Limits, refusal, warning
from engine.defi.prepared import Remark, Simulation
from engine.defi.token import Token, TokenAmount

WITH_RECIPIENT = frozenset(
    set(IntentKind) - {IntentKind.SEND, IntentKind.APPROVE, IntentKind.REVOKE, IntentKind.CANCEL}
)
"""Kinds whose calls may name who gets what comes of them; of the others the payee is looked at."""
STAND_INS = tuple("0x" + "0" * 39 + digit for digit in "012")
"""By which Uniswap's V3 routers mean whoever calls them, or themselves."""


def effect_rules(facts: Facts, _limits: Limits) -> Iterable[Remark]:
    """Refuse where more leaves or less arrives than the intent says."""
    yield from _promise_rules(facts)
    for line in facts.stray_moves:
        yield refusal("leaves-more", f"{line} would leave. Nobody asked for that. It is not signed.")
    if not facts.simulation.ok or not facts.simulation.is_complete:
        return
    yield from _leaving(facts.intent, facts.simulation)
    yield from _arriving(facts.intent, facts.simulation)


def _promise_rules(facts: Facts) -> Iterable[Remark]:
    """Hold what is signed against the promise: the call's own words count when the market has moved."""
    intent = facts.intent
    coin = sum(each.units for each in intent.leaves if each.token.is_native)
    if facts.transaction.value > coin:
        yield refusal("not-the-intent", "More of the coin goes along than was said to leave. It is not signed.")
    if intent.kind in (IntentKind.SWAP, IntentKind.REMOVE_LIQUIDITY) and _accepts_less(facts):
        yield refusal(
            "min-out-mismatch",
            "The contract would be told to accept less than what is shown here as the least that arrives. "
            "It is not signed.",
        )
    call = facts.call
    if call is None or intent.kind not in WITH_RECIPIENT:
        return
    if call.deadline is not None and intent.deadline is not None and call.deadline > intent.deadline:
        yield refusal(
            "deadline-mismatch", "The contract would be told a later deadline than the one shown. It is not signed."
        )
    meant = (intent.recipient or intent.sender, intent.to, *STAND_INS)
    for each in call.recipients:
        if each not in meant:
            yield refusal(
                "not-the-intent", f"What comes out would go to {each}, not to whom it was shown to. It is not signed."
            )


def _accepts_less(facts: Facts) -> bool:
    """Whether the call's own least amounts are below those shown; a split has more of them, which add up."""
    told = sorted(facts.call.minimums) if facts.call is not None else []
    shown = sorted(each.units for each in facts.intent.arrives)
    if not told:
        return False
    if len(told) == len(shown):
        return any(mine < least for mine, least in zip(told, shown, strict=True))
    return sum(told) < sum(shown)


def _leaving(intent: Intent, simulation: Simulation) -> Iterable[Remark]:
    allowed = _sum(intent.leaves)
    for token, units in _of(simulation, intent.sender).items():
        if -units > allowed.get(token, 0):
            asked = allowed.get(token, 0)
            yield refusal(
                "leaves-more",
                f"{token.units(-units)} would leave, "
                + (f"more than the {token.units(asked).text} said. " if asked else "of which nothing was said. ")
                + "It is not signed.",
            )


def _arriving(intent: Intent, simulation: Simulation) -> Iterable[Remark]:
    receiver = intent.recipient or intent.sender
    arrived = _of(simulation, receiver)
    if receiver == intent.sender == intent.to and intent.kind is IntentKind.SEND:
        return  # to oneself: nothing changes
    for token, least in _sum(intent.arrives).items():
        got = arrived.get(token, 0)
        if got >= least or (receiver == intent.sender and intent.kind is IntentKind.SEND):
            continue
        if intent.kind is IntentKind.SEND and got > 0:
            yield warning(
                "arrives-less",
                f"Of {token.units(least)} only {token.units(got).text} would arrive: the token keeps a part of every "
                "transfer.",
            )
        else:
            yield refusal(
                "arrives-less",
                f"Only {token.units(max(got, 0))} would arrive, less than the {token.units(least).text} promised.",
            )


def _sum(amounts: Iterable[TokenAmount]) -> dict[Token, int]:
    found: dict[Token, int] = defaultdict(int)
    for each in amounts:
        found[each.token] += each.units
    return found


def _of(simulation: Simulation, account: str) -> dict[Token, int]:
    return _sum(each.amount for each in simulation.changes if each.account == account)
