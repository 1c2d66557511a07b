"""Where a working order stands in the queue of its price, in a cell and in a sentence.

What was worked out from a feed that does not say who stands where is an estimate, and is marked as one.
"""

from __future__ import annotations

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.columns import Cell
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.pair import TradingPair
from engine.domain.why import Place

POLL_S = 0.25
"""Between looks at the queue: it moves without any event of the order."""
ABOUT = "≈ "
"""Before what is an estimate."""


def queue_cell(pair: TradingPair, place: Place, filled: int = 0) -> Cell:
    """Return how much is ahead of an order; of a partly filled one also how much that is, in whole percent."""
    tip = place_sentence(pair, place)
    if place.ahead is None:
        return Cell(say("Queue not seen"), "muted", "?", tip)
    values = {"about": ABOUT if place.is_estimate else "", "ahead": fmt.short_quantity(pair, place.ahead)}
    if filled and place.ahead:
        text = say("{about}{ahead} ahead, {filled}% filled", filled=filled, **values)
    elif filled:
        text = say("{about}Next in line, {filled}% filled", filled=filled, **values)
    elif place.ahead:
        text = say("{about}{ahead} ahead", **values)
    else:
        text = say("{about}Next in line", **values)
    return Cell(text, "text", pair.qty_text(place.ahead), tip)


def place_sentence(pair: TradingPair, place: Place) -> Sentence:
    """Return where an order stands, in words."""
    if place.ahead is None:
        return say("The feed does not show its price yet, so nobody knows what is ahead of it.")
    values = {
        "ahead": fmt.quantity(pair, place.ahead),
        "behind": fmt.quantity(pair, place.behind),
        "level": fmt.quantity(pair, place.level_qty),
        "base": pair.base.code,
    }
    if place.is_estimate and not is_seen(place):
        return say(
            "By estimate {ahead} {base} ahead of it, as last seen: the feed does not show its price now.", **values
        )
    if not place.ahead:
        if place.is_estimate:
            return say("By estimate it is next in line; {behind} {base} stand behind it.", **values)
        return say("It is next in line; {behind} {base} stand behind it.", **values)
    if place.is_estimate:
        return say("By estimate {ahead} {base} ahead of it and {behind} behind, of {level} at its price.", **values)
    return say("{ahead} {base} ahead of it and {behind} behind, of {level} at its price.", **values)


def is_seen(place: Place) -> bool:
    """Whether what stands at the price is shown now: what is ahead is part of it, unless it is only remembered."""
    return place.ahead is not None and place.ahead < place.level_qty


def distance_sentence(pair: TradingPair, *, buys: bool, price: int, best: int | None) -> Sentence:
    """Return how far the market is from an order's limit; `best` is the other side's best price."""
    if best is None:
        return say("Nobody stands on the other side now.")
    ticks = best - price if buys else price - best
    values = {"best": fmt.price(pair, best), "away": fmt.price(pair, ticks), "bps": fmt.basis_points(ticks, price, 2)}
    if ticks <= 0:
        return (
            say("The best ask is {best}: the order would trade now.", **values)
            if buys
            else say("The best bid is {best}: the order would trade now.", **values)
        )
    if buys:
        return say("The best ask is {best}, {away} ({bps} bps) away.", **values)
    return say("The best bid is {best}, {away} ({bps} bps) away.", **values)
