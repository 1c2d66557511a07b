"""Rules about what it costs and whether it is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from engine.defi.intent import IntentKind
from engine.defi.policy.facts import GWEI, Facts, Limits, note, refusal, warning
from engine.defi.prepared import FeePreset, Remark
from engine.defi.token import Token

ENOUGH_FOR_ONE = 60_000
"""Gas of a small act (a token sent, an allowance taken back): less than that left means stuck."""
FEE_SHARE = 2
"""A fee above one part in so many of what is sent is worth a word."""


def money_rules(facts: Facts, limits: Limits) -> Iterable[Remark]:
    """Give all remarks about money."""
    yield from coin_rules(facts)
    yield from token_rules(facts)
    yield from fee_rules(facts, limits)


def coin_rules(facts: Facts) -> Iterable[Remark]:
    """Say what is missing, with figures, and what would be left."""
    coin, sent = facts.chain.native, facts.transaction
    fee = sent.gas * sent.max_fee + facts.base_fee
    needed = sent.value + fee
    if needed > facts.balance:
        yield refusal(
            "insufficient-funds",
            f"You need {coin.units(needed - facts.balance)} more: {coin.units(needed).text} with the fee, "
            f"{coin.units(max(facts.balance, 0)).text} there.",
        )
        return
    rest = facts.balance - needed
    if sent.value and rest < ENOUGH_FOR_ONE * sent.max_fee:
        text = (
            f"{coin.units(rest)} remain: too little to pay for another transaction, tokens of this account cannot move."
        )
        is_plain = facts.intent.kind is IntentKind.SEND
        yield note("leaves-no-gas", text) if is_plain else warning("leaves-no-gas", text)
    if facts.intent.kind is IntentKind.SEND and sent.value and fee * FEE_SHARE > sent.value:
        yield note(
            "fee-large", f"The fee may be {coin.units(fee)}, a good part of the {coin.units(sent.value).text} sent."
        )


def token_rules(facts: Facts) -> Iterable[Remark]:
    """Say which tokens are missing, with figures."""
    leaving: dict[Token, int] = defaultdict(int)
    for each in facts.intent.leaves:
        leaving[each.token] += each.units
    for token, units in leaving.items():
        held = facts.held.get(token)
        if token.is_native or held is None or units <= held:
            continue
        yield refusal(
            "insufficient-funds",
            f"You need {token.units(units - held)} more: {token.units(units).text} wanted, "
            f"{token.units(held).text} there.",
        )


def fee_rules(facts: Facts, limits: Limits) -> Iterable[Remark]:
    """Refuse fees that are typing errors, warn of strange ones."""
    choice = facts.fee
    if choice.max_priority_fee > choice.max_fee:
        yield refusal("fee-invalid", "The tip is higher than the maximum it is a part of; no node takes that.")
    if choice.max_fee < 0 or choice.max_priority_fee < 0:
        yield refusal("fee-invalid", "A fee cannot be negative.")
    if choice.base_fee is not None and choice.max_fee < choice.base_fee:
        yield warning("fee-low", "The maximum is below what the next block asks: it waits until gas is cheaper.")
    yield from _plain_fee_rules(facts, limits)
    fast = next((each for each in facts.fees if each.preset is FeePreset.FAST), None)
    if fast is None or fast.max_fee <= 0 or facts.replaced is not None:
        return
    times = choice.max_fee // fast.max_fee
    if times >= limits.fee_refusal_times:
        yield refusal("fee-far-above", f"The fee is {times} times what a fast transaction pays: a typing error?")
    elif times >= limits.fee_warning_times:
        yield warning("fee-far-above", f"The fee is {times} times what a fast transaction pays now.")


def _plain_fee_rules(facts: Facts, limits: Limits) -> Iterable[Remark]:
    """Look at a fee without believing the node about what is usual: it may earn the tip."""
    sent, coin = facts.transaction, facts.chain.native
    if sent.max_fee >= limits.price_refusal:
        yield refusal("fee-price", f"{_gwei(sent.max_fee)} gwei for gas is a price that no chain ever had.")
    elif sent.max_fee >= limits.price_warning:
        yield warning("fee-price", f"Gas would cost up to {_gwei(sent.max_fee)} gwei: far more than it usually does.")
    fee = sent.gas * sent.max_fee + facts.base_fee
    if 0 < facts.balance < fee * limits.fee_warning_share and fee <= facts.balance:
        yield warning(
            "fee-share",
            f"The fee may be {coin.units(fee)}, a large part of the {coin.units(facts.balance).text} there.",
        )


def _gwei(wei: int) -> str:
    return f"{wei // GWEI:,}"
