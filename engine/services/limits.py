"""Risk limits as the settings have them, in the units of the engine."""

from __future__ import annotations

from decimal import Decimal

from engine.domain.asset import Asset
from engine.domain.number import Units
from engine.domain.order import AccountId
from engine.errors import InvalidInput, InvalidSetting
from engine.market.catalogue import PAIRS
from engine.risk.limits import LimitBook, RiskLimits, Scope
from engine.risk.rules import RULES, Rule, Unit
from engine.settings import Settings

SHAPES = '"RULE PAIR", "RULE ACCOUNT" or "RULE ACCOUNT PAIR"'


def limits_of(settings: Settings) -> LimitBook:
    """Return the pre-trade limits; they hold on every market of the catalogue, listed now or not.

    Raises:
        InvalidSetting: a limit names an asset, pair or rule that there is not.
    """
    risk = settings.risk
    bases = {spec.pair.base.code: spec.pair.base for spec in PAIRS}
    quote = PAIRS[0].pair.quote
    for code in risk.max_order_qty:
        if code not in bases:
            raise InvalidSetting(
                f"risk.max_order_qty names {code!r}, which is not traded here; choose from {', '.join(bases)}."
            )

    def units(amount: Decimal | None) -> Units | None:
        return None if amount is None else quote.units(amount)

    default = RiskLimits(
        max_order_qty={code: bases[code].units(amount) for code, amount in risk.max_order_qty.items()},
        max_order_value=units(risk.max_order_value),
        max_position_value=units(risk.max_position_value),
        max_open_orders=risk.max_open_orders,
        max_price_deviation_bps=risk.max_price_deviation_bps,
        max_daily_loss=units(risk.max_daily_loss),
        max_exposure=units(risk.max_exposure),
        max_orders_per_minute=risk.max_orders_per_minute,
        max_drawdown=units(risk.max_drawdown),
    )
    special: dict[Scope, dict[str, int]] = {}
    for name, amount in risk.special.items():
        rule, scope, value = _special(name, amount, quote)
        special.setdefault(scope, {})[rule] = value
    return LimitBook(default, special)


def _special(name: str, amount: Decimal, quote: Asset) -> tuple[str, Scope, int]:
    key, *rest = name.split()
    rules = {rule.key: rule for rule in RULES}
    if key not in rules or not 1 <= len(rest) <= 2:
        raise InvalidSetting(f"risk.special has {name!r}; expected {SHAPES}, where RULE is one of {', '.join(rules)}.")
    rule = rules[key]
    pairs = [word for word in rest if "/" in word]
    accounts = [AccountId(word) for word in rest if "/" not in word]
    traded = {spec.symbol: spec.pair for spec in PAIRS}
    if len(pairs) > 1 or len(accounts) > 1 or any(pair not in traded for pair in pairs):
        raise InvalidSetting(f"risk.special has {name!r}; expected {SHAPES}, where PAIR is one of {', '.join(traded)}.")
    if pairs and not rule.for_one_pair:
        what = rule.title.lower()
        raise InvalidSetting(f"risk.special has {name!r}; {what} counts over all pairs, leave the pair out.")
    if rule.unit is Unit.BASE and not pairs:
        raise InvalidSetting(f"risk.special has {name!r}; a quantity needs a pair.")
    base = traded[pairs[0]].base if pairs else quote
    scope = Scope(accounts[0] if accounts else None, pairs[0] if pairs else None)
    return key, scope, _value(name, rule, amount, base, quote)


def _value(name: str, rule: Rule, amount: Decimal, base: Asset, quote: Asset) -> int:
    try:
        if rule.unit is Unit.MONEY:
            return quote.units(amount)
        if rule.unit is Unit.BASE:
            return base.units(amount)
    except InvalidInput as error:
        raise InvalidSetting(f"risk.special, {name!r}: {error}") from error
    if amount != int(amount):
        raise InvalidSetting(f"risk.special has {name!r} = {amount}; expected a whole number.")
    return int(amount)
