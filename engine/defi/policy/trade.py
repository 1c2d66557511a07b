"""Rules about swaps and liquidity: a least amount, a deadline, slippage, price impact, and who could trade around."""

from __future__ import annotations

from collections.abc import Iterable

from engine.defi.intent import Intent, IntentKind
from engine.defi.policy.facts import Facts, Limits, note, refusal, warning
from engine.defi.prepared import Remark
from engine.defi.sandwich import effective_depth, worst_sandwich
from engine.defi.slippage import BPS, given_up, percent

WITH_MINIMUM = frozenset({IntentKind.SWAP, IntentKind.REMOVE_LIQUIDITY, IntentKind.WRAP, IntentKind.UNWRAP})
WITH_DEADLINE = frozenset({IntentKind.SWAP, IntentKind.ADD_LIQUIDITY, IntentKind.REMOVE_LIQUIDITY})


def trade_rules(facts: Facts, limits: Limits) -> Iterable[Remark]:
    """Give all remarks about trades."""
    yield from minimum_rules(facts)
    yield from deadline_rules(facts, limits)
    yield from slippage_rules(facts.intent, limits)
    yield from impact_rules(facts.intent, limits)
    yield from sandwich_rules(facts.intent, limits)


def minimum_rules(facts: Facts) -> Iterable[Remark]:
    """Refuse a trade that would be content with nothing."""
    intent = facts.intent
    least = [each.units for each in intent.arrives]
    told = facts.call.minimums if facts.call is not None else ()
    all_zero = not any(least) or (bool(told) and not any(told))
    one_zero = intent.kind is IntentKind.SWAP and 0 in least
    if intent.kind in WITH_MINIMUM and (all_zero or one_zero):
        yield refusal(
            "min-out-zero", "It would accept nothing in return: a least amount above 0 is wanted. It is not signed."
        )


def deadline_rules(facts: Facts, limits: Limits) -> Iterable[Remark]:
    """Refuse a trade that could be carried out on some other day."""
    intent, deadline = facts.intent, facts.intent.deadline
    if intent.kind not in WITH_DEADLINE:
        return
    if deadline is None:
        yield refusal("no-deadline", "It has no deadline: it could be carried out at any time, at whatever price then.")
        return
    if facts.call is not None and facts.call.deadline is None:
        yield refusal("deadline-mismatch", "The contract would not be told the deadline shown here. It is not signed.")
    left = deadline - facts.now_s
    if left <= 0:
        yield refusal("deadline-expired", "Its deadline has passed: ask for a new quote.")
    elif left > limits.deadline_refusal_s:
        yield refusal("deadline-too-long", f"It could still be carried out in {_span(left)}: a day is the most.")
    elif left > limits.deadline_warning_s:
        yield warning("deadline-long", f"It could still be carried out in {_span(left)}, at the least amount shown.")


def slippage_of(intent: Intent) -> int | None:
    """Return how much less than expected is taken, in basis points: what was said, or what follows if it is more.

    Of liquidity that is taken out only what was said counts: in a range the price's one per cent turns much more of one
    token into the other, and nothing is lost by it.
    """
    if intent.kind is IntentKind.REMOVE_LIQUIDITY and intent.slippage_bps is not None:
        return intent.slippage_bps
    shares = [
        given_up(expected.units, least.units, intent.slippage_bps)
        for expected, least in zip(intent.expected, intent.arrives, strict=False)
        if expected.units > 0 and expected.token == least.token
    ]
    said = [] if intent.slippage_bps is None else [intent.slippage_bps]
    return max(shares + said, default=None)


def slippage_rules(intent: Intent, limits: Limits) -> Iterable[Remark]:
    """Warn of much slippage, refuse too much."""
    slippage = slippage_of(intent)
    if slippage is None:
        if intent.kind is IntentKind.SWAP:
            yield note("slippage-unknown", "How far the least amount is from the expected one is not known.")
    elif slippage > limits.slippage_refusal_bps:
        yield refusal(
            "slippage",
            f"It would accept {percent(slippage)} less than expected; {percent(limits.slippage_refusal_bps)} is the "
            "most.",
        )
    elif slippage > limits.slippage_warning_bps:
        yield warning("slippage", f"It would accept {percent(slippage)} less than expected.")


def impact_rules(intent: Intent, limits: Limits) -> Iterable[Remark]:
    """Warn of a swap that moves the price against itself, refuse one that ruins it."""
    impact = intent.impact_bps
    if impact is None:
        if intent.kind is IntentKind.SWAP:
            yield note("impact-unknown", "How far it moves the price is not known.")
    elif impact > limits.impact_refusal_bps:
        yield refusal(
            "price-impact",
            f"It is too large for these pools: it would move the price by {percent(impact)} against itself. Swap less.",
        )
    elif impact > limits.impact_warning_bps:
        yield warning(
            "price-impact",
            f"It moves the price by {percent(impact)} against itself. A smaller swap gets more for each.",
        )


def sandwich_rules(intent: Intent, limits: Limits) -> Iterable[Remark]:
    """Say what somebody who sees it before it is mined could take."""
    if intent.kind is not IntentKind.SWAP or not (intent.leaves and intent.arrives and intent.expected):
        return
    sold, least, expected = intent.leaves[0], intent.arrives[0], intent.expected[0]
    if not (sold.units and expected.units > least.units > 0):
        return
    depth = effective_depth(sold.units, expected.units, intent.impact_bps or 1)
    worst = worst_sandwich(sold.units, least.units, *depth)
    loss = expected.token.units(min(worst.loss, expected.units - least.units))
    share = loss.units * BPS // expected.units
    if loss.units <= 0:
        return
    text = (
        "Others see it before it is mined and could trade around it: "
        f"up to {loss} ({percent(share)}) of what you get could be lost to them"
    )
    if worst.profit <= 0:
        yield note("sandwich", f"{text}. The pools' fees would eat what they gain, so it is unlikely.")
    elif share > limits.sandwich_warning_bps:
        yield warning("sandwich", f"{text}, and it would pay. Take less slippage, or swap in parts.")
    else:
        yield note("sandwich", f"{text}, and it would pay. Less slippage leaves them less.")


def _span(seconds: int) -> str:
    for size, word in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {word}"
    return f"{seconds} seconds"
