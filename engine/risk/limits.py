"""What an account may send: declared limits, each off unless set. Money in units of the valuation currency.

Limits hold for everybody, for one account, for one pair, or for one pair in one account; the narrowest that is
set is the one that counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import NamedTuple

from engine.domain.number import Units
from engine.domain.order import AccountId
from engine.domain.pair import TradingPair
from engine.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """What the pre-trade gate refuses; a limit that is None (or absent) refuses nothing.

    Raises:
        InvalidInput: a limit is negative.
    """

    max_order_qty: Mapping[str, Units] = field(default_factory=dict)
    """The largest quantity of one order by base asset, in base units."""
    max_order_value: Units | None = None
    """The largest value of one order."""
    max_position_value: Units | None = None
    """The largest value held in one pair once the order and all open buys have filled."""
    max_open_orders: int | None = None
    """How many orders may rest or wait at once, over all pairs."""
    max_price_deviation_bps: int | None = None
    """How far on the costly side of the market an order may trade, in 1/100 of a percent."""
    max_daily_loss: Units | None = None
    """The loss of a day from which on only what reduces risk passes."""
    max_exposure: Units | None = None
    """The largest value held in all pairs together once the order and all open buys have filled."""
    max_orders_per_minute: int | None = None
    """How many orders may be accepted within a minute of the venue's time."""
    max_drawdown: Units | None = None
    """How far the account may fall from the day's best value before only what reduces risk passes."""

    def __post_init__(self) -> None:
        scalars = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "max_order_qty"}
        by_asset = {f"max_order_qty[{asset}]": units for asset, units in self.max_order_qty.items()}
        for name, limit in {**scalars, **by_asset}.items():
            _check(name, limit)


def _check(name: str, limit: int | None) -> None:
    if limit is not None and limit < 0:
        raise InvalidInput(f"{name} must be at least 0, not {limit}; leave it out to switch the limit off.")


class Scope(NamedTuple):
    """For whom a special limit is; None = every account, every pair."""

    account: AccountId | None
    symbol: str | None

    @property
    def words(self) -> str:
        """For whom it is, in words."""
        parts = [f"{self.symbol}" if self.symbol else "", f"account {self.account}" if self.account else ""]
        return " in ".join(part for part in parts if part)


class Limit(NamedTuple):
    """The limit that counts, and for whom it was set (empty: for everybody)."""

    value: int
    scope: str = ""


@dataclass(frozen=True, slots=True)
class LimitBook:
    """The limits of a profile: those for everybody, and special ones by scope and rule."""

    default: RiskLimits = RiskLimits()
    special: Mapping[Scope, Mapping[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for scope, limits in self.special.items():
            for name, limit in limits.items():
                _check(f"{name} for {scope.words}", limit)

    def effective(self, rule: str, account: AccountId, pair: TradingPair) -> Limit | None:
        """Return the limit of a rule that counts for an order, the narrowest one that is set; None if none is."""
        symbol = pair.symbol
        for scope in (Scope(account, symbol), Scope(None, symbol), Scope(account, None)) if self.special else ():
            value = self.special.get(scope, {}).get(rule)
            if value is not None:
                return Limit(value, scope.words)
        found = getattr(self.default, rule)
        value = found.get(pair.base.code) if isinstance(found, Mapping) else found
        return None if value is None else Limit(value)


NO_LIMITS = RiskLimits()
"""Every limit off."""
