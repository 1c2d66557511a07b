"""What happened to an account while its server could not be reached, in words: a title, and a line for each order."""

from __future__ import annotations

from collections.abc import Mapping

from crs_desktop.viewmodels import format as fmt
from crs_desktop.viewmodels.words import Sentence, say
from engine.domain.number import NANOS_PER_SECOND
from engine.domain.order import Side
from engine.domain.pair import TradingPair
from engine.services.reconcile import Change, Fate, Reconciled

SHOWN = 4
"""Orders that a toast names; the log has them all."""

_WORDS = {
    (Fate.FILLED, Side.BUY): "Filled: bought {filled} {base}.",
    (Fate.FILLED, Side.SELL): "Filled: sold {filled} {base}.",
    (Fate.PARTLY, Side.BUY): "Bought {filled} more of {qty} {base}; the rest still works.",
    (Fate.PARTLY, Side.SELL): "Sold {filled} more of {qty} {base}; the rest still works.",
    (Fate.ENDED, Side.BUY): "Ended: a buy of {qty} {base}; {filled} filled meanwhile.",
    (Fate.ENDED, Side.SELL): "Ended: a sell of {qty} {base}; {filled} filled meanwhile.",
    (Fate.ARRIVED, Side.BUY): "Arrived: the buy of {qty} {base} whose answer was lost.",
    (Fate.ARRIVED, Side.SELL): "Arrived: the sell of {qty} {base} whose answer was lost.",
    (Fate.NEVER_ARRIVED, Side.BUY): "Not arrived: the buy of {qty} {base}. Send it again if you still want it.",
    (Fate.NEVER_ARRIVED, Side.SELL): "Not arrived: the sell of {qty} {base}. Send it again if you still want it.",
}


def title_of(report: Reconciled, name: str) -> Sentence:
    """Return that the connection is back, and how much happened meanwhile."""
    away = fmt.age(int(report.seconds * NANOS_PER_SECOND))
    count = len(report.changes)
    if not count:
        return say("{name} is back after {away}: nothing happened to your orders.", name=name, away=away)
    if count == 1:
        return say("{name} is back after {away}: one order changed.", name=name, away=away)
    return say("{name} is back after {away}: {count} orders changed.", name=name, away=away, count=count)


def line_of(change: Change, pairs: Mapping[str, TradingPair]) -> Sentence:
    """Return what became of one order."""
    pair = pairs.get(change.symbol)
    base = change.symbol.partition("/")[0]
    filled = fmt.quantity(pair, change.filled) if pair is not None else str(change.filled)
    qty = fmt.quantity(pair, change.qty) if pair is not None else str(change.qty)
    return Sentence(_WORDS[change.fate, change.side], {"filled": filled, "qty": qty, "base": base})


def tone_of(report: Reconciled) -> str:
    """Return how worrying it is."""
    fates = {each.fate for each in report.changes}
    return "error" if Fate.NEVER_ARRIVED in fates else "warn" if Fate.ENDED in fates else "good"
