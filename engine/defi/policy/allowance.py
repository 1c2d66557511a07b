"""Rules about allowances: exact unless asked for otherwise, and none that nobody mentioned."""

from __future__ import annotations

from collections.abc import Iterable

from engine.defi.address import short
from engine.defi.intent import Approval, IntentKind
from engine.defi.policy.facts import Facts, Limits, note, refusal, warning
from engine.defi.prepared import Remark


def allowance_rules(facts: Facts, _limits: Limits) -> Iterable[Remark]:
    """Give all remarks about allowances."""
    intent = facts.intent
    if intent.kind in (IntentKind.APPROVE, IntentKind.REVOKE):
        if intent.approval is None:
            yield refusal("not-the-intent", "An allowance without its figures cannot be shown. It is not signed.")
            return
        yield from _wanted(facts, intent.approval)
    yield from _seen(facts)


def _wanted(facts: Facts, approval: Approval) -> Iterable[Remark]:
    who = approval.spender_title or short(approval.spender)
    symbol = approval.token.symbol[:20]
    if facts.intent.kind is IntentKind.REVOKE and approval.amount:
        yield refusal("not-the-intent", "This takes no allowance back: it gives one. It is not signed.")
    if approval.is_unlimited and not facts.allow_unlimited:
        yield refusal(
            "unlimited-approval",
            f"This lets {who} take all {symbol} you will ever have. An allowance of just what is needed is enough; an "
            "unlimited one has to be asked for.",
        )
    elif approval.is_unlimited:
        yield warning(
            "unlimited-approval", f"This lets {who} take all {symbol} you have and will have, until you revoke it."
        )
    if approval.amount and not facts.payee_has_code:
        yield refusal(
            "spender-no-contract",
            f"{short(approval.spender)} is no contract but somebody's account: they could take the tokens at any time.",
        )


def _seen(facts: Facts) -> Iterable[Remark]:
    """Refuse allowances of the simulation that nobody asked for; lowered ones are what spending does."""
    wanted = facts.intent.approval
    met = False
    for each in facts.simulation.approvals:
        if wanted is not None and (each.token, each.spender) == (wanted.token, wanted.spender):
            met = True
            if each.amount > wanted.amount:
                yield refusal(
                    "approves-more",
                    f"It would allow {each.token.units(each.amount)}, "
                    f"not the {wanted.token.units(wanted.amount).text} asked for.",
                )
            continue
        before = each.before if each.before is not None else 0
        if each.amount > before:
            yield refusal(
                "unexpected-approval",
                f"It would also let {each.spender_title or each.spender} take "
                f"{'all' if each.is_unlimited else each.token.units(each.amount).text} {each.token.symbol[:20]}. "
                "Nobody asked for that. It is not signed.",
            )
    if wanted is not None and not met and facts.simulation.ok and facts.simulation.is_complete:
        yield note("allowance-unseen", "The token did not report the allowance in the simulation.")
