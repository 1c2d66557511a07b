"""What an account is worth in one currency, and how much of that came today.

Everything is valued at last prices. The worth of an amount is rounded down to a unit of the currency, so
a portfolio never shows more than it could bring; what has no price is named, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from engine.domain.account import Balance
from engine.domain.number import NANOS_PER_SECOND, Nanos, Ticks, Units
from engine.domain.pair import TradingPair

DAY = 86_400 * NANOS_PER_SECOND
"""A day of the venue, midnight to midnight UTC."""

LastPrices = Mapping[str, Ticks]
"""The last price by symbol; a pair without one is absent."""


class Equity(NamedTuple):
    """The worth of a set of balances; `unpriced` names the assets that count as nothing for lack of a price."""

    units: Units
    unpriced: tuple[str, ...]


class Valuation:
    """Values amounts in one currency, through pairs quoted in it or in something that is."""

    def __init__(self, pairs: Iterable[TradingPair], currency: str) -> None:
        self.currency = currency
        self._quoting: dict[str, list[TradingPair]] = {}
        for pair in pairs:
            self._quoting.setdefault(pair.base.code, []).append(pair)

    def path(self, asset: str, last: LastPrices) -> tuple[TradingPair, ...] | None:
        """Return the pairs through which an asset is valued, none for the currency itself; None without a chain.

        A pair quoted in the currency itself is preferred; otherwise one step through another asset is taken.
        """
        if asset == self.currency:
            return ()
        pairs = [pair for pair in self._quoting.get(asset, ()) if pair.symbol in last]
        for pair in pairs:
            if pair.quote.code == self.currency:
                return (pair,)
        for pair in pairs:
            for onward in self._quoting.get(pair.quote.code, ()):
                if onward.quote.code == self.currency and onward.symbol in last:
                    return (pair, onward)
        return None

    def value(self, asset: str, units: int, last: LastPrices) -> Units | None:
        """Return the worth of an amount, rounded down at every step; None if no chain of last prices leads there."""
        path = self.path(asset, last)
        if path is None:
            return None
        for pair in path:
            units = at_price(pair, units, last[pair.symbol])
        return Units(units)

    def equity(self, balances: Mapping[str, Balance], last: LastPrices) -> Equity:
        """Return the worth of all balances, free and locked together."""
        total, unpriced = 0, []
        for asset, balance in balances.items():
            worth = self.value(asset, balance.total, last)
            if worth is not None:
                total += worth
            elif balance.total:
                unpriced.append(asset)
        return Equity(Units(total), tuple(unpriced))


def at_price(pair: TradingPair, units: int, ticks: int) -> Units:
    """Return an amount of the pair's base in quote units at a price, rounded down."""
    return Units(units * ticks * pair.notional_unit // pair.lot_unit)


class DayMark:
    """The equity at the opening of the venue's day, from which the day's profit counts.

    Money paid in or out is no profit: tell `deposited`. Without an opening the profit is 0.
    """

    def __init__(self) -> None:
        self._day: int | None = None
        self._opening = 0

    @classmethod
    def of(cls, at: Nanos, opening: Units) -> DayMark:
        """Return the mark of a day that was opened at an instant."""
        mark = cls()
        mark.mark(at, opening)
        return mark

    @property
    def opening(self) -> Units | None:
        """The equity at the opening, deposits since then included; None before the first mark."""
        return Units(self._opening) if self._day is not None else None

    def mark(self, now: Nanos, equity: Units) -> bool:
        """Note the equity at `now`; return whether a day was opened (the first, another, or an earlier one)."""
        day = now // DAY
        if day == self._day:
            return False
        self._day, self._opening = day, equity
        return True

    def deposited(self, units: Units) -> None:
        """Count what was paid in (negative: out) as no profit; in units of the currency."""
        self._opening += units

    def pnl(self, equity: Units) -> Units:
        """Return the profit of the day so far."""
        return Units(equity - self._opening) if self._day is not None else Units(0)
