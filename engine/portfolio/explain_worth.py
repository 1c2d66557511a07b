"""Where equity and the day's profit come from: every balance, the price it is valued at, and how old that is.

The terms are in units of the currency of valuation and add up to the equity exactly, as every balance is rounded
down on its own (see `engine.portfolio.equity`). What has no price is named and counts as nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from engine.domain.account import Balance
from engine.domain.asset import Asset
from engine.domain.day import DayOpened, HeldThen, PricedThen
from engine.domain.number import Nanos, Ticks, Units
from engine.domain.order import AccountId
from engine.portfolio.equity import Valuation, at_price
from engine.portfolio.explain import Price
from engine.portfolio.term import Explanation, Term, instant, plain, total_of


class Worth(NamedTuple):
    """What was held at an instant, and the prices that it was valued at."""

    at: Nanos
    balances: Mapping[str, Balance]
    prices: Mapping[str, Price]
    """By symbol."""


def day_opened(account: AccountId, equity: Units, worth: Worth) -> DayOpened:
    """Return a day's opening as it is journaled."""
    held = tuple(HeldThen(asset, *balance) for asset, balance in worth.balances.items())
    prices = tuple(PricedThen(symbol, *price) for symbol, price in worth.prices.items())
    return DayOpened(account, equity, held, prices, worth.at)


def worth_then(opened: DayOpened) -> Worth:
    """Return what was held when a journaled day was opened."""
    balances = {each.asset: Balance(each.free, each.locked) for each in opened.held}
    prices = {each.symbol: Price(each.ticks, each.source, each.age) for each in opened.prices}
    return Worth(opened.at, balances, prices)


def equity(valuation: Valuation, assets: Mapping[str, Asset], worth: Worth) -> Explanation:
    """Explain the worth of everything held.

    Args:
        valuation: as the equity was computed.
        assets: by code, those of all balances and the currency.
        worth: what is held, at which prices.
    """
    currency = assets[valuation.currency]
    total = total_of("Equity", _balances(valuation, assets, worth), f"valued {instant(worth.at)} UTC of the market")
    return Explanation(
        title=f"Equity in {currency.code}",
        formula="the sum over all balances of: free + locked, times its last price, rounded down",
        asset=currency,
        total=total,
        shown=plain(currency, total.amount),
    )


def day_profit(
    valuation: Valuation, assets: Mapping[str, Asset], now: Worth, opening: Worth | None, deposited: int = 0
) -> Explanation:
    """Explain the change of equity since the opening of the venue's day.

    Args:
        valuation: as the equity was computed.
        assets: by code, those of all balances and the currency.
        now: what is held, at which prices.
        opening: the same when the day was opened; None if it was not yet, then there is no profit.
        deposited: what was paid in since then, in units of the currency; no profit.
    """
    currency = assets[valuation.currency]
    terms: list[Term] = []
    if opening is not None:
        today = equity(valuation, assets, now).total
        before = total_of("", [_negative(each) for each in _balances(valuation, assets, opening)])
        how = f"valued {instant(opening.at)} UTC of the market: its midnight, or when the account was first valued"
        terms = [today, before._replace(label="Equity at the opening of the day", how=how)]
        if deposited:
            terms.append(Term("Paid in since then", Units(-deposited), "is no profit"))
    total = total_of("Profit of the day", terms, "equity - equity at the opening of the day - what was paid in")
    return Explanation(
        title=f"Profit of the day in {currency.code}",
        formula="equity now - equity at the opening of the venue's day (UTC) - what was paid in since",
        asset=currency,
        total=total,
        shown=plain(currency, total.amount),
    )


def _negative(term: Term) -> Term:
    return term._replace(amount=Units(-term.amount))


def _balances(valuation: Valuation, assets: Mapping[str, Asset], worth: Worth) -> Sequence[Term]:
    last = {symbol: price.ticks for symbol, price in worth.prices.items()}
    return [
        _balance(valuation, assets[code], balance, worth, last)
        for code, balance in worth.balances.items()
        if balance.total or code == valuation.currency
    ]


def _balance(valuation: Valuation, asset: Asset, balance: Balance, worth: Worth, last: Mapping[str, Ticks]) -> Term:
    held = f"{plain(asset, balance.free)} free + {plain(asset, balance.locked)} locked"
    path = valuation.path(asset.code, last)
    if path is None:
        return Term(asset.code, Units(0), f"{held}; no price leads to {valuation.currency}: counts as nothing")
    units: int = balance.total
    steps = [held]
    for pair in path:
        units = at_price(pair, units, last[pair.symbol])
        steps.append(f"x {worth.prices[pair.symbol].told(pair)} {pair.symbol}, rounded down")
    return Term(asset.code, Units(units), " ".join(steps) if path else held)
