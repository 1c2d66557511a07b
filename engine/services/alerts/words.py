"""What an alert says: in the list, and when it is met."""

from __future__ import annotations

from decimal import Decimal

from engine.domain.pair import TradingPair
from engine.services.alerts.alert import Alert, Cross, LineRule, PriceRule, PriceSource, Rule

VERBS = {Cross.UP: "rose to", Cross.DOWN: "fell to", Cross.EITHER: "crossed"}
SOURCES = {PriceSource.LAST: "Price", PriceSource.BID: "Best bid", PriceSource.ASK: "Best ask"}


def condition(rule: Rule, pair: TradingPair) -> str:
    """Return what is waited for, e.g. `Price rises to 64,250.00`."""
    return _sentence(rule, pair, {each: each.value for each in Cross})


def told(alert: Alert, pair: TradingPair) -> str:
    """Return what happened, the user's note first."""
    happened = f"{pair.symbol}: {_sentence(alert.rule, pair, VERBS)}"
    return f"{alert.note} ({happened})" if alert.note else happened


def _sentence(rule: Rule, pair: TradingPair, verbs: dict[Cross, str]) -> str:
    verb = verbs[rule.cross]
    if isinstance(rule, PriceRule):
        return f"{SOURCES[rule.source]} {verb} {_grouped(pair.price_text(rule.level))}"
    if isinstance(rule, LineRule):
        return f"Price {verb} a drawn line"
    values = ", ".join(str(each) for each in rule.values.values())
    name = f"{rule.indicator}({values})" if values else rule.indicator
    target = rule.other if rule.other is not None else _number(rule.level or 0.0)
    return f"{name} {rule.output} on {rule.timeframe} {verb} {target}"


def _number(value: float) -> str:
    """Return a level as short as it is exact, without an exponent."""
    return _grouped(f"{Decimal(repr(value)).normalize():f}")


def _grouped(text: str) -> str:
    """Return a plain decimal text with thousands separators."""
    whole, point, places = text.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}{point}{places}"
