"""All rules together, and those about the transaction as a whole: its chain, its simulation, its number."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.defi.fees import is_enough_to_replace
from engine.defi.intent import IntentKind
from engine.defi.policy.act import act_rules
from engine.defi.policy.allowance import allowance_rules
from engine.defi.policy.effect import effect_rules
from engine.defi.policy.facts import DEFAULT_LIMITS, Facts, Limits, note, refusal, warning
from engine.defi.policy.money import money_rules
from engine.defi.policy.payee import payee_rules
from engine.defi.policy.trade import trade_rules
from engine.defi.prepared import Remark, Weight

Rule = Callable[[Facts, Limits], Iterable[Remark]]

ORDER = {Weight.REFUSAL: 0, Weight.WARNING: 1, Weight.NOTE: 2}


def remarks(facts: Facts, limits: Limits = DEFAULT_LIMITS) -> tuple[Remark, ...]:
    """Return all that speaks against a transaction, the weightiest first."""
    rules: tuple[Rule, ...] = (
        chain_rules,
        act_rules,
        simulation_rules,
        number_rules,
        money_rules,
        payee_rules,
        allowance_rules,
        effect_rules,
        trade_rules,
        name_rules,
    )
    found = [remark for rule in rules for remark in rule(facts, limits)]
    return tuple(sorted(found, key=lambda each: ORDER[each.weight]))


def chain_rules(facts: Facts, _limits: Limits) -> Iterable[Remark]:
    """Refuse where intent, transaction, chain and node do not mean the same chain."""
    meant = {facts.intent.chain_id, facts.transaction.chain_id, facts.chain.chain_id}
    if meant != {facts.client_chain_id}:
        yield refusal(
            "wrong-chain",
            f"This is for chain {facts.intent.chain_id}, and the node is on chain {facts.client_chain_id}. "
            "It is not signed; choose the right network.",
        )
    foreign = {
        each.token.symbol
        for each in (*facts.intent.leaves, *facts.intent.arrives)
        if each.token.chain_id != facts.intent.chain_id
    }
    if foreign:
        yield refusal("wrong-chain", f"{', '.join(sorted(foreign))} is a token of another chain.")
    if facts.transaction.sender != facts.intent.sender or facts.transaction.data != facts.intent.data:
        yield refusal("not-the-intent", "The transaction is not what was asked for. It is not signed.")


def simulation_rules(facts: Facts, _limits: Limits) -> Iterable[Remark]:
    """Refuse what was not simulated or would fail; warn where the simulation could not see everything."""
    simulation = facts.simulation
    if not simulation.ok and simulation.block <= 0:
        yield refusal(
            "no-simulation",
            "What this would do could not be found out, so it is not signed: "
            f"{simulation.reason or 'no node answered.'}",
        )
    elif not simulation.ok:
        yield refusal("would-fail", f"It would fail: {simulation.reason.rstrip('. ')}.")
    elif not simulation.is_complete:
        yield warning(
            "incomplete-simulation",
            "This node cannot say what would change. It was only called: it would not fail, but what leaves and "
            "arrives is what was asked for, not what was seen.",
        )


def name_rules(facts: Facts, _limits: Limits) -> Iterable[Remark]:
    """Warn of tokens that are called as others are."""
    for each in facts.imitations:
        yield warning("imitation", each)


def number_rules(facts: Facts, _limits: Limits) -> Iterable[Remark]:
    """Hold a replacement against what it replaces, and say what a transaction waits for."""
    old = facts.replaced
    if old is not None:
        if not is_enough_to_replace(old.max_fee, old.max_priority_fee, facts.fee):
            yield refusal(
                "replacement-too-cheap",
                "To take the place of one that waits, both the maximum and the tip must be a tenth higher than its.",
            )
        if facts.intent.kind is IntentKind.CANCEL:
            yield note(
                "cancel-may-lose",
                "Whichever of both is mined first counts. If it is the old one, it was not cancelled, and this one "
                "vanishes without costing anything.",
            )
    if facts.perhaps_sent:
        yield warning(
            "perhaps-sent",
            f'A node refused "{facts.perhaps_sent}", and its number was used up afterwards: it may have been carried '
            "out all the same. Look at what you have before you do it again.",
        )
    if facts.waits_behind:
        waiting = "one is" if facts.waits_behind == 1 else f"{facts.waits_behind} are"
        yield warning(
            "waits-behind",
            f"Of the transactions that come before it, {waiting} no longer known to the node. This one waits until "
            "they are sent again or cancelled.",
        )
